package crash

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/integration/service"
)

const pairLedgers = 2

// startPair runs two processes on one keyspace, which share the ledgers; there is stock.
func startPair(t *testing.T, lease time.Duration) (first, second *service.Process) {
	t.Helper()
	_, first, second = startPairAt(t, lease)
	return first, second
}

func startPairAt(t *testing.T, lease time.Duration) (site *service.Site, first, second *service.Process) {
	t.Helper()
	st := suite.Stack(t)
	site = suite.OnServers(t, st, st, "--lease="+lease.String(), "--reservation-ledgers="+strconv.Itoa(pairLedgers))
	first, second = site.Launch(), site.Beside().Launch()
	for _, p := range []*service.Process{first, second} {
		if err := p.AwaitLedgers(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	mustDecide(t, first, put("/inventory/warehouses/W1", map[string]any{"region": "south", "rank": 1}))
	mustDecide(t, first, receive("A", 10, "k"))
	mustOwn(t, first, func(here, all int) bool { return here > 0 && here < all })
	return site, first, second
}

// mustOwnAll waits until a process owns all ledgers.
func mustOwnAll(t *testing.T, p *service.Process) {
	t.Helper()
	mustOwn(t, p, func(here, all int) bool { return here == all && all > 0 })
}

// mustOwn waits until a process owns so many of the ledgers.
func mustOwn(t *testing.T, p *service.Process, enough func(here, all int) bool) {
	t.Helper()
	var here, all int
	err := eventually(func() (bool, error) {
		var errs [2]error
		here, errs[0] = ledgers(p, "?here=true")
		all, errs[1] = ledgers(p, "")
		return enough(here, all), errors.Join(errs[:]...)
	})
	if err != nil {
		t.Fatalf("process %d owns %d of %d ledgers: %v\n%s", p.PID(), here, all, err, p.Said())
	}
}

// ledgers counts those that a process lists.
func ledgers(p *service.Process, query string) (n int, err error) {
	a, err := get("/admin/ledgers" + query).decide(p)
	if err != nil {
		return 0, err
	}
	var found struct{ Ledgers []any }
	err = a.Into(&found)
	return len(found.Ledgers), err
}

// mustDecide has a request answered with success.
func mustDecide(t *testing.T, p *service.Process, r Request) service.Answer {
	t.Helper()
	a, err := r.decide(p)
	if err != nil || a.Status >= http.StatusBadRequest {
		t.Fatalf("%s: %s %v\n%s", r, a, err, p.Said())
	}
	return a
}

// reserve asks for units of a SKU.
func reserve(order, sku string, quantity int64) Request {
	return post("/inventory/reserve", map[string]any{"order_id": order, "items": []item{{SKU: sku, Quantity: quantity}}})
}

// receive brings units of a SKU in.
func receive(sku string, quantity int64, key string) Request {
	r := post("/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": "W1", "adjustment_type": "RECEIPT", "qty_delta": quantity})
	r.Header = service.Header{"Idempotency-Key": key, "Inventory-Actor": "crash"}
	return r
}

func about(verb, id string) Request { return (&order{id: id}).request(whole(verb)) }

// statusOf is the status of an order that was answered.
func statusOf(a service.Answer) string {
	var told struct{ Status string }
	if a.Status >= http.StatusBadRequest || a.Into(&told) != nil {
		return ""
	}
	return told.Status
}

// units are what there is of a SKU.
type units struct {
	OnHand int64 `json:"on_hand"`
	Held   int64
}

func checkStock(t *testing.T, p *service.Process, sku string, want units) {
	t.Helper()
	a := mustDecide(t, p, get("/inventory/"+sku))
	var got units
	if err := a.Into(&got); err != nil || got != want {
		t.Errorf("stock of %s: expected %+v, found %s %v", sku, want, a, err)
	}
}

// members lists who is in a site's consumer group.
func members(t *testing.T, site *service.Site) []string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(site.Brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ask := kmsg.NewPtrDescribeGroupsRequest()
	ask.Groups = []string{site.Group}
	found, err := ask.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, g := range found.Groups {
		for _, m := range g.Members {
			ids = append(ids, m.MemberID)
		}
	}
	slices.Sort(ids)
	return ids
}

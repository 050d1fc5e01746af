package crash

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/integration/service"
)

// startPair runs two processes on one keyspace; the first owns the ledgers, and has stock.
func startPair(t *testing.T, lease time.Duration) (first, second *service.Process) {
	t.Helper()
	_, first, second = startPairAt(t, lease)
	return first, second
}

func startPairAt(t *testing.T, lease time.Duration) (site *service.Site, first, second *service.Process) {
	t.Helper()
	st := suite.Stack(t)
	site = suite.OnServers(t, st, st, "--lease="+lease.String(), "--reservation-ledgers=2")
	first = site.Launch()
	mustTakeOver(t, first)
	mustDecide(t, first, put("/inventory/warehouses/W1", map[string]any{"region": "south", "rank": 1}))
	mustDecide(t, first, receive("A", 10, "k"))
	second = site.Beside().Launch()
	mustStandBy(t, second)
	return site, first, second
}

// mustStandBy waits until a process says that it is not ready because it stands by.
func mustStandBy(t *testing.T, p *service.Process) {
	t.Helper()
	var last error
	err := eventually(func() (bool, error) {
		select {
		case <-p.Gone():
			return false, errGone
		default:
		}
		last = p.Client().Check(t.Context(), "ledgers")
		return last != nil && strings.HasSuffix(last.Error(), "standing by"), nil
	})
	if err != nil {
		t.Fatalf("process %d does not stand by: %v, %v\n%s", p.PID(), err, last, p.Said())
	}
}

// mustTakeOver waits until a process owns the ledgers.
func mustTakeOver(t *testing.T, p *service.Process) {
	t.Helper()
	if err := p.AwaitLedgers(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// mustDecide has a request answered with success.
func mustDecide(t *testing.T, p *service.Process, r request) service.Answer {
	t.Helper()
	a, err := r.decide(p)
	if err != nil || a.Status >= http.StatusBadRequest {
		t.Fatalf("%s: %s %v\n%s", r, a, err, p.Said())
	}
	return a
}

// reserve asks for units of a SKU.
func reserve(order, sku string, quantity int64) request {
	return post("/inventory/reserve", map[string]any{"order_id": order, "items": []item{{SKU: sku, Quantity: quantity}}})
}

// receive brings units of a SKU in.
func receive(sku string, quantity int64, key string) request {
	r := post("/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": "W1", "adjustment_type": "RECEIPT", "qty_delta": quantity})
	r.header = service.Header{"Idempotency-Key": key, "Inventory-Actor": "crash"}
	return r
}

func about(verb, id string) request { return (&order{id: id}).request(whole(verb)) }

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

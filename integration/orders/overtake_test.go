package orders

import (
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/integration/service"
	"inventory/ports"
)

func TestAPickThatOvertakesItsOrderOutlivesTheProcessOnTheEmbeddedDefault(t *testing.T) {
	overtakeAndKill(t, suite.Embedded(t))
}

func TestAPickThatOvertakesItsOrderOutlivesTheProcessOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	overtakeAndKill(t, suite.OnServers(t, st, st, "--lease=1s"))
}

// overtakeAndKill sends a pick, kills the service when the pick is consumed, and then sends
// its order.
func overtakeAndKill(t *testing.T, s *service.Site) {
	m := newMarket(t, s, 1)
	m.Killed, m.idle = true, true
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	m.locked(func() { m.pick(pick{order: orderID(0), early: true}, 1) })
	awaitParked(t, p, 1)
	awaitCommitted(t, s, 1)
	p.Kill()
	s.Check(p)
	p = s.Start()
	m.create(orderID(0), picked{place{sku(1), "HCM"}, 2}, picked{place{sku(2), "HAN"}, 1})
	m.Await()
	if told := m.told(orderID(0)); told != "reserved, confirmed" || len(m.letters) > 0 {
		t.Errorf("%s, and the letters %v", told, m.letters)
	}
	// Real Kafka never brings again what is committed: the pick was in the journal. The
	// embedded broker goes back a little when it was killed.
	if again := parked(t, p); s.Name == "real" && again > 0 {
		t.Errorf("%d picks were parked after the restart", again)
	}
	m.audit(p)
}

func (m *Market) locked(do func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	do()
}

// create sends an order.
func (m *Market) create(id string, wanted ...picked) {
	var items []map[string]any
	for _, it := range wanted {
		items = append(items, map[string]any{"sku": it.sku, "quantity": it.units, "warehouse_id": it.warehouse})
	}
	m.locked(func() { m.send(ports.OrderCreatedTopic, id, map[string]any{"items": items}) })
}

// awaitTold waits until orders' outcomes are as told.
func (m *Market) awaitTold(want map[string]string) {
	m.t.Helper()
	m.awaitThat(func() (missing []string) {
		for order, told := range want {
			if got := m.told(order); got != told {
				missing = append(missing, order+": "+told+" after "+got)
			}
		}
		return missing
	})
}

// awaitLetters waits until each key has a letter, and returns all letters.
func (m *Market) awaitLetters(keys ...string) map[string][]heard {
	m.t.Helper()
	m.awaitThat(func() (missing []string) {
		for _, key := range keys {
			if len(m.letters[key]) == 0 {
				missing = append(missing, key)
			}
		}
		return missing
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.letters)
}

// parkedPicks finds the counter of parked picks in /metrics.
var parkedPicks = regexp.MustCompile(`(?m)^inventory_order_commands_total\{[^}]*outcome="parked"[^}]*\} (\d+)$`)

// parked is how many picks a process has parked.
func parked(t *testing.T, p *service.Process) int {
	t.Helper()
	a, err := p.Client().Ask(t.Context(), http.MethodGet, "/metrics", nil, nil)
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("/metrics: %s %v", a, err)
	}
	found := parkedPicks.FindSubmatch(a.Body)
	if found == nil {
		return 0
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func awaitParked(t *testing.T, p *service.Process, n int) {
	t.Helper()
	poll(t, func() bool { return parked(t, p) >= n })
}

// awaitCommitted waits until the service's group has committed offsets that amount to n
// records.
func awaitCommitted(t *testing.T, s *service.Site, n int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	poll(t, func() bool { return committed(t, client, s.Group) >= n })
}

func committed(t *testing.T, client *kgo.Client, group string) (n int64) {
	t.Helper()
	ask := kmsg.NewPtrOffsetFetchRequest()
	ask.Group = group // to older brokers
	of := kmsg.NewOffsetFetchRequestGroup()
	of.Group = group
	ask.Groups = append(ask.Groups, of)
	found, err := ask.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range found.Topics {
		for _, partition := range topic.Partitions {
			n += max(0, partition.Offset)
		}
	}
	for _, g := range found.Groups {
		for _, topic := range g.Topics {
			for _, partition := range topic.Partitions {
				n += max(0, partition.Offset)
			}
		}
	}
	return n
}

// poll asks until the answer is yes.
func poll(t *testing.T, ask func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !ask() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal("not within a minute")
		}
	}
}

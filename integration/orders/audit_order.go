package orders

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"inventory/domain/reservation"
	"inventory/integration/service"
	"inventory/ports"
)

// checkFates: each order was decided once, and its events account for each unit.
func (m *Market) checkFates() {
	m.t.Helper()
	if len(m.orders) != m.n {
		m.t.Errorf("outcomes of %d orders, %d were sent", len(m.orders), m.n)
	}
	for id := range m.orders {
		f := m.fate(id)
		if f.reserved+f.rejected != 1 || f.early {
			m.t.Errorf("order %s: %s", id, m.told(id))
		}
		for at, units := range f.asked {
			if f.left[at] != 0 || f.picked[at] > units {
				m.t.Errorf("order %s: of %d units of %s reserved in %s its events leave %d held, and %d left: %s",
					id, units, at.sku, at.warehouse, f.left[at], f.picked[at], m.told(id))
			}
		}
		for at, units := range f.picked {
			if f.asked[at] == 0 {
				m.t.Errorf("order %s: %d units of %s left %s, and none was reserved there", id, units, at.sku, at.warehouse)
			}
		}
		m.checkWarned(id, f)
		for _, h := range m.orders[id] {
			if h.Headers["traceparent"] == "" {
				m.t.Errorf("order %s: %s without traceparent", id, h.Topic)
			}
		}
	}
}

// checkWarned: a hold's end is announced once, and before it. A service that is down from the
// moment of the warning until the end has nothing to warn of any more.
func (m *Market) checkWarned(id string, f fate) {
	m.t.Helper()
	switch {
	case len(f.warned) > 1, len(f.warned) == 1 && f.warned[0] != f.ends, len(f.warned) == 0 && f.lapsed() && !m.Killed:
		m.t.Errorf("order %s: the end of its hold at %d was announced as %v: %s", id, f.ends, f.warned, m.told(id))
	}
}

// checkPicks: each pick is in effect, or a dead letter that says why it can't be.
func (m *Market) checkPicks() {
	m.t.Helper()
	alive := map[string]bool{} // orders, whether any pick of them is not buried
	for id, p := range m.picks {
		f := m.fate(p.order)
		if len(p.letters) == 0 && !p.inEffect(f) || len(p.letters) > p.sent {
			m.t.Errorf("%s, sent %d times: %d letters, and %s", id, p.sent, len(p.letters), m.told(p.order))
		}
		alive[p.order] = alive[p.order] || !p.buried()
		for _, h := range p.letters {
			if !p.mayBe(h.Headers["dlq_code"], f) || h.Key != p.order {
				m.t.Errorf("%s, a letter with the key %q and the headers %v, and %s", id, h.Key, h.Headers, m.told(p.order))
			}
		}
	}
	for order, any := range alive {
		// A record that is brought again after a crash is looked at anew: what was short may
		// be there by then.
		if f := m.fate(order); !any && !m.Killed && f.units() > 0 {
			m.t.Errorf("order %s: every pick is a dead letter, and %d units left: %s", order, f.units(), m.told(order))
		}
	}
}

// mayBe tells whether an order's events leave room for a pick that died of a code.
func (p *pick) mayBe(code string, f fate) bool {
	switch code {
	case "UNKNOWN_ORDER":
		return p.early
	case "NOT_HELD":
		return f.reserved == 0
	case "SHORTAGE":
		return len(f.released) > 0
	case "OVER_PICK":
		return f.reserved > 0 && len(p.items)+len(p.warehouse) > 0
	case "AMBIGUOUS_PICK":
		return f.reserved > 0 && len(p.items) > 0 && p.items[0].warehouse == "" && p.warehouse == ""
	}
	return false
}

// checkOrders: the service says of each order what its events say.
func (m *Market) checkOrders(c *service.Client) {
	m.t.Helper()
	for id := range m.orders {
		var o struct {
			Status string
			Items  []struct {
				SKU         string
				WarehouseID string `json:"warehouse_id"`
				Picked      int64
			}
		}
		a, err := c.Decide(m.t.Context(), http.MethodGet, "/inventory/orders/"+id, nil, nil)
		if err == nil {
			err = a.Into(&o)
		}
		f, took := m.fate(id), map[place]int64{}
		for _, it := range o.Items {
			if it.Picked > 0 {
				took[place{it.SKU, it.WarehouseID}] += it.Picked
			}
		}
		if err != nil || o.Status != f.status() || !maps.Equal(took, f.picked) {
			m.t.Errorf("GET order %s: %s %v, its events say %s and %v: %s", id, a, err, f.status(), f.picked, m.told(id))
		}
	}
}

// told are an order's outcomes so far, in the order in which they happened. m.mu is held.
func (m *Market) told(order string) string {
	var all []string
	for _, h := range m.orders[order] {
		what := strings.TrimSuffix(strings.TrimPrefix(h.Topic, "inventory."), ".v1")
		switch {
		case h.Value.Late:
			what += " late"
		case h.Topic == ports.ReleasedTopic && h.Value.Reason == reservation.TTLExpired:
			what = "lapsed"
		}
		all = append(all, what)
	}
	return strings.Join(all, ", ")
}

// summary counts how orders ended.
func (m *Market) summary() string {
	counts := map[string]int{}
	for id := range m.orders {
		f := m.fate(id)
		how := f.status()
		if how == reservation.Confirmed.String() && !maps.Equal(f.picked, f.asked) {
			how += " in part"
		}
		if slices.ContainsFunc(m.orders[id], func(h heard) bool { return h.Value.Late }) {
			how += " late"
		}
		counts[how]++
	}
	return listed(counts)
}

// buried counts the picks that are dead letters.
func (m *Market) buried() string {
	counts := map[string]int{}
	for _, p := range m.picks {
		for _, h := range p.letters {
			counts[h.Headers["dlq_code"]]++
		}
	}
	return listed(counts)
}

func listed(counts map[string]int) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[what], what))
	}
	return strings.Join(parts, ", ")
}

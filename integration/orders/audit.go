package orders

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/integration/service"
	"inventory/ports"
)

// place is where units are.
type place struct{ sku, warehouse string }

// level is what there is at a place, in units.
type level struct{ onHand, held int64 }

// audit proves, with Check and CheckStore, what was heard, and has the service compare itself.
func (m *Market) audit(p *service.Process) {
	m.t.Helper()
	m.Check(p.Client())
	if out, err := m.site.Try("reconcile", "--server="+p.Client().Base(), "--json"); err != nil {
		m.t.Errorf("reconcile: %v\n%s", err, out)
	}
	m.site.Stop(p)
	m.CheckStore()
	if out, err := m.site.Try("reconcile", "--offline"); err != nil {
		m.t.Errorf("reconcile --offline: %v\n%s", err, out)
	}
}

// Check proves, from what was heard alone, that each order has one outcome, that each unit
// of it and each pick came to one end, that nothing is oversold, and that the sums of outcomes
// are what the service says.
func (m *Market) Check(c *service.Client) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.faults {
		m.t.Error(f)
	}
	m.checkFates()
	m.checkPicks()
	sums := m.sums()
	for at, l := range sums {
		if l.held < 0 || l.onHand < l.held {
			m.t.Errorf("%s in %s: the sums of outcomes are %d on hand and %d held", at.sku, at.warehouse, l.onHand, l.held)
		}
	}
	m.checkPublishedLevels()
	m.checkAPI(c, sums)
	m.checkOrders(c)
	m.t.Logf("%s: %d orders: %s; %d picks: %s; %d order events sent, %d events heard, %d of them again",
		m.site.Name, m.n, m.summary(), len(m.picks), m.buried(), m.acked, len(m.all), m.twice)
}

// CheckStore compares the tables with the sums of outcomes, once all is written.
func (m *Market) CheckStore() {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	sums := m.sums()
	m.site.Read(func(store service.Store) { m.checkTables(store, sums) })
}

// sums adds up what was received, held, released and picked.
func (m *Market) sums() map[place]level {
	sums := map[place]level{}
	for n := range skus {
		for _, w := range warehouses {
			sums[place{sku(n), w}] = level{onHand: filled}
		}
	}
	for _, events := range m.orders {
		for _, h := range events {
			for _, it := range h.Value.Items {
				at := place{it.SKU, it.WarehouseID}
				l := sums[at]
				switch h.Topic {
				case ports.ReservedTopic:
					l.held += it.Quantity
				case ports.ReleasedTopic:
					l.held -= it.Quantity
				case ports.ConfirmedTopic:
					l.onHand -= it.Quantity
					if !h.Value.Late {
						l.held -= it.Quantity
					}
				default:
					continue
				}
				sums[at] = l
			}
		}
	}
	return sums
}

// checkPublishedLevels: no level is oversold, and the last one is the newest, and the sum.
func (m *Market) checkPublishedLevels() {
	m.t.Helper()
	for _, h := range m.all {
		if h.Topic != ports.StockLevelTopic {
			continue
		}
		v := h.Value
		if h.Key != v.SKU+":"+v.WarehouseID {
			m.t.Errorf("a level of %s in %s has the key %q", v.SKU, v.WarehouseID, h.Key)
		}
		if v.Held > v.OnHand || v.Available != v.OnHand-v.Held {
			m.t.Errorf("published: %s in %s: %d on hand, %d held, %d available", v.SKU, v.WarehouseID, v.OnHand, v.Held, v.Available)
		}
	}
	for _, what := range m.missingLevels() {
		m.t.Errorf("published: %s", what)
	}
}

func (m *Market) checkAPI(c *service.Client, sums map[place]level) {
	m.t.Helper()
	for n := range skus {
		var s struct {
			Warehouses []struct {
				WarehouseID string `json:"warehouse_id"`
				OnHand      int64  `json:"on_hand"`
				Held        int64  `json:"held"`
			}
		}
		a, err := c.Decide(m.t.Context(), http.MethodGet, "/inventory/"+sku(n), nil, nil)
		if err == nil {
			err = a.Into(&s)
		}
		if err != nil || len(s.Warehouses) != len(warehouses) {
			m.t.Errorf("GET %s: %s %v", sku(n), a, err)
			continue
		}
		for _, w := range s.Warehouses {
			if want := sums[place{sku(n), w.WarehouseID}]; want != (level{w.OnHand, w.Held}) {
				m.t.Errorf("GET %s: %s has %d on hand and %d held, the sums of outcomes are %+v", sku(n), w.WarehouseID, w.OnHand, w.Held, want)
			}
		}
	}
}

// checkTables compares inventory.events and inventory.reservation with what was heard.
func (m *Market) checkTables(books ports.Books, sums map[place]level) {
	m.t.Helper()
	ctx := context.Background()
	for at, want := range sums {
		var got level
		err := books.Events(ctx, at.sku, at.warehouse, time.Now().Add(time.Hour), func(r ports.EventRow) error {
			switch r.EventType {
			case stock.Held.String():
				got.held += r.Quantity
			case stock.Released.String():
				got.held -= r.Quantity
			case stock.Confirmed.String():
				got.held -= r.Quantity
				got.onHand -= r.Quantity
			case stock.Adjusted.String():
				got.onHand += r.Quantity
			default:
				return fmt.Errorf("event type %s", r.EventType)
			}
			return nil
		})
		if err != nil || got != want {
			m.t.Errorf("inventory.events of %s in %s: %+v, the sums of outcomes are %+v, %v", at.sku, at.warehouse, got, want, err)
		}
	}
	for i := range m.n {
		id := orderID(i)
		row, ok, err := books.Reservation(ctx, reservation.IDOf(stock.OrderID(id)))
		f := m.fate(id)
		if err != nil || !ok || row.Status != f.status() {
			m.t.Errorf("inventory.reservation of %s: %s (found: %t, %v), its events say %s", id, row.Status, ok, err, f.status())
		}
	}
}

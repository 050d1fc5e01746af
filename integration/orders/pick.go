package orders

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"inventory/ports"
)

// sentAs is the header that says which event a record is: dead letters have it, too.
const sentAs = "sent-as"

// pick is a fulfilment event, and what became of it.
type pick struct {
	id        string
	order     string
	warehouse string // whose lines were picked; empty: all
	items     []picked
	early     bool // sent before the order, or of none
	late      bool // sent after some of the order was given back
	at        time.Time
	sent      int
	letters   map[string]heard // by letter id
}

// picked is an item of a pick; warehouse may be empty.
type picked struct {
	place
	units int64
}

// buried tells whether every record of the pick is a dead letter.
func (p *pick) buried() bool { return len(p.letters) >= p.sent }

// inEffect tells whether an order's events show what the pick said: those of one event at
// the least, and of each item as many units as it names.
func (p *pick) inEffect(f fate) bool {
	for _, it := range p.items {
		if !f.took(it) {
			return false
		}
	}
	if len(p.items) > 0 {
		return true
	}
	for at, units := range f.picked {
		if units > 0 && (p.warehouse == "" || p.warehouse == at.warehouse) {
			return true
		}
	}
	return false
}

// latePatience is how long a late pick may take that has no effect: nothing tells of its end.
const latePatience = 5 * time.Second

// underWay tells whether a late pick may still have an effect: that of what was picked before it
// shows already.
func (p *pick) underWay(events []heard) bool {
	return p.late && time.Since(p.at) < latePatience &&
		!slices.ContainsFunc(events, func(h heard) bool { return h.Value.Late && h.at.After(p.at) })
}

func (p *pick) fields() map[string]any {
	fields := map[string]any{}
	if p.warehouse != "" {
		fields["warehouse_id"] = p.warehouse
	}
	var items []map[string]any
	for _, it := range p.items {
		item := map[string]any{"sku": it.sku, "quantity": it.units}
		if it.warehouse != "" {
			item["warehouse_id"] = it.warehouse
		}
		items = append(items, item)
	}
	if items != nil {
		fields["items"] = items
	}
	return fields
}

// pick has a new fulfilment event sent, once or more. m.mu is held.
func (m *Market) pick(p pick, times int) {
	p.id = fmt.Sprintf("pick-%d-of-%s", len(m.picks), p.order)
	p.letters, p.at = map[string]heard{}, time.Now()
	m.picks[p.id] = &p
	for range times {
		p.sent++
		m.sendAs(p.id, ports.FulfilmentPickedTopic, p.order, p.fields())
	}
}

// bury takes a dead letter in.
func (m *Market) bury(line []byte) {
	var h heard
	if err := json.Unmarshal(line, &h); err != nil {
		m.t.Errorf("not a record: %.200s: %v", line, err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters[h.Key] = append(m.letters[h.Key], h)
	if p := m.picks[h.Headers[sentAs]]; p != nil {
		p.letters[h.Headers["dlq_letter_id"]] = h
	}
	m.tell()
}

// overtake sends picks of an order that comes half a second after the nth, and now and then one
// of an order that never comes. m.mu is held.
func (m *Market) overtake(n int) {
	if n%40 == 0 && n <= m.n/2 {
		m.pick(pick{order: fmt.Sprintf("nobody-%04d", n), early: true}, 1+n/40%2)
	}
	if n += m.PerSecond / 2; n >= m.n {
		return
	}
	p := pick{order: orderID(n), early: true}
	switch roll := m.dice("early " + p.order).IntN(100); {
	case roll < 5: // of everything
		m.pick(p, 1+roll%2)
	case roll < 7:
		p.warehouse = warehouses[roll%2]
		m.pick(p, 1)
	case roll < 10:
		first := m.wanted(n)[0]
		p.items = []picked{{place{sku: first["sku"].(string)}, 1}}
		m.pick(p, 1)
	}
}

// follow is what upstream services do about an outcome: some of what is held is picked, in
// whole or in parts, some is cancelled, the rest lapses; some of what was picked is
// cancelled all the same, and some of what has ended is picked. m.mu is held.
func (m *Market) follow(h heard) {
	if m.idle {
		return
	}
	roll, again := m.dice(h.Key).IntN(100), m.dice("again "+h.Key).IntN(100)
	switch h.Topic {
	case ports.ReservedTopic:
		if m.sent[ports.OrderCancelledTopic+" "+h.Key] == 0 { // before it was created
			m.serve(h, roll, again)
		}
	case ports.ConfirmedTopic:
		if again < 10 {
			m.send(ports.OrderCancelledTopic, h.Key, nil)
		}
	case ports.ReleasedTopic:
		if h.Value.Reason != "SHORT_PICK" && again < 25 {
			m.pick(pick{order: h.Key, late: true}, 1)
		}
	}
}

// serve picks a reserved order, cancels it, or leaves it to lapse. m.mu is held.
func (m *Market) serve(h heard, roll, again int) {
	cancel := map[string]any{"reason": []string{"PAYMENT_FAILED", "changed my mind"}[again%2]}
	held := heldIn(h)
	first := held[0]
	switch {
	case roll < 22:
		m.pick(pick{order: h.Key}, 1+max(0, 17-again)/17)
	case roll < 32: // each warehouse by itself
		for _, w := range warehousesOf(held) {
			m.pick(pick{order: h.Key, warehouse: w}, 1)
		}
	case roll < 37: // one of them, and the rest lapses
		m.pick(pick{order: h.Key, warehouse: first.warehouse}, 1)
	case roll < 47: // less than was asked for
		m.pick(pick{order: h.Key, items: m.less(h.Key, held)}, 1+again%2)
	case roll < 50: // nothing was found
		for i := range held {
			held[i].units = 0
		}
		m.pick(pick{order: h.Key, items: held}, 1)
	case roll < 53: // more than is held
		first.units++
		m.pick(pick{order: h.Key, items: []picked{first}}, 1)
	case roll < 57: // from wherever it is
		first.warehouse = ""
		m.pick(pick{order: h.Key, items: []picked{first}}, 1)
	case roll < 61: // cancelled half way
		m.pick(pick{order: h.Key, items: m.less(h.Key, held[:1])}, 1)
		m.send(ports.OrderCancelledTopic, h.Key, cancel)
	case roll < 70:
		m.send(ports.OrderCancelledTopic, h.Key, cancel)
	}
}

// less are fewer units of some items, or none.
func (m *Market) less(order string, items []picked) []picked {
	d := m.dice("less " + order)
	var all []picked
	for _, it := range items {
		it.units = d.Int64N(it.units + 1)
		all = append(all, it)
	}
	return all
}

// heldIn adds up what was reserved, by place.
func heldIn(h heard) []picked {
	units := map[place]int64{}
	for _, it := range h.Value.Items {
		units[place{it.SKU, it.WarehouseID}] += it.Quantity
	}
	var held []picked
	for at, n := range units {
		held = append(held, picked{at, n})
	}
	slices.SortFunc(held, func(a, b picked) int {
		return cmp.Or(cmp.Compare(a.warehouse, b.warehouse), cmp.Compare(a.sku, b.sku))
	})
	return held
}

func warehousesOf(items []picked) []string {
	all := map[string]bool{}
	for _, it := range items {
		all[it.warehouse] = true
	}
	return slices.Sorted(maps.Keys(all))
}

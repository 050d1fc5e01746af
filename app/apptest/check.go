package apptest

import (
	"context"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// check compares the answers, the journals and the tables when all has ended.
func (h *history) check(ctx context.Context) {
	v := &view{
		h: h, found: h.c.found, orders: map[stock.OrderID]*fate{}, levels: map[place]*naive{}, marks: map[place]mark{},
		fixed: map[place]int64{}, keys: map[ledger.UUID]done{},
	}
	for _, id := range h.c.chronicle.ids() {
		l, ok := v.read(ctx, id)
		if !ok {
			return
		}
		v.ledgers = append(v.ledgers, l)
	}
	v.checkMail()
	v.checkFates()
	v.checkBooks()
	v.checkStory()
	v.checkRows(ctx)
	v.checkPublished(h.c.world)
}

// view is all that the journals say.
type view struct {
	h       *history
	found   *findings
	ledgers []*told
	orders  map[stock.OrderID]*fate
	levels  map[place]*naive
	fixed   map[place]int64 // corrections by the service itself
	keys    map[ledger.UUID]done
	marks   map[place]mark
}

// done is an adjustment, and when it was in its journal.
type done struct {
	stock.Adjustment
	in time.Time
}

// naive is a stock level, added up from quantities alone.
type naive struct{ onHand, held int64 }

func (v *view) level(at place) *naive {
	l := v.levels[at]
	if l == nil {
		l = &naive{}
		v.levels[at] = l
	}
	return l
}

// told is what one journal says.
type told struct {
	id      ledger.ID
	entries []*ledger.Entry
	state   ledger.Machine // the fold of all entries
}

// fate is what became of an order.
type fate struct {
	events map[reservation.Event]int
	last   *reservation.Order  // as its last change made it
	end    reservation.Status  // as it is after its last change
	asked  map[place]int64     // units, by the events alone: reserved,
	left   map[place]int64     // still held,
	picked map[place]int64     // and picked, in time or late
	warned map[int64]bool      // the ends that were announced
	held   map[ledger.ID]int64 // units held and ended, by stock ledger
	ended  map[ledger.ID]int64
}

func (v *view) fate(id stock.OrderID) *fate {
	f := v.orders[id]
	if f == nil {
		f = &fate{events: map[reservation.Event]int{}, held: map[ledger.ID]int64{}, ended: map[ledger.ID]int64{}}
		f.asked, f.left, f.picked, f.warned = map[place]int64{}, map[place]int64{}, map[place]int64{}, map[int64]bool{}
		v.orders[id] = f
	}
	return f
}

// checkFates proves that each order was decided once, and that nothing is held for ever.
func (v *view) checkFates() {
	for id, f := range v.orders {
		e := f.events
		if e[reservation.ReservedEvent]+e[reservation.RejectedEvent] > 1 {
			v.found.add("order %s: reserved %d times and rejected %d times", id, e[reservation.ReservedEvent], e[reservation.RejectedEvent])
		}
		v.checkUnits(id, f)
		if f.end != 0 && f.end < reservation.Confirmed {
			v.found.add("order %s: %s for ever", id, f.end)
		}
		for at, n := range f.held {
			if n != f.ended[at] {
				v.found.add("order %s: %d units held in %s, and %d released or confirmed", id, n, at, f.ended[at])
			}
		}
	}
	for _, l := range v.ledgers {
		if s, ok := l.state.(*stock.State); ok {
			for order, items := range s.Holds() {
				v.found.add("order %s: %v held for ever in %s", order, items, l.id)
			}
		}
		if s, ok := l.state.(*reservation.State); ok {
			for p := range s.Parked {
				v.found.add("order %s: %d picks parked for ever", p.Order, len(p.Picks))
			}
		}
	}
}

// checkUnits proves that the order's events account for each unit that was reserved, and
// that the last of them agree with its state.
func (v *view) checkUnits(id stock.OrderID, f *fate) {
	var picked int64
	for at, n := range f.asked {
		if f.left[at] != 0 || f.picked[at] > n {
			v.found.add("order %s: of %d units of %s reserved in %s the events leave %d held, and %d are picked", id, n, at.sku, at.warehouse, f.left[at], f.picked[at])
		}
		picked += f.picked[at]
	}
	for at, n := range f.picked {
		if n > 0 && f.asked[at] == 0 {
			v.found.add("order %s: %d units of %s picked in %s, and none reserved", id, n, at.sku, at.warehouse)
		}
	}
	if told := picked > 0; told != (f.end == reservation.Confirmed) {
		v.found.add("order %s: its events say that %d units were picked, and it is %s", id, picked, f.end)
	}
}

// checkBooks compares what clients were told with the journals.
func (v *view) checkBooks() {
	want := map[place]int64{}
	for _, b := range v.h.orders {
		v.checkOrder(b, v.orders[stock.OrderID(b.id)])
		b.addTaken(want)
	}
	for p := range want {
		want[p] = -want[p]
	}
	for _, b := range v.h.keys {
		v.checkKey(b, want)
	}
	for p, n := range v.fixed {
		want[p] += n
	}
	for _, l := range v.ledgers {
		s, ok := l.state.(*stock.State)
		if !ok {
			continue
		}
		for sku, level := range s.Levels() {
			at := place{stock.WarehouseID(l.id.Scope()), sku}
			if level.OnHand() != want[at] {
				v.found.add("%s in %s: %d on hand, %d by the answers", sku, at.warehouse, level.OnHand(), want[at])
			}
		}
	}
}

func (v *view) checkOrder(b *orderBook, f *fate) {
	if f == nil {
		if b.knows(exists) || b.knows(wasHeld) {
			v.found.add("order %s: answered for, and not in any journal", b.id)
		}
		return
	}
	if b.asks.none() {
		v.found.add("order %s: refused without being tried, and yet %+v", b.id, *f)
	}
	reserved, rejections := f.events[reservation.ReservedEvent] > 0, f.events[reservation.RejectedEvent] > 0
	for _, one := range []struct {
		fact fact
		want bool
		may  bool // the journal may know what nobody was told
	}{
		{wasHeld, reserved, b.final},
		{neverHeld, !reserved, true},
		{rejected, rejections, true},
		{confirmed, f.end == reservation.Confirmed, false},
	} {
		if knows := b.knows(one.fact); knows != one.want && (knows || !one.may) {
			v.found.add("order %s: that %s was told: %t, by the journal: %t (%+v)", b.id, one.fact, knows, one.want, *f)
		}
	}
}

// checkKey compares what was done under an idempotency key, and adds it to want.
func (v *view) checkKey(b *keyBook, want map[place]int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	made, ok := v.keys[v.keyID(b)]
	switch {
	case ok && b.late(made.in):
		v.h.c.count("made by a late copy")
		want[place{stock.WarehouseID(b.first.WarehouseID), made.SKU}] += made.Delta
	case ok != (b.made != nil):
		v.found.add("adjustment %+v: answered with %v, by the journal made: %t (%+v)", b.first, b.made, ok, made)
	case ok && b.asks.none():
		v.found.add("adjustment %+v: refused without being tried, and yet made as %+v", b.first, made)
	case ok && made.Adjustment != *b.made:
		v.found.add("adjustment %+v: answered with %+v, made as %+v", b.first, *b.made, made)
	case ok:
		want[place{stock.WarehouseID(b.first.WarehouseID), made.SKU}] += made.Delta
	}
}

// keyID is the id of what was adjusted under a key.
func (v *view) keyID(b *keyBook) ledger.UUID {
	req := b.first
	for _, w := range append(warehouses[:len(warehouses):len(warehouses)], added) {
		if string(w.ID) == req.WarehouseID {
			return stock.Adjust{Ledger: w.LedgerOf(stock.SKU(req.SKU)), Actor: req.Actor, Key: req.Key}.ID()
		}
	}
	panic(fmt.Sprintf("apptest: unknown warehouse %s", req.WarehouseID))
}

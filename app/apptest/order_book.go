package apptest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// fact is something that an answer tells of an order, and that stays true.
type fact string

const (
	exists    fact = "it exists" // and will not be gone again
	wasHeld   fact = "it was held"
	neverHeld fact = "it was never held, and never will be"
	hasEnded  fact = "it has ended"
	confirmed fact = "it was confirmed"
	rejected  fact = "it was rejected"
	// These are of the moment.
	unknown  fact = "it does not exist"
	planned  fact = "it is planned"
	liveHeld fact = "it is held"
)

// never lists facts that can't both be told, whenever that is.
var never = [][2]fact{{wasHeld, neverHeld}, {rejected, wasHeld}, {rejected, confirmed}, {neverHeld, confirmed}}

// notAfter lists what can't be told any more (second) by whoever asks after the first was told.
var notAfter = [][2]fact{
	{exists, unknown}, {wasHeld, planned}, {hasEnded, planned}, {hasEnded, liveHeld}, {confirmed, liveHeld},
}

// orderBook is what clients asked and were told of one order.
type orderBook struct {
	h    *history
	id   string
	asks asks

	mu      sync.Mutex         // guards all below
	learnt  map[fact]int64     // the moment after which everybody may know
	final   bool               // an event asked for it
	invalid bool               // it was asked for with a warehouse that there is not
	last    app.ReserveRequest // that was made
	taken   []reservation.Line // as confirmed
}

// asks counts the commands about something that may have an effect.
type asks struct{ n atomic.Int64 }

// add counts one.
func (a *asks) add() { a.n.Add(1) }

// withdraw takes one back that was refused without being tried.
func (a *asks) withdraw() { a.n.Add(-1) }

// none tells that all were: there can be no trace of what they were about.
func (a *asks) none() bool { return a.n.Load() == 0 }

// keep notes a request that is about to be made.
func (b *orderBook) keep(req app.ReserveRequest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last, b.final = req, b.final || req.Final
	b.invalid = b.invalid || slices.ContainsFunc(req.Items, isNowhere)
}

// asked returns the last request; ok is false where there was none.
func (b *orderBook) asked() (req app.ReserveRequest, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last, b.last.OrderID != ""
}

// knows tells whether an answer told a fact.
func (b *orderBook) knows(f fact) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.learnt[f]
	return ok
}

// told notes the answer to a command about the order.
func (b *orderBook) told(what string, asked int64, o *reservation.Order, err error, items []app.ReserveItem) {
	facts := factsOf(o, err)
	if facts == nil {
		b.h.c.found.add("order %s: %s: unexpected answer %v, %v", b.id, what, o, err)
		return
	}
	if b.calledInvalid(o, err) && !b.namesNowhere(items) {
		b.h.c.found.add("order %s: %s: all warehouses exist, but the answer is %v, %v", b.id, what, o, err)
	}
	now := b.h.moments.next()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range facts {
		if m, ok := b.learnt[f]; !ok || now < m {
			b.learnt[f] = now
		}
	}
	for _, f := range facts {
		b.contradict(what, asked, f, o, err)
	}
	if err != nil {
		return
	}
	if unitsOf(o.Lines) > unitsOf(b.taken) {
		b.taken = o.Lines
	}
	if items != nil && o.HeldAt > 0 {
		b.sameItems(what, o, items)
	}
}

// calledInvalid tells whether an answer says that the order names what there is not.
func (b *orderBook) calledInvalid(o *reservation.Order, err error) bool {
	return errors.Is(err, app.ErrUnknownWarehouse) || err == nil && o.Status == reservation.Rejected && o.Reason == reservation.InvalidOrder
}

// namesNowhere tells whether the order was ever asked for with a warehouse that there is not.
func (b *orderBook) namesNowhere(items []app.ReserveItem) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.invalid || slices.ContainsFunc(items, isNowhere)
}

func isNowhere(it app.ReserveItem) bool { return it.WarehouseID == nowhere }

// contradict compares a fact that was just told with all that were told before; mu is held.
func (b *orderBook) contradict(what string, asked int64, f fact, o *reservation.Order, err error) {
	for _, pair := range never {
		_, first := b.learnt[pair[0]]
		_, second := b.learnt[pair[1]]
		if first && second && (f == pair[0] || f == pair[1]) {
			b.h.c.found.add("order %s: %s tells that %s, another answer that %s: %v, %v", b.id, what, f, other(pair, f), o, err)
		}
	}
	for _, pair := range notAfter {
		if m, ok := b.learnt[pair[0]]; ok && pair[1] == f && m < asked {
			b.h.c.found.add("order %s: %s, asked at %d, tells that %s; that %s was told by %d: %v, %v", b.id, what, asked, f, pair[0], m, o, err)
		}
	}
}

func other(pair [2]fact, f fact) fact {
	if pair[0] == f {
		return pair[1]
	}
	return pair[0]
}

// factsOf reads an answer; nil where there is no such answer.
func factsOf(o *reservation.Order, err error) []fact {
	switch {
	case err == nil:
		return factsOfOrder(o)
	case errors.Is(err, reservation.ErrRejected):
		return []fact{exists, hasEnded, rejected, neverHeld}
	case errors.Is(err, reservation.ErrCancelled), errors.Is(err, reservation.ErrNotHeld):
		return []fact{exists, hasEnded, neverHeld}
	case errors.Is(err, reservation.ErrHoldEnded):
		return []fact{exists}
	case errors.Is(err, reservation.ErrOverPick), errors.Is(err, reservation.ErrAmbiguousPick):
		return []fact{exists, wasHeld}
	case errors.Is(err, reservation.ErrShortage):
		return []fact{exists, hasEnded, wasHeld}
	case errors.Is(err, reservation.ErrInsufficient), errors.Is(err, reservation.ErrUnknownOrder):
		return []fact{unknown}
	case errors.Is(err, reservation.ErrMismatch), errors.Is(err, app.ErrUnknownWarehouse), errors.Is(err, app.ErrUnknownRegion):
		return []fact{}
	}
	return nil
}

func factsOfOrder(o *reservation.Order) []fact {
	if o == nil {
		return nil
	}
	var facts []fact
	if o.HeldAt > 0 {
		facts = append(facts, exists, wasHeld)
	}
	switch o.Status {
	case reservation.Planned:
		facts = append(facts, planned)
		if o.Final {
			facts = append(facts, exists)
		}
	case reservation.Held:
		facts = append(facts, liveHeld)
	case reservation.Confirmed:
		facts = append(facts, exists, hasEnded, confirmed)
	case reservation.Rejected:
		facts = append(facts, exists, hasEnded, rejected)
	case reservation.Released, reservation.Expired:
		facts = append(facts, exists, hasEnded)
	}
	if o.Ended() && o.HeldAt == 0 {
		facts = append(facts, neverHeld)
	}
	return facts
}

// sameItems checks that what was held is what was asked for.
func (b *orderBook) sameItems(what string, o *reservation.Order, items []app.ReserveItem) {
	want := map[string]int64{}
	for _, it := range items {
		want[it.SKU] += it.Quantity
		if it.WarehouseID != "" {
			want[it.SKU+" in "+it.WarehouseID] += it.Quantity
		}
	}
	for _, l := range o.Lines {
		want[string(l.SKU)] -= l.Quantity
		if l.Named {
			want[fmt.Sprintf("%s in %s", l.SKU, l.Warehouse)] -= l.Quantity
		}
	}
	for what2, n := range want {
		if n != 0 {
			b.h.c.found.add("order %s: %s: %d units of %s asked for beyond what %v has", b.id, what, n, what2, o.Lines)
		}
	}
}

// place is a SKU in a warehouse.
type place struct {
	warehouse stock.WarehouseID
	sku       stock.SKU
}

// addTaken adds what the order took from the warehouses, by the answers.
func (b *orderBook) addTaken(units map[place]int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.taken {
		if l.Status == reservation.Confirmed {
			units[place{l.Warehouse, l.SKU}] += l.Picked
		}
	}
}

// unitsOf is how many units of lines have left.
func unitsOf(lines []reservation.Line) (units int64) {
	for _, l := range lines {
		if l.Status == reservation.Confirmed {
			units += l.Picked
		}
	}
	return units
}

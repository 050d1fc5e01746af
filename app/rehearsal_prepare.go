package app

import (
	"context"
	"errors"

	"inventory/app/owner"
	"inventory/app/parallel"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// readAtOnce is how many orders or levels of a SKU are read at once: one at a time would wait for
// ledgers and the network most of the time.
const readAtOnce = 64

// Prepare reads what a number of events is about, many things at once, so that Act hardly needs to
// read any more. What can't be read now is left to Act, which says why. The error is that
// ctx ended, or a defect.
func (r *Rehearsal) Prepare(ctx context.Context, all []Consumption) error {
	guests := r.box.guests(all)
	parallel.Each(len(guests), readAtOnce, func(i int) {
		g := &guests[i]
		g.order, g.fault = r.box.read(ctx, g.ledger, g.key)
	})
	var shelves []shelf
	for _, g := range guests {
		if g.order == nil && g.fault == nil {
			shelves = append(shelves, g.wants...)
		}
		shelves = append(shelves, shelvesOf(g.order)...)
	}
	if err := r.box.learn(ctx, shelves); errors.Is(err, owner.ErrDefect) {
		return err // any other: a level that is not known is read when it is needed
	}
	for _, g := range guests {
		if g.fault != nil || r.box.lacks(shelvesOf(g.order)) {
			continue
		}
		if err := r.box.seat(g.ledger, g.key, g.order); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// guest is an order that an event is about.
type guest struct {
	key    ledger.UUID
	ledger ledger.ID
	wants  []shelf // that it may be planned by, if it is new
	order  *reservation.Order
	fault  error
}

// guests lists the orders that are not in the sandbox yet, each once.
func (b *sandbox) guests(all []Consumption) []guest {
	var guests []guest
	of := map[ledger.UUID]int{}
	for _, c := range all {
		if c.Event == nil {
			continue
		}
		order, err := stock.ParseOrderID(c.Event.About())
		key := reservation.IDOf(order)
		if err != nil || b.met[key] {
			continue
		}
		i, ok := of[key]
		if !ok {
			i, of[key] = len(guests), len(guests)
			guests = append(guests, guest{key: key, ledger: b.real.ledgerOf(key)})
		}
		if e, ok := c.Event.(ports.OrderCreated); ok {
			lines := reservation.Keepable(linesOf(itemsOf(e.Items)))
			guests[i].wants = append(guests[i].wants, b.candidates(stock.Region(e.Region), lines)...)
		}
	}
	return guests
}

// lacks tells whether levels are not known, or their warehouses.
func (b *sandbox) lacks(shelves []shelf) bool {
	for _, s := range shelves {
		if !b.known[s] {
			return true
		}
	}
	return false
}

package app

import (
	"context"
	"errors"
	"fmt"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// look reads the warehouses anew, once: what an event names and there is not is not looked for
// with each event. It leaves ledgers where they are.
func (b *sandbox) look(ctx context.Context) error {
	if b.looked {
		return nil
	}
	err := b.real.directory.refresh(ctx)
	b.looked = err == nil
	return err
}

// read reads an order from its ledger: nil where there is none.
func (b *sandbox) read(ctx context.Context, id ledger.ID, key ledger.UUID) (*reservation.Order, error) {
	outcome, err := b.real.fleet.Ask(ctx, id, reservation.Get{ID: key}, owner.Decided)
	if errors.Is(err, reservation.ErrUnknownOrder) {
		return nil, nil
	}
	o, _ := outcome.(*reservation.Order)
	if err == nil && (o.Status == reservation.Planned || o.LatePick) {
		return nil, underWay(key)
	}
	return o, err
}

// meet has an order in the sandbox as it is, and whatever it may move.
func (b *sandbox) meet(ctx context.Context, id ledger.ID, key ledger.UUID) error {
	if b.met[key] {
		return nil
	}
	o, err := b.read(ctx, id, key)
	if err != nil {
		return err
	}
	shelves := shelvesOf(o)
	if err := b.find(ctx, shelves); err != nil {
		return err
	}
	if err := b.learn(ctx, shelves); err != nil {
		return err
	}
	return b.seat(id, key, o)
}

// find looks for warehouses that goods were held in, and that this process has not heard of.
func (b *sandbox) find(ctx context.Context, shelves []shelf) error {
	for _, s := range shelves {
		if _, ok := (levels{b.real}).Warehouse(s.warehouse); ok {
			continue
		}
		if err := b.real.directory.refresh(ctx); err != nil {
			return err
		}
		if _, ok := (levels{b.real}).Warehouse(s.warehouse); !ok {
			return fmt.Errorf("%w %s", ErrUnknownWarehouse, s.warehouse)
		}
	}
	return nil
}

// shelvesOf lists where an order's goods are, or were: a late pick takes them again.
func shelvesOf(o *reservation.Order) []shelf {
	if o == nil || o.HeldAt == 0 {
		return nil
	}
	shelves := make([]shelf, 0, len(o.Lines))
	for _, l := range o.Lines {
		shelves = append(shelves, shelf{l.SKU, l.Warehouse})
	}
	return shelves
}

// survey learns the levels that planning may look at, unless the order is there.
func (b *sandbox) survey(ctx context.Context, id ledger.ID, cmd reservation.Reserve) error {
	if _, ok := b.ordersOf(id).Order(reservation.IDOf(cmd.Order)); ok || cmd.Invalid != "" {
		return nil
	}
	return b.learn(ctx, b.candidates(cmd.Region, cmd.Lines))
}

// candidates lists the levels that planning may look at: in the warehouse that a line names, else
// in all of the region.
func (b *sandbox) candidates(region stock.Region, lines []reservation.Line) []shelf {
	if region == "" {
		region = b.real.cfg.Reservation.DefaultRegion
	}
	var shelves []shelf
	for _, l := range lines {
		if l.Named {
			shelves = append(shelves, shelf{l.SKU, l.Warehouse})
			continue
		}
		for _, w := range (levels{b.real}).Warehouses(region) {
			shelves = append(shelves, shelf{l.SKU, w.ID})
		}
	}
	return shelves
}

// learn reads levels that are not known yet.
func (b *sandbox) learn(ctx context.Context, shelves []shelf) error {
	all := b.unknown(shelves)
	found, err := b.real.stocks(ctx, all)
	if err != nil {
		return err
	}
	var faults []error
	for i, q := range all {
		faults = append(faults, b.stockUp(q, found[i]))
	}
	return errors.Join(faults...)
}

// unknown sorts by SKU which levels are not known yet.
func (b *sandbox) unknown(shelves []shelf) []question {
	var all []question
	var asked map[shelf]bool
	var of map[stock.SKU]int
	for _, s := range shelves {
		w, ok := (levels{b.real}).Warehouse(s.warehouse)
		if !ok || b.known[s] || asked[s] {
			continue
		}
		if asked == nil {
			asked, of = map[shelf]bool{}, map[stock.SKU]int{}
		}
		asked[s] = true
		i, ok := of[s.sku]
		if !ok {
			i = len(all)
			of[s.sku], all = i, append(all, question{sku: s.sku})
		}
		all[i].in = append(all[i].in, w)
	}
	return all
}

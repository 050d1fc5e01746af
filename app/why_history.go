package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"inventory/domain/stock"
	"inventory/ports"
)

// place is a SKU in a warehouse.
type place struct {
	sku       stock.SKU
	warehouse stock.Warehouse
}

// errEnough ends the reading of a history.
var errEnough = errors.New("enough")

// history calls take for each change of stock at a place that happened up to a moment, newest
// first, until it returns false. What was before a change is what was after the one before
// it, so that one more is read than is taken.
func (in *Inventory) history(ctx context.Context, p place, tail stockTail, upto time.Time, take func(StoryLine) (more bool)) error {
	u := &unwinding{take: take, below: math.MaxInt64}
	err := u.tail(tail.rows[p.sku], upto)
	if err == nil {
		u.below = tail.written
		err = in.books.Events(ctx, string(p.sku), string(p.warehouse.ID), upto, u.row)
	}
	if err == nil {
		err = u.end()
	}
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("reading the events of %s in %s: %w", p.sku, p.warehouse.ID, err)
	}
	return nil
}

// unwinding puts rows, which come newest first, in the order of their ledger backwards.
type unwinding struct {
	take  func(StoryLine) bool
	below int64       // versions above are left out
	entry []StoryLine // of one entry: they have one time and come in no order
	later *StoryLine  // waits for the change before it
}

func (u *unwinding) tail(rows []ports.EventRow, upto time.Time) error {
	for _, r := range slices.Backward(rows) {
		if r.OccurredAt.After(upto) {
			continue
		}
		if err := u.row(r); err != nil {
			return err
		}
	}
	return nil
}

func (u *unwinding) row(r ports.EventRow) error {
	l, ok, err := lineOf(r)
	if err != nil || !ok || l.Version > u.below {
		return err
	}
	if len(u.entry) > 0 && u.entry[0].Version != l.Version {
		err = u.unwind()
	}
	u.entry = append(u.entry, l)
	return err
}

// unwind takes the changes of the last entry.
func (u *unwinding) unwind() error {
	slices.SortFunc(u.entry, func(a, b StoryLine) int { return cmp.Compare(b.Ordinal, a.Ordinal) })
	for _, l := range u.entry {
		if u.later != nil {
			u.later.follow(l)
			if !u.take(*u.later) {
				return errEnough
			}
		}
		u.later = &l
	}
	u.entry = u.entry[:0]
	return nil
}

// end takes what is left: the first change ever is of nothing.
func (u *unwinding) end() error {
	if err := u.unwind(); err != nil || u.later == nil {
		return err
	}
	u.later.follow(StoryLine{})
	u.take(*u.later)
	return nil
}

package app_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"inventory/adapters/memory"
	"inventory/domain/ledger"
	"inventory/ports"
)

// damaged is a store that shows rows otherwise than they were written, as if somebody had
// changed or deleted them at the time since. What is written later is whole.
type damaged struct {
	*memory.Store

	mu     sync.Mutex
	since  time.Time
	events func(*ports.EventRow) (shown bool)
	levels func(*ports.LevelRow) (shown bool)
	orders func(*ports.ReservationRow) (shown bool)
	// trimmed hides all entries, as if a snapshot had taken their place.
	trimmed bool
	read    int // rows of events, so far
}

// reads gives how many rows of events were read since the last time.
func (d *damaged) reads() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.read
	d.read = 0
	return n
}

func (d *damaged) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	d.mu.Lock()
	trimmed := d.trimmed && after < upto
	d.mu.Unlock()
	if trimmed {
		return ports.ErrPermanent
	}
	return d.Store.Entries(ctx, id, after, upto, settled, take)
}

// now makes damage.
func (d *damaged) now(do func(*damaged)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.since = time.Now()
	do(d)
}

// shown applies damage to a row that was written at a time.
func shown[R any](d *damaged, at time.Time, row *R, damage func(*damaged) func(*R) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	change := damage(d)
	return change == nil || at.After(d.since) || change(row)
}

func (d *damaged) EventsBetween(ctx context.Context, sku, warehouse string, after, upto time.Time, take func(ports.EventRow) error) error {
	return d.Store.EventsBetween(ctx, sku, warehouse, after, upto, func(r ports.EventRow) error {
		d.mu.Lock()
		d.read++
		d.mu.Unlock()
		if !shown(d, r.OccurredAt, &r, func(d *damaged) func(*ports.EventRow) bool { return d.events }) {
			return nil
		}
		return take(r)
	})
}

func (d *damaged) Levels(ctx context.Context, sku, warehouse string, limit int) ([]ports.LevelRow, error) {
	rows, err := d.Store.Levels(ctx, sku, warehouse, limit)
	for i := range slices.Backward(rows) {
		if !shown(d, rows[i].At, &rows[i], func(d *damaged) func(*ports.LevelRow) bool { return d.levels }) {
			rows = slices.Delete(rows, i, i+1)
		}
	}
	return rows, err
}

func (d *damaged) Reservation(ctx context.Context, id ledger.UUID) (ports.ReservationRow, bool, error) {
	row, ok, err := d.Store.Reservation(ctx, id)
	return row, ok && shown(d, row.At, &row, func(d *damaged) func(*ports.ReservationRow) bool { return d.orders }), err
}

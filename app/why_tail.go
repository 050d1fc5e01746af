package app

import (
	"context"
	"fmt"
	"slices"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// tailTries is how often a tail is read that was trimmed meanwhile.
const tailTries = 3

// stockTail is what the tables may not have yet of some SKUs of a stock ledger: the events
// of the entries after Written, oldest first.
type stockTail struct {
	written int64 // all entries up to here are in the tables
	rows    map[stock.SKU][]ports.EventRow
}

// stockTail reads a stock ledger's tail. It is read before the tables are: what the relay
// writes meanwhile is in both.
func (in *Inventory) stockTail(ctx context.Context, id ledger.ID, skus ...stock.SKU) (t stockTail, err error) {
	t.written, err = in.tail(ctx, id, func() { t.rows = map[stock.SKU][]ports.EventRow{} }, func(e *ledger.Entry) error {
		derived, err := relay.Derive(id, []*ledger.Entry{e})
		for _, r := range derived.Events {
			if sku := stock.SKU(r.SKU); slices.Contains(skus, sku) {
				t.rows[sku] = append(t.rows[sku], r)
			}
		}
		return err
	})
	return t, err
}

// recentOrder is an order as a ledger's tail has it, and the time of the entry that changed
// it last; nil where the tail does not have it.
func (in *Inventory) recentOrder(ctx context.Context, id ledger.UUID) (o *reservation.Order, at ledger.Stamp, err error) {
	_, err = in.tail(ctx, in.ledgerOf(id), func() { o = nil }, func(e *ledger.Entry) error {
		for _, c := range e.Changes {
			changed, ok := c.(reservation.Changed)
			switch {
			case !ok || reservation.IDOf(changed.Order.ID) != id:
			case changed.Gone:
				o = nil
			default:
				o, at = changed.Order, e.Stamp
			}
		}
		return nil
	})
	return o, at, err
}

// tail calls take for each entry of a ledger that the tables may not have whole, in order,
// and returns the version up to which they have all. It disturbs no owner, and is read from
// the start again, after a call of again, where the journal was trimmed meanwhile.
func (in *Inventory) tail(ctx context.Context, id ledger.ID, again func(), take func(*ledger.Entry) error) (written int64, err error) {
	for range tailTries {
		again()
		if written, err = in.readTail(ctx, id, take); ports.ClassOf(err) != ports.Permanent {
			break
		}
	}
	if err != nil {
		return written, fmt.Errorf("reading the newest entries of %s: %w", id, err)
	}
	return written, nil
}

func (in *Inventory) readTail(ctx context.Context, id ledger.ID, take func(*ledger.Entry) error) (written int64, err error) {
	head, err := in.world.Journal.Head(ctx, id)
	if err != nil {
		return 0, err
	}
	// All up to a snapshot is relayed, whatever a late renewal says of Relayed.
	written = max(head.Relayed, head.Snapshot.Version)
	newest := head.Version
	for _, own := range in.Status() {
		if own.Ledger == id {
			newest = max(newest, own.Version)
		}
	}
	return written, in.world.Entries(ctx, id, written, newest, take)
}

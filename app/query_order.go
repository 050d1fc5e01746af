package app

import (
	"context"
	"fmt"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
)

// Order reads an order: from its ledger, and where that does not answer from the tables, which
// may be a little old. reservation.ErrUnknownOrder where there is none, owner.ErrNotOwner
// where nobody can tell.
func (in *Inventory) Order(ctx context.Context, ref OrderRef) (OrderView, error) {
	id, _, err := ref.parse()
	if err != nil {
		return OrderView{}, err
	}
	asked := in.world.Clock.Now()
	o, err := in.askOrder(ctx, id, reservation.Get{ID: id}, owner.Decided)
	if Retryable(err) {
		return in.storedOrder(ctx, id, err)
	}
	return OrderView{Order: o, AsOf: asked}, err
}

// OrderView is an order as it was read.
type OrderView struct {
	*reservation.Order
	AsOf   time.Time // no older
	Stored bool      // from the tables: its ledger may know more
}

// storedOrder reads an order from the tables. One that is not there may be there in a moment:
// only its ledger's owner knows that it is not, and the answer is notOwner.
func (in *Inventory) storedOrder(ctx context.Context, id ledger.UUID, notOwner error) (OrderView, error) {
	row, ok, err := in.books.Reservation(ctx, id)
	if err != nil {
		return OrderView{}, fmt.Errorf("reading reservation %s: %w", id, err)
	}
	if !ok {
		return OrderView{}, notOwner
	}
	r := ledger.NewReader(row.Body)
	o := reservation.DecodeOrder(r)
	if err := r.Close(); err != nil {
		return OrderView{}, fmt.Errorf("reservation %s in the tables: %w", id, err)
	}
	return OrderView{Order: o, AsOf: row.At, Stored: true}, nil
}

// LevelVersions tells, of each line of an order that was just answered, the version of its level
// with what the order did there: what a reader gives as MinVersion. It is 0 of lines without a
// warehouse, and of ledgers that another process has, which is not asked for this alone.
func (in *Inventory) LevelVersions(o *reservation.Order) []int64 {
	versions := make([]int64, len(o.Lines))
	shelves, places := make([]wire.Shelf, 0, len(o.Lines)), make([]int, 0, len(o.Lines))
	for i, l := range o.Lines {
		if w, ok := (levels{in}).Warehouse(l.Warehouse); ok {
			shelves, places = append(shelves, wire.Shelf{Ledger: w.LedgerOf(l.SKU), SKU: l.SKU}), append(places, i)
		}
	}
	for n, l := range in.fleet.LevelsHere(shelves) {
		versions[places[n]] = l.Level.Version()
	}
	return versions
}

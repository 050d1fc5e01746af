package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ErrUnknownSKU is of a SKU that never was in any of the warehouses asked about.
var ErrUnknownSKU = errors.New("unknown sku")

// Stock is how much there is of a SKU, in units, in a region or everywhere.
type Stock struct {
	SKU        stock.SKU
	Region     stock.Region // empty: everywhere
	OnHand     int64
	Held       int64
	Available  int64
	Short      int64 // what is held and not there, as a count may have found
	Warehouses []WarehouseStock
	Source     string    // one of the constants below
	AsOf       time.Time // no part is older
}

// Where numbers come from. Source: spec S9.
const (
	SourceOwner  = "owner"  // the memory of the ledgers' owners: exact
	SourceStore  = "store"  // the tables, for a part at least
	SourceGlobal = "global" // the table of totals by SKU and region
)

// WarehouseStock is how much there is of a SKU in one warehouse, in units.
type WarehouseStock struct {
	WarehouseID stock.WarehouseID
	Region      stock.Region
	OnHand      int64
	Held        int64
	Available   int64
	Short       int64
	Version     int64 // of the entry that changed it last
}

// Stock reads levels: from the memory of the ledgers' owners, and where one does not answer from
// the tables. Errors: stock.ErrInvalid, ErrUnknownRegion, ErrUnknownSKU.
func (in *Inventory) Stock(ctx context.Context, sku, region string) (Stock, error) {
	parsed, err := stock.ParseSKU(sku)
	if err == nil && region != "" {
		_, err = stock.ParseRegion(region)
		if err == nil {
			err = in.checkRegion(ctx, stock.Region(region))
		}
	}
	if err != nil {
		return Stock{}, err
	}
	s, err := in.stockIn(ctx, parsed, (levels{in}).Warehouses(stock.Region(region)))
	if err != nil {
		return Stock{}, err
	}
	if len(s.Warehouses) == 0 {
		return Stock{}, fmt.Errorf("%w %s", ErrUnknownSKU, sku)
	}
	s.Region = stock.Region(region)
	return s, nil
}

// stockIn reads the levels of a SKU in some warehouses, and leaves out those where it never was.
func (in *Inventory) stockIn(ctx context.Context, sku stock.SKU, warehouses []stock.Warehouse) (Stock, error) {
	s := Stock{SKU: sku, Source: SourceOwner, AsOf: in.world.Clock.Now()}
	ids := make([]ledger.ID, 0, len(warehouses))
	for _, w := range warehouses {
		ids = append(ids, w.LedgerOf(sku))
	}
	found := in.fleet.Level(ctx, sku, ids) // of what did not answer the tables tell
	for _, w := range warehouses {
		if err := in.addStock(ctx, &s, w, found[w.LedgerOf(sku)]); err != nil {
			return Stock{}, err
		}
	}
	return s, nil
}

func (in *Inventory) addStock(ctx context.Context, s *Stock, w stock.Warehouse, found wire.Level) error {
	l, known := found.Level, found.Known
	part := WarehouseStock{
		WarehouseID: w.ID, Region: w.Region, OnHand: l.OnHand(), Held: l.Held(), Available: l.Available(), Short: l.Short(), Version: l.Version(),
	}
	if !found.Owned {
		s.Source = SourceStore
		rows, err := in.books.Levels(ctx, string(s.SKU), string(w.ID), 1)
		if err != nil {
			return fmt.Errorf("reading the level of %s in %s: %w", s.SKU, w.ID, err)
		}
		if known = len(rows) > 0; known {
			r := rows[0]
			part.OnHand, part.Held, part.Version = r.OnHand, r.Held, r.Version
			part.Available, part.Short = max(0, r.OnHand-r.Held), max(0, r.Held-r.OnHand)
			s.AsOf = earlier(s.AsOf, r.At)
		}
	}
	if !known {
		return nil
	}
	s.OnHand, s.Held = s.OnHand+part.OnHand, s.Held+part.Held
	s.Available, s.Short = s.Available+part.Available, s.Short+part.Short
	s.Warehouses = append(s.Warehouses, part)
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

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

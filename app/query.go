package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inventory/app/wire"
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
	SourceCache  = "cache"  // copies of what these told, for a part at least
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
	found, err := in.stocks(ctx, []question{{parsed, (levels{in}).Warehouses(stock.Region(region))}})
	if err != nil {
		return Stock{}, err
	}
	s := found[0]
	if len(s.Warehouses) == 0 {
		return Stock{}, fmt.Errorf("%w %s", ErrUnknownSKU, sku)
	}
	s.Region = stock.Region(region)
	return s, nil
}

// question is what is to be read of a SKU.
type question struct {
	sku stock.SKU
	in  []stock.Warehouse
}

// stocks reads the levels of SKUs in some warehouses, all at once, and leaves out those where they
// never were.
func (in *Inventory) stocks(ctx context.Context, all []question) ([]Stock, error) {
	began := in.world.Clock.Now()
	var asked []wire.Shelf
	for _, q := range all {
		for _, w := range q.in {
			asked = append(asked, wire.Shelf{Ledger: w.LedgerOf(q.sku), SKU: q.sku})
		}
	}
	found, err := in.readings(ctx, asked)
	if err != nil {
		return nil, err
	}
	told := make([]Stock, 0, len(all))
	for _, q := range all {
		s := Stock{SKU: q.sku, Source: SourceOwner, AsOf: began}
		for i, w := range q.in {
			s.add(w, found[i])
		}
		told, found = append(told, s), found[len(q.in):]
	}
	return told, nil
}

// add adds what there is in a warehouse.
func (s *Stock) add(w stock.Warehouse, r reading) {
	s.Source, s.AsOf = lessExact(s.Source, r.source), earlier(s.AsOf, r.asOf)
	if !r.known {
		return
	}
	part := WarehouseStock{
		WarehouseID: w.ID, Region: w.Region, OnHand: r.onHand, Held: r.held,
		Available: max(0, r.onHand-r.held), Short: max(0, r.held-r.onHand), Version: r.version,
	}
	s.OnHand, s.Held = s.OnHand+part.OnHand, s.Held+part.Held
	s.Available, s.Short = s.Available+part.Available, s.Short+part.Short
	s.Warehouses = append(s.Warehouses, part)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// lessExact is the source of what two sources tell of.
func lessExact(a, b string) string {
	order := []string{SourceOwner, SourceCache, SourceStore}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

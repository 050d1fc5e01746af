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

// MaxStockItems bounds the SKUs, and the warehouses, of a StockQuery.
const MaxStockItems = 500

// StockQuery asks how much there is of some SKUs, of each in the same warehouses.
type StockQuery struct {
	Items      []StockItem // each SKU once
	Region     string      // in its warehouses; empty: in those of all
	Warehouses []string    // in these, each once; none: in all of the region. Not beside a region.
}

// StockItem asks about a SKU.
type StockItem struct {
	SKU string
	// AtLeast are versions that the levels must have reached.
	AtLeast []MinVersion
}

// StockAnswer is how much there is of a SKU, or why that is not told.
type StockAnswer struct {
	Stock
	Err error // ErrUnknownSKU, *BehindError; nil: none
}

// Stock reads the levels of one SKU as Stocks does. Errors: as of Stocks, and of its answers.
func (in *Inventory) Stock(ctx context.Context, sku, region string) (Stock, error) {
	all, err := in.Stocks(ctx, StockQuery{Items: []StockItem{{SKU: sku}}, Region: region})
	if err != nil {
		return Stock{}, err
	}
	return all[0].Stock, all[0].Err
}

// Stocks reads levels, and answers the items in their order: from the memory of the ledgers'
// owners, and where one does not answer from the tables. One that is older than an item's AtLeast
// is read again for Config.ReadPatience. Errors: stock.ErrInvalid, ErrUnknownRegion,
// ErrUnknownWarehouse, and those of a store that does not answer either.
func (in *Inventory) Stocks(ctx context.Context, q StockQuery) ([]StockAnswer, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	warehouses, err := in.asked(ctx, q)
	if err != nil {
		return nil, err
	}
	questions := make([]question, 0, len(q.Items))
	for _, it := range q.Items {
		one := question{sku: stock.SKU(it.SKU), in: warehouses}
		if one.least, err = leastOf(it, warehouses); err != nil {
			return nil, err
		}
		questions = append(questions, one)
	}
	return in.answers(ctx, stock.Region(q.Region), questions)
}

// asked lists the warehouses that a query is about.
func (in *Inventory) asked(ctx context.Context, q StockQuery) ([]stock.Warehouse, error) {
	if len(q.Warehouses) == 0 {
		if q.Region != "" {
			if err := in.checkRegion(ctx, stock.Region(q.Region)); err != nil {
				return nil, err
			}
		}
		return (levels{in}).Warehouses(stock.Region(q.Region)), nil
	}
	all := make([]stock.Warehouse, 0, len(q.Warehouses))
	for _, id := range q.Warehouses {
		w, err := in.warehouse(ctx, stock.WarehouseID(id))
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// answers reads what questions are about, and says of which SKUs that is not told.
func (in *Inventory) answers(ctx context.Context, region stock.Region, all []question) ([]StockAnswer, error) {
	found, err := in.stocks(ctx, all)
	if err != nil {
		return nil, err
	}
	told := make([]StockAnswer, 0, len(all))
	for i, s := range found {
		s.Region = region
		one := StockAnswer{Stock: s, Err: all[i].behind(s)}
		if one.Err == nil && len(s.Warehouses) == 0 {
			one.Err = fmt.Errorf("%w %s", ErrUnknownSKU, s.SKU)
		}
		told = append(told, one)
	}
	return told, nil
}

// question is what is to be read of a SKU.
type question struct {
	sku   stock.SKU
	in    []stock.Warehouse
	least map[stock.WarehouseID]int64 // versions that levels must have reached; absent: any will do
}

// stocks reads the levels of SKUs in some warehouses, all at once, and leaves out those where they
// never were.
func (in *Inventory) stocks(ctx context.Context, all []question) ([]Stock, error) {
	began := in.world.Clock.Now()
	n := 0
	for _, q := range all {
		n += len(q.in)
	}
	asked := make([]wanted, 0, n)
	for _, q := range all {
		for _, w := range q.in {
			asked = append(asked, wanted{wire.Shelf{Ledger: w.LedgerOf(q.sku), SKU: q.sku}, q.least[w.ID]})
		}
	}
	found, err := in.freshReadings(ctx, asked)
	if err != nil {
		return nil, err
	}
	told := make([]Stock, 0, len(all))
	for _, q := range all {
		s := Stock{SKU: q.sku, Source: SourceOwner, AsOf: began, Warehouses: make([]WarehouseStock, 0, len(q.in))}
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

package app

import (
	"context"
	"slices"
	"time"

	"inventory/domain/stock"
)

// StockStory is how a SKU's stock came to be as it is.
type StockStory struct {
	SKU     stock.SKU
	Lines   []StoryLine // oldest first
	LeftOut int64       // older changes that are not among Lines
}

// endOfTime is later than all entries.
var endOfTime = time.UnixMilli(1 << 47).UTC()

// stockStory tells the newest changes of a SKU; nil where it never was in any of the
// warehouses.
func (in *Inventory) stockStory(ctx context.Context, sku stock.SKU, warehouses []stock.Warehouse, limit int) (*StockStory, error) {
	s := &StockStory{SKU: sku}
	for _, w := range warehouses {
		newest, older, err := in.newestChanges(ctx, place{sku, w}, limit)
		if err != nil {
			return nil, err
		}
		s.LeftOut += older
		s.add(newest, limit)
	}
	if len(s.Lines) == 0 {
		return nil, nil
	}
	return s, nil
}

// add merges lines, and keeps the newest.
func (s *StockStory) add(lines []StoryLine, limit int) {
	s.Lines = append(s.Lines, lines...)
	slices.SortFunc(s.Lines, compareLines)
	if n := len(s.Lines) - limit; n > 0 {
		s.LeftOut += int64(n)
		s.Lines = slices.Delete(s.Lines, 0, n)
	}
}

// newestChanges reads the newest changes at a place, newest first, and counts the others.
func (in *Inventory) newestChanges(ctx context.Context, p place, limit int) (lines []StoryLine, older int64, err error) {
	if in.neverThere(p) {
		return nil, 0, nil
	}
	tail, err := in.stockTail(ctx, p.warehouse.LedgerOf(p.sku), p.sku)
	if err != nil {
		return nil, 0, err
	}
	err = in.history(ctx, p, tail, endOfTime, func(l StoryLine) bool {
		lines = append(lines, l)
		if len(lines) < limit {
			return true
		}
		older = l.Seq - 1 // they are numbered without gap
		return false
	})
	return lines, older, err
}

// neverThere tells whether this process knows that a SKU never was at a place.
func (in *Inventory) neverThere(p place) bool {
	_, known, owned := in.level(p.warehouse, p.sku)
	return owned && !known
}

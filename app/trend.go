package app

import (
	"context"
	"fmt"
	"slices"

	"inventory/domain/stock"
	"inventory/ports"
)

// MostWeeks bounds the weeks of a Trend: two years.
const MostWeeks = 104

// Trend is how much of a SKU there was in a warehouse, week by week.
type Trend struct {
	WarehouseID stock.WarehouseID
	Weeks       []ports.LevelRow // oldest first; weeks in which nothing changed are left out
}

// Trends tells how much of a SKU there was in each warehouse where it ever was, by the week, as
// the tables have it. Errors: stock.ErrInvalid, ErrUnknownSKU, ports.ErrTransient.
func (in *Inventory) Trends(ctx context.Context, sku string, weeks int) ([]Trend, error) {
	parsed, err := stock.ParseSKU(sku)
	if err != nil {
		return nil, err
	}
	if weeks < 1 || weeks > MostWeeks {
		return nil, fmt.Errorf("%w weeks %d: expected 1 to %d", stock.ErrInvalid, weeks, MostWeeks)
	}
	var all []Trend
	for _, w := range in.directory.all() {
		rows, err := in.books.Levels(ctx, string(parsed), string(w.ID), weeks)
		if err != nil {
			return nil, fmt.Errorf("reading the weeks of %s in %s: %w", sku, w.ID, err)
		}
		if len(rows) > 0 {
			slices.Reverse(rows)
			all = append(all, Trend{w.ID, rows})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w %s", ErrUnknownSKU, sku)
	}
	return all, nil
}

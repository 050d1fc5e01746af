package app

import (
	"context"
	"slices"
	"time"

	"inventory/domain/stock"
)

// Moment is a SKU's stock as it was once, in units.
type Moment struct {
	SKU        stock.SKU
	At         time.Time
	OnHand     int64
	Held       int64
	Warehouses []WarehouseMoment // those where it had been by then
}

// WarehouseMoment is a SKU's stock in one warehouse as it was once, in units.
type WarehouseMoment struct {
	WarehouseID stock.WarehouseID
	Units
	Last        StoryLine  // the last change until then
	Holds       []PastHold // oldest first, those that came last
	HoldsBefore int64      // units that older holds had, which are not among Holds
	Unexplained int64      // units of held that no order had: 0, unless events are missing or held was corrected
}

// PastHold is what an order held then.
type PastHold struct {
	OrderID       string
	ReservationID string
	Quantity      int64
	Since         time.Time
}

// moment folds the events of a SKU up to a moment; nil where the SKU never was in any of
// the warehouses, to this day.
func (in *Inventory) moment(ctx context.Context, sku stock.SKU, warehouses []stock.Warehouse, req WhyRequest) (*Moment, error) {
	m := &Moment{SKU: sku, At: req.At}
	for _, w := range warehouses {
		then, ok, err := in.warehouseMoment(ctx, place{sku, w}, req.At, req.Limit)
		if err != nil {
			return nil, err
		}
		if ok {
			m.OnHand, m.Held = m.OnHand+then.OnHand, m.Held+then.Held
			m.Warehouses = append(m.Warehouses, then)
		}
	}
	if len(m.Warehouses) > 0 {
		return m, nil
	}
	later, err := in.stockStory(ctx, sku, warehouses, 1)
	if err != nil || later == nil {
		return nil, err
	}
	return m, nil
}

func (in *Inventory) warehouseMoment(ctx context.Context, p place, at time.Time, limit int) (m WarehouseMoment, ok bool, err error) {
	if in.neverThere(p) {
		return m, false, nil
	}
	tail, err := in.stockTail(ctx, p.warehouse.LedgerOf(p.sku), p.sku)
	if err != nil {
		return m, false, err
	}
	m.WarehouseID = p.warehouse.ID
	live := &holdFold{ended: map[string]int64{}}
	err = in.history(ctx, p, tail, at, func(l StoryLine) bool {
		if !ok {
			ok, m.Units, m.Last, live.missing = true, l.After, l, l.After.Held
		}
		return live.back(l, limit)
	})
	slices.Reverse(live.holds)
	m.Holds = live.holds
	if live.cut {
		m.HoldsBefore = live.missing
	} else {
		m.Unexplained = live.missing
	}
	return m, ok, err
}

// holdFold finds which holds were live, from changes newest first: what an order's hold
// was made with, less what ended of it later.
type holdFold struct {
	missing int64            // units that were held and whose hold is not found yet
	ended   map[string]int64 // units of an order that ended after the change that is looked at
	holds   []PastHold       // newest first
	cut     bool             // there are more, beyond the limit
}

// back takes a change; more is false when all holds are found, or enough.
func (f *holdFold) back(l StoryLine, limit int) (more bool) {
	if f.missing <= 0 {
		return false
	}
	switch units := l.changeOfHeld(); {
	case l.OrderID == "":
	case units < 0:
		f.ended[l.OrderID] -= units
	case units > 0:
		rest := units - f.ended[l.OrderID]
		if rest < 0 {
			f.ended[l.OrderID] = -rest
			break
		}
		delete(f.ended, l.OrderID)
		if rest == 0 {
			break
		}
		if len(f.holds) == limit {
			f.cut = true
			return false
		}
		f.holds = append(f.holds, PastHold{l.OrderID, l.ReservationID, rest, l.At})
		f.missing -= rest
	}
	return f.missing > 0
}

package reservation

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"inventory/domain/stock"
)

// spot is where an order's units of a SKU are: its lines there end together.
type spot struct {
	sku       stock.SKU
	warehouse stock.WarehouseID
}

// standing is what an order has in a spot, in units.
type standing struct {
	held   int64
	asked  int64 // held or not
	picked int64
	short  bool // the warehouse picked nothing of it
}

func spotsOf(o *Order) map[spot]standing {
	spots := map[spot]standing{}
	for _, l := range o.Lines {
		at := spot{l.SKU, l.Warehouse}
		s := spots[at]
		if s.asked += l.Quantity; l.Status == Held {
			s.held += l.Quantity
		}
		if l.Status == Confirmed {
			s.picked += l.Picked
		}
		s.short = s.short || l.Short
		spots[at] = s
	}
	return spots
}

// picksOf gives the spots that a pick ends and how much left each, in units: spots that
// are held or, where the order has ended, those that ended without a pick. What a pick has
// done before is not in it.
func picksOf(cmd Confirm, o *Order) (map[spot]int64, error) {
	spots := spotsOf(o)
	if len(cmd.Picked) == 0 {
		return picksOfAll(cmd.Warehouse, o, spots)
	}
	asked := map[spot]int64{}
	for _, l := range cmd.Picked {
		at, err := spotOf(l, cmd.Warehouse, spots)
		if err != nil {
			return nil, err
		}
		asked[at] += l.Quantity
	}
	picks := map[spot]int64{}
	for _, at := range slices.SortedFunc(maps.Keys(asked), compareSpots) {
		ends, err := picksAt(at, asked[at], o, spots[at])
		if err != nil {
			return nil, err
		}
		if ends {
			picks[at] = asked[at]
		}
	}
	return picks, nil
}

func compareSpots(a, b spot) int {
	return cmp.Or(cmp.Compare(a.sku, b.sku), cmp.Compare(a.warehouse, b.warehouse))
}

// picksOfAll is of a pick that names no item. What the warehouse did not find is not part of
// it, unless nothing was picked there at all: then this pick is news.
func picksOfAll(of stock.WarehouseID, o *Order, spots map[spot]standing) (map[spot]int64, error) {
	picks, unfound, done := map[spot]int64{}, map[spot]int64{}, false
	for at, s := range spots {
		switch {
		case of != "" && at.warehouse != of:
		case s.held > 0:
			picks[at] = s.held
		case s.picked > 0:
			done = true
		case s.short:
			unfound[at] = s.asked
		case o.Ended():
			picks[at] = s.asked
		}
	}
	switch {
	case done, len(picks) > 0 && o.Status == Held:
	case len(picks)+len(unfound) == 0, o.Status == Held:
		return nil, &OverPickError{Warehouse: of}
	default:
		maps.Copy(picks, unfound)
	}
	return picks, nil
}

// picksAt tells whether a pick of q units ends a spot; it doesn't where it did so before.
func picksAt(at spot, q int64, o *Order, s standing) (bool, error) {
	late := o.Ended() && s.picked == 0
	switch {
	case s.asked == 0, s.held > 0 && q > s.held, late && q > s.asked:
	case s.held > 0:
		return true, nil
	case s.picked == q:
		return false, nil
	case late:
		return q > 0, nil
	}
	return false, &OverPickError{SKU: at.sku, Warehouse: at.warehouse, Picked: q, Held: s.held, Before: s.picked}
}

// spotOf finds where an item was picked: where it says, or where alone its SKU is held.
func spotOf(l Line, of stock.WarehouseID, spots map[spot]standing) (spot, error) {
	switch {
	case l.Named:
		return spot{l.SKU, l.Warehouse}, nil
	case of != "":
		return spot{l.SKU, of}, nil
	}
	var held, done, all []spot
	for _, at := range slices.SortedFunc(maps.Keys(spots), compareSpots) {
		if at.sku != l.SKU {
			continue
		}
		all = append(all, at)
		if s := spots[at]; s.held > 0 {
			held = append(held, at)
		} else if s.picked == l.Quantity && (l.Quantity > 0 || s.short) {
			done = append(done, at)
		}
	}
	switch {
	case len(all) == 0:
		return spot{sku: l.SKU}, nil
	case len(held) == 1:
		return held[0], nil
	case len(held) == 0 && len(done) > 0:
		return done[0], nil
	case len(all) == 1:
		return all[0], nil
	}
	var names []string
	for _, at := range all {
		names = append(names, string(at.warehouse))
	}
	return spot{}, fmt.Errorf("%w: sku %s is of %s", ErrAmbiguousPick, l.SKU, strings.Join(names, " and "))
}

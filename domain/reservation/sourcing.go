package reservation

import (
	"cmp"
	"slices"

	"inventory/domain/stock"
)

// Stock is what planning knows of stock: it may be a little old.
type Stock interface {
	// Warehouses lists the warehouses of a region, of all regions where it is empty, the
	// preferred ones first. The caller does not change the list.
	Warehouses(region stock.Region) []stock.Warehouse
	// Warehouse finds a warehouse by its id.
	Warehouse(id stock.WarehouseID) (w stock.Warehouse, ok bool)
	// Available is what can be promised of a SKU in a warehouse. exact says that it is no
	// older than anything this process has answered.
	Available(w stock.Warehouse, sku stock.SKU) (units int64, exact bool)
}

// Sourcing is the choice of warehouses for an order.
type Sourcing struct {
	Lines     []Line           // all asked lines, each with a warehouse; split where need be
	Shortages []stock.Shortage // asked lines that can't be served by what is known
}

// searchBudget bounds the sets of warehouses that are tried for one order, so that a
// pathological order can't stall its ledger; past it, warehouses are added greedily.
const searchBudget = 2000

// Source chooses warehouses (candidates, the preferred first) for the lines that name
// none: one that can serve all of them, else the fewest, the first such set by rank.
// Warehouses that the order names anyway count as chosen. A line is split only where no
// warehouse of the set has enough. It is a pure function of its arguments. Lines that
// can't be served stay whole, at the first candidate, and are in Shortages; without
// candidates free lines stay without a warehouse. Lines are merged; available gives units by warehouse and SKU.
func Source(lines []Line, candidates []stock.Warehouse, available func(stock.WarehouseID, stock.SKU) int64) Sourcing {
	p := &picker{left: map[place]int64{}, available: available}
	var free []Line
	var s Sourcing
	for _, l := range lines {
		if !l.Named {
			free = append(free, l)
			continue
		}
		s.Lines = append(s.Lines, l)
		if left := p.units(l.Warehouse, l.SKU); left < l.Quantity {
			s.Shortages = append(s.Shortages, stock.Shortage{SKU: l.SKU, Warehouse: l.Warehouse, Requested: l.Quantity, Available: left})
		}
		p.take(l.Warehouse, l.SKU, l.Quantity)
	}
	if len(candidates) == 0 {
		s.Lines = append(s.Lines, free...)
	} else if len(free) > 0 {
		s.sourceFree(p, lines, free, candidates)
	}
	slices.SortFunc(s.Lines, compareLines)
	return s
}

func (s *Sourcing) sourceFree(p *picker, lines, free []Line, candidates []stock.Warehouse) {
	var ids, named []stock.WarehouseID
	for _, w := range candidates {
		isNamed := slices.ContainsFunc(lines, func(l Line) bool { return l.Named && l.Warehouse == w.ID })
		switch {
		case isNamed:
			named = append(named, w.ID)
		case slices.ContainsFunc(free, func(l Line) bool { return p.units(w.ID, l.SKU) > 0 }):
			ids = append(ids, w.ID)
		}
	}
	set := slices.Concat(named, p.fewest(free, named, ids))
	for _, l := range free {
		var total int64
		for _, w := range set {
			total += p.units(w, l.SKU)
		}
		if total >= l.Quantity {
			s.Lines = append(s.Lines, p.allocate(l, set)...)
			continue
		}
		s.Shortages = append(s.Shortages, stock.Shortage{SKU: l.SKU, Requested: l.Quantity, Available: total})
		l.Warehouse = candidates[0].ID
		s.Lines = append(s.Lines, l)
	}
}

type place struct {
	warehouse stock.WarehouseID
	sku       stock.SKU
}

// picker reads levels once each and lowers them by what is taken.
type picker struct {
	left      map[place]int64
	available func(stock.WarehouseID, stock.SKU) int64
	tried     int
}

func (p *picker) units(w stock.WarehouseID, sku stock.SKU) int64 {
	at := place{w, sku}
	n, ok := p.left[at]
	if !ok {
		n = p.available(w, sku)
		p.left[at] = n
	}
	return n
}

func (p *picker) take(w stock.WarehouseID, sku stock.SKU, n int64) {
	p.left[place{w, sku}] = max(0, p.units(w, sku)-n)
}

// allocate takes a line from the first warehouse of the set that has all of it, else from
// each in turn.
func (p *picker) allocate(l Line, set []stock.WarehouseID) []Line {
	for _, w := range set {
		if p.units(w, l.SKU) >= l.Quantity {
			p.take(w, l.SKU, l.Quantity)
			l.Warehouse = w
			return []Line{l}
		}
	}
	var parts []Line
	for _, w := range set {
		part := l
		part.Warehouse, part.Quantity = w, min(l.Quantity, p.units(w, l.SKU))
		if part.Quantity == 0 {
			continue
		}
		p.take(w, l.SKU, part.Quantity)
		l.Quantity -= part.Quantity
		parts = append(parts, part)
	}
	return parts
}

// fewest returns the first smallest set of ids that, with base, serves all lines; where
// none does, all ids.
func (p *picker) fewest(lines []Line, base, ids []stock.WarehouseID) []stock.WarehouseID {
	if p.serves(lines, base) {
		return nil
	}
	if !p.serves(lines, append(slices.Clone(base), ids...)) {
		return ids
	}
	for size := 1; size <= len(ids) && p.tried < searchBudget; size++ {
		if set := p.search(lines, base, ids, size); set != nil {
			return set[len(base):]
		}
	}
	return p.greedy(lines, base, ids)
}

// search tries the sets of base and size more of ids, in the order of rank.
func (p *picker) search(lines []Line, base, ids []stock.WarehouseID, size int) []stock.WarehouseID {
	if size == 0 {
		p.tried++
		if p.serves(lines, base) {
			return base
		}
		return nil
	}
	for i := 0; i+size <= len(ids) && p.tried < searchBudget; i++ {
		if set := p.search(lines, append(slices.Clone(base), ids[i]), ids[i+1:], size-1); set != nil {
			return set
		}
	}
	return nil
}

// greedy adds the warehouse that covers most of what is missing, until all is served.
func (p *picker) greedy(lines []Line, base, ids []stock.WarehouseID) []stock.WarehouseID {
	var set []stock.WarehouseID
	rest, missing := slices.Clone(ids), p.without(lines, base)
	for len(rest) > 0 && len(missing) > 0 {
		best, most := 0, int64(-1)
		for i, w := range rest {
			if n := p.covered(missing, w); n > most {
				best, most = i, n
			}
		}
		set, missing = append(set, rest[best]), p.without(missing, rest[best:best+1])
		rest = slices.Delete(rest, best, best+1)
	}
	return set
}

// without gives what is missing of lines once the set has served them.
func (p *picker) without(lines []Line, set []stock.WarehouseID) []Line {
	var missing []Line
	for _, l := range lines {
		if l.Quantity -= p.fromSet(l, set); l.Quantity > 0 {
			missing = append(missing, l)
		}
	}
	return missing
}

func (p *picker) serves(lines []Line, set []stock.WarehouseID) bool {
	for _, l := range lines {
		if p.fromSet(l, set) < l.Quantity {
			return false
		}
	}
	return true
}

// covered is the number of units of all lines that a warehouse can serve.
func (p *picker) covered(lines []Line, w stock.WarehouseID) int64 {
	var n int64
	for _, l := range lines {
		n += min(l.Quantity, p.units(w, l.SKU))
	}
	return n
}

// fromSet is how many units of a line the set has, up to its quantity.
func (p *picker) fromSet(l Line, set []stock.WarehouseID) int64 {
	var n int64
	for _, w := range set {
		n += p.units(w, l.SKU)
	}
	return min(n, l.Quantity)
}

func compareLines(a, b Line) int {
	named := func(l Line) int {
		if l.Named {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Warehouse, b.Warehouse), cmp.Compare(named(a), named(b)))
}

package reservation

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"inventory/domain/stock"
)

var seed = flag.Int64("seed", rand.Int64(), "seed of the random tests")

func newRand(t *testing.T) *rand.Rand {
	t.Logf("-seed %d", *seed)
	return rand.New(rand.NewPCG(uint64(*seed), 2))
}

// sourcingCase is a small order and small levels: few enough to try every set.
type sourcingCase struct {
	lines  []Line
	ids    []string
	levels levels
}

func randomCase(r *rand.Rand) sourcingCase {
	c := sourcingCase{levels: levels{}}
	for i := range 1 + r.IntN(5) {
		c.ids = append(c.ids, fmt.Sprint("W", i))
	}
	for i := range 1 + r.IntN(3) {
		l := Line{SKU: stock.SKU(fmt.Sprint("S", i)), Quantity: 1 + r.Int64N(4)}
		for _, id := range c.ids {
			c.levels[id+"/"+string(l.SKU)] = max(0, r.Int64N(6)-2)
		}
		c.lines = append(c.lines, l)
		if r.IntN(4) == 0 {
			named := Line{SKU: stock.SKU(fmt.Sprint("S", r.IntN(3))), Quantity: 1, Named: true}
			named.Warehouse = stock.WarehouseID(fmt.Sprint("W", r.IntN(6)))
			c.lines = append(c.lines, named)
		}
	}
	c.lines = Merge(c.lines)
	return c
}

// oracle answers by trying every set of warehouses, the small ones and the preferred ones
// first.
func (c sourcingCase) oracle() (set []stock.WarehouseID, left levels, ok bool) {
	left = levels{}
	for k, v := range c.levels {
		left[k] = v
	}
	var base, free []stock.WarehouseID
	for _, l := range c.lines {
		if l.Named {
			left[string(l.Warehouse)+"/"+string(l.SKU)] -= l.Quantity
		}
	}
	for _, id := range c.ids {
		w := stock.WarehouseID(id)
		if slices.ContainsFunc(c.lines, func(l Line) bool { return l.Named && l.Warehouse == w }) {
			base = append(base, w)
		} else {
			free = append(free, w)
		}
	}
	for size := range len(free) + 1 {
		for _, more := range subsets(free, size) {
			if set := slices.Concat(base, more); c.serves(set, left) {
				return set, left, true
			}
		}
	}
	return slices.Concat(base, free), left, false
}

// subsets lists the subsets of a size in the order of their members.
func subsets(of []stock.WarehouseID, size int) [][]stock.WarehouseID {
	if size == 0 {
		return [][]stock.WarehouseID{nil}
	}
	var all [][]stock.WarehouseID
	for i := range of {
		for _, rest := range subsets(of[i+1:], size-1) {
			all = append(all, slices.Concat(of[i:i+1], rest))
		}
	}
	return all
}

func (c sourcingCase) serves(set []stock.WarehouseID, left levels) bool {
	return !slices.ContainsFunc(c.lines, func(l Line) bool { return !l.Named && total(set, l.SKU, left) < l.Quantity })
}

func total(set []stock.WarehouseID, sku stock.SKU, left levels) int64 {
	var n int64
	for _, w := range set {
		n += max(0, left.available(w, sku))
	}
	return n
}

func TestEveryChoiceOfWarehousesIsTheBestOne(t *testing.T) {
	r := newRand(t)
	for range 5000 {
		c := randomCase(r)
		got := Source(c.lines, ranked(c.ids...), c.levels.available)
		if err := c.compare(got); err != nil {
			t.Fatalf("%s of %v in %v: got %s, short of %+v: %v", chosen(c.lines), c.levels, c.ids, chosen(got.Lines), got.Shortages, err)
		}
	}
}

func (c sourcingCase) compare(got Sourcing) error {
	set, left, ok := c.oracle()
	if short := c.shortages(set, left); !reflect.DeepEqual(short, got.Shortages) {
		return fmt.Errorf("expected to be short of %+v", short)
	}
	if !reflect.DeepEqual(asked(got.Lines), asked(c.lines)) {
		return fmt.Errorf("what is served is not what was asked")
	}
	for _, l := range c.lines {
		if err := c.compareLine(l, got, set, left, ok); err != nil {
			return fmt.Errorf("line %d %s: %w", l.Quantity, l.SKU, err)
		}
	}
	return nil
}

func (c sourcingCase) shortages(set []stock.WarehouseID, left levels) []stock.Shortage {
	var named, free []stock.Shortage
	for _, l := range c.lines {
		have := total(set, l.SKU, left)
		if l.Named {
			have = c.levels.available(l.Warehouse, l.SKU)
		}
		switch {
		case have >= l.Quantity:
		case l.Named:
			named = append(named, stock.Shortage{SKU: l.SKU, Warehouse: l.Warehouse, Requested: l.Quantity, Available: have})
		default:
			free = append(free, stock.Shortage{SKU: l.SKU, Requested: l.Quantity, Available: have})
		}
	}
	return append(named, free...)
}

// compareLine checks where an asked line went: a named one where it was named; a free one
// to the best set, in parts only where nobody of it has enough, and never more than there
// is.
func (c sourcingCase) compareLine(l Line, got Sourcing, set []stock.WarehouseID, left levels, ok bool) error {
	if l.Named {
		if !slices.Contains(got.Lines, l) {
			return fmt.Errorf("it was moved")
		}
		return nil
	}
	var parts []Line
	for _, p := range got.Lines {
		if p.SKU == l.SKU && !p.Named {
			parts = append(parts, p)
		}
	}
	if total(set, l.SKU, left) < l.Quantity {
		if len(parts) != 1 || string(parts[0].Warehouse) != c.ids[0] {
			return fmt.Errorf("it can't be served, and is not whole at the first candidate")
		}
		return nil
	}
	whole := slices.ContainsFunc(set, func(w stock.WarehouseID) bool { return left.available(w, l.SKU) >= l.Quantity })
	if whole && len(parts) > 1 {
		return fmt.Errorf("it is split, though one warehouse has enough")
	}
	for _, p := range parts {
		if ok && !slices.Contains(set, p.Warehouse) {
			return fmt.Errorf("%s is not of the best set %v", p.Warehouse, set)
		}
		if p.Quantity > left.available(p.Warehouse, p.SKU) {
			return fmt.Errorf("%s has not as many", p.Warehouse)
		}
	}
	return nil
}

func TestPastTheBudgetTheChoiceStillServesTheOrder(t *testing.T) {
	r := newRand(t)
	for range 2000 {
		c := randomCase(r)
		all, left, ok := c.oracle()
		p := &picker{left: map[place]int64{}, available: func(w stock.WarehouseID, sku stock.SKU) int64 { return max(0, left.available(w, sku)) }}
		free := slices.DeleteFunc(slices.Clone(c.lines), func(l Line) bool { return l.Named })
		ids := make([]stock.WarehouseID, 0, len(c.ids))
		for _, id := range c.ids {
			ids = append(ids, stock.WarehouseID(id))
		}
		base := ids[:r.IntN(len(ids))]
		if set := p.greedy(free, base, ids[len(base):]); ok && !c.serves(slices.Concat(base, set), left) {
			t.Fatalf("%s of %v: %v does not serve, %v does", chosen(free), left, set, all)
		}
	}
}

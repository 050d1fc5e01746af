package global

import (
	"slices"
	"strings"
)

// Fold is what levels add up to: of each SKU and warehouse the one with the largest version
// counts, in whatever order and however often they come. It keeps one level for each SKU and
// warehouse, some 150 bytes, and nothing of what those replaced. Make it with NewFold; one
// goroutine uses it.
type Fold struct {
	skus  map[string][]part // by warehouse
	names map[string]string // of warehouses and regions, each kept once
	parts int
}

// part is a level of a SKU in a warehouse.
type part struct {
	warehouse, region                       string
	onHand, held, available, version, since int64
}

// NewFold returns the fold of nothing.
func NewFold() *Fold {
	return &Fold{skus: map[string][]part{}, names: map[string]string{}}
}

// Take adds a level. It tells whether that changed anything: a level that was taken before, and
// one that is older than what was taken, change nothing.
func (f *Fold) Take(l Level) (changed bool) {
	parts := f.skus[l.SKU]
	i, known := slices.BinarySearchFunc(parts, l.WarehouseID, func(p part, id string) int { return strings.Compare(p.warehouse, id) })
	if known && parts[i].version >= l.Version {
		return false
	}
	p := part{f.name(l.WarehouseID), f.name(l.Region), l.OnHand, l.Held, l.Available, l.Version, l.At}
	if known {
		parts[i] = p
		return true
	}
	f.parts++
	f.skus[l.SKU] = slices.Insert(slices.Clip(parts), i, p)
	return true
}

func (f *Fold) name(text string) string {
	if kept, ok := f.names[text]; ok {
		return kept
	}
	text = strings.Clone(text) // it may be a part of something large
	f.names[text] = text
	return text
}

// Total adds up a SKU in a region; ok is false where no level of it was taken.
func (f *Fold) Total(k Key) (t Total, ok bool) {
	t.Key = k
	for _, p := range f.skus[k.SKU] {
		if p.region != k.Region {
			continue
		}
		t.OnHand, t.Held, t.Available = t.OnHand+p.onHand, t.Held+p.held, t.Available+p.available
		t.Version += p.version
		if !ok || p.since > t.AsOf {
			t.AsOf = p.since
		}
		ok = true
	}
	return t, ok
}

// Levels is how many levels it keeps.
func (f *Fold) Levels() int { return f.parts }

// Totals gives all totals, by key.
func (f *Fold) Totals() []Total {
	var all []Total
	for sku, parts := range f.skus {
		seen := map[string]bool{}
		for _, p := range parts {
			if !seen[p.region] {
				seen[p.region] = true
				t, _ := f.Total(Key{sku, p.region})
				all = append(all, t)
			}
		}
	}
	slices.SortFunc(all, func(a, b Total) int { return a.Compare(b.Key) })
	return all
}

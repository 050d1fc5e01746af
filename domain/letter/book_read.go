package letter

import (
	"cmp"
	"slices"
	"time"

	"inventory/domain/ledger"
)

// List gives the letters that a filter chooses: oldest first, those of a key in the order in
// which they were to be handled; after the letter after, where it is not zero, at most limit.
// more says that there are others behind them.
func (b *Book) List(f Filter, after ledger.UUID, limit int) (list []Entry, more bool) {
	all := b.sorted(f)
	if at, ok := b.byID[after]; ok {
		all = all[min(len(all), slices.Index(all, at)+1):]
	}
	for _, i := range all[:min(limit, len(all))] {
		list = append(list, b.entry(i))
	}
	return list, len(all) > limit
}

// Count is how many letters a filter chooses.
func (b *Book) Count(f Filter) int {
	n := 0
	b.chosen(f, func(int) bool { n++; return true })
	return n
}

// sorted gives the chosen letters in the order in which they are replayed: by when their
// records were written, but never against the order of a partition.
func (b *Book) sorted(f Filter) []int {
	var all []int
	b.chosen(f, func(i int) bool { all = append(all, i); return true })
	return b.inOrder(all)
}

func (b *Book) inOrder(all []int) []int {
	slices.SortFunc(all, func(i, j int) int { return compareOrigins(&b.letters[i], &b.letters[j]) })
	newest := map[lane]time.Time{}
	at := make(map[int]time.Time, len(all))
	for _, i := range all {
		e := &b.letters[i]
		l := lane{e.Topic, e.Origin.Partition}
		if t := e.Origin.Timestamp; t.After(newest[l]) {
			newest[l] = t
		}
		at[i] = newest[l]
	}
	slices.SortStableFunc(all, func(i, j int) int { return at[i].Compare(at[j]) })
	return all
}

// compareOrigins orders records by topic, partition and offset; those that were nowhere by
// when they were buried.
func compareOrigins(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Origin.Partition, b.Origin.Partition),
		cmp.Compare(a.Origin.Offset, b.Origin.Offset), cmp.Compare(a.Place.Partition, b.Place.Partition), cmp.Compare(a.Place.Offset, b.Place.Offset),
	)
}

// Groups gives how the groups of the chosen letters stand, the largest first.
func (b *Book) Groups(f Filter) []GroupStanding {
	by := map[int]*GroupStanding{}
	b.chosen(f, func(i int) bool {
		e := &b.letters[i]
		g, ok := by[e.group]
		if !ok {
			g = &GroupStanding{Group: b.kinds[e.group], First: e.BuriedAt}
			by[e.group] = g
		}
		g.Letters++
		if e.BuriedAt.Before(g.First) {
			g.First = e.BuriedAt
		}
		if !e.BuriedAt.Before(g.Last) {
			g.Last, g.Sample = e.BuriedAt, e.ID
		}
		return true
	})
	var all []GroupStanding
	for _, g := range by {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b GroupStanding) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Shape, b.Shape))
	})
	return all
}

// Bounds gives, for each partition, the place behind the last of the chosen letters.
func (b *Book) Bounds(f Filter) []Place {
	last := map[lane]int64{}
	b.chosen(f, func(i int) bool {
		e := &b.letters[i]
		l := lane{e.Topic, e.Place.Partition}
		last[l] = max(last[l], e.Place.Offset+1)
		return true
	})
	var bounds []Place
	for l, end := range last {
		bounds = append(bounds, Place{l.topic, l.partition, end})
	}
	slices.SortFunc(bounds, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	return bounds
}

// Audits gives the records of acts, oldest first.
func (b *Book) Audits() []Audit { return b.audits }

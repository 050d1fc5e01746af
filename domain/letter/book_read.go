package letter

import (
	"cmp"
	"maps"
	"slices"

	"inventory/domain/ledger"
)

// fitting yields the letters that a filter chooses whatever their state, in any order.
func (b *Book) fitting(s *sieve, yield func(*entry)) {
	if s.ids != nil {
		for id := range s.ids {
			if e, ok := b.byID[id]; ok && e.buried && s.fits(&e.Meta, b.kinds[e.group].id) {
				yield(e)
			}
		}
		return
	}
	for _, e := range b.letters {
		if s.fits(&e.Meta, b.kinds[e.group].id) {
			yield(e)
		}
	}
}

// chosen yields the letters that a filter chooses, in any order.
func (b *Book) chosen(f Filter, yield func(*entry)) {
	s := newSieve(f)
	b.fitting(&s, func(e *entry) {
		if s.wants(e.state()) {
			yield(e)
		}
	})
}

// List gives the letters that a filter chooses: oldest first, those of a key in the order in
// which they were to be handled; behind the letter after, where it is not zero, whether or not
// that is chosen; at most limit. more says that there are others behind them.
func (b *Book) List(f Filter, after ledger.UUID, limit int) (list []Entry, more bool) {
	var all []*entry
	b.chosen(f, func(e *entry) { all = append(all, e) })
	all = b.after(b.inOrder(all), after)
	for _, e := range all[:min(limit, len(all))] {
		list = append(list, b.entry(e))
	}
	return list, len(all) > limit
}

// after gives what comes behind a letter, or all where its id is zero. Nothing is behind one
// that nobody knows.
func (b *Book) after(all []*entry, id ledger.UUID) []*entry {
	if id == (ledger.UUID{}) {
		return all
	}
	e, ok := b.byID[id]
	if !ok || !e.buried {
		return nil
	}
	return behind(all, e)
}

// Count is how many letters a filter chooses.
func (b *Book) Count(f Filter) int {
	n := 0
	b.chosen(f, func(*entry) { n++ })
	return n
}

// Groups gives how the groups of the chosen letters stand, the largest first.
func (b *Book) Groups(f Filter) []GroupStanding {
	by := make([]GroupStanding, len(b.kinds))
	b.chosen(f, func(e *entry) {
		g := &by[e.group]
		if g.Letters == 0 || e.BuriedAt.Before(g.First) {
			g.First = e.BuriedAt
		}
		if c := e.BuriedAt.Compare(g.Last); g.Letters == 0 || c > 0 || c == 0 && compareIDs(e.ID, g.Sample) > 0 {
			g.Last, g.Sample = e.BuriedAt, e.ID
		}
		g.Group = b.kinds[e.group].Group
		g.Letters++
	})
	by = slices.DeleteFunc(by, func(g GroupStanding) bool { return g.Letters == 0 })
	slices.SortFunc(by, func(a, b GroupStanding) int {
		return cmp.Or(cmp.Compare(b.Letters, a.Letters), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Shape, b.Shape))
	})
	return by
}

// Bounds gives, for each partition, the place behind the last of the chosen letters.
func (b *Book) Bounds(f Filter) []Place {
	last := map[lane]int64{}
	b.chosen(f, func(e *entry) {
		l := lane{e.Topic, e.Place.Partition}
		last[l] = max(last[l], e.Offset+1)
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
func (b *Book) Audits() []Audit {
	return slices.SortedFunc(maps.Values(b.audits), func(a, b Audit) int {
		return cmp.Or(a.At.Compare(b.At), compareIDs(a.ID, b.ID))
	})
}

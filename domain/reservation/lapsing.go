package reservation

import (
	"cmp"
	"slices"
)

// Lapsing gives the held orders whose holds end before a time in Unix milliseconds, the soonest
// first and at most n of them, and how many there are. It looks at every order in memory.
func (s *State) Lapsing(before int64, n int) (soonest []*Order, all int) {
	for _, o := range s.orders.All() {
		if o.Status != Held || o.ExpiresAt >= before {
			continue
		}
		all++
		if at, _ := slices.BinarySearchFunc(soonest, o, bySoonest); at < n {
			soonest = slices.Insert(soonest, at, o)
			soonest = soonest[:min(len(soonest), n)]
		}
	}
	return soonest, all
}

func bySoonest(a, b *Order) int {
	return cmp.Or(cmp.Compare(a.ExpiresAt, b.ExpiresAt), cmp.Compare(a.ID, b.ID))
}

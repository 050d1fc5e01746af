package audit

import (
	"context"
	"slices"

	"inventory/app/parallel"
)

const (
	// refresh is after how many reads a ledger is followed on: what is newer than the follower
	// can't be compared.
	refresh = 256
	// atOnce is how many records a pass over everything reads at once. One at a time would wait for
	// the network most of the time: minutes for a hundred thousand orders.
	atOnce = 16
)

// each looks at records of a ledger, whose follower stays as it is meanwhile. What look returns is
// called afterwards, one after the other and in order, and may note what was seen. A pass over
// everything looks at several at once, any other at one at a time, with a rest after each.
func each[K any](ctx context.Context, a *Auditor, f *follower, keys []K, look func(context.Context, K) (note func(), err error)) error {
	part := 1
	if a.whole {
		part = refresh
	}
	read := 0
	for some := range slices.Chunk(keys, part) {
		if read > 0 && read%refresh == 0 {
			if _, err := a.w.toRelayed(ctx, f); err != nil {
				return err
			}
		}
		notes := make([]func(), len(some))
		if err := parallel.Do(len(some), atOnce, func(i int) (err error) {
			notes[i], err = look(ctx, some[i])
			return err
		}); err != nil {
			return err
		}
		for _, note := range notes {
			note()
		}
		read += len(some)
		a.breathe(ctx)
	}
	return nil
}

package app

import (
	"context"
	"fmt"
	"time"

	"inventory/app/parallel"
	"inventory/app/wire"
	"inventory/ports"
)

// reading is a level as it was read.
type reading struct {
	known                 bool // the SKU has been there
	onHand, held, version int64
	source                string
	asOf                  time.Time // no older
}

// readElsewhere is elsewhere, or atSource.
type readElsewhere func(context.Context, []wire.Shelf) ([]reading, error)

// readings reads levels: those of ledgers that this process owns, and others as elsewhere does.
func (in *Inventory) readings(ctx context.Context, asked []wire.Shelf, elsewhere readElsewhere) ([]reading, error) {
	now := in.world.Clock.Now()
	found := make([]reading, len(asked))
	left := take(found, in.fleet.LevelsHere(asked), now)
	told, err := elsewhere(ctx, pick(asked, left))
	if err != nil {
		return nil, err
	}
	for n, i := range left {
		found[i] = told[n]
	}
	return found, nil
}

// elsewhere reads levels of ledgers that this process is not sure to own: those of SKUs that are
// read much from the cache.
func (in *Inventory) elsewhere(ctx context.Context, asked []wire.Shelf) ([]reading, error) {
	if in.reader == nil || len(asked) == 0 {
		return in.atSource(ctx, asked)
	}
	return in.cached(ctx, asked)
}

// atSource reads levels from the memory of the other members that own their ledgers, and where
// those do not answer from the tables.
func (in *Inventory) atSource(ctx context.Context, asked []wire.Shelf) ([]reading, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	now := in.world.Clock.Now()
	found := make([]reading, len(asked))
	left := take(found, in.fleet.LevelsElsewhere(ctx, asked), now)
	err := parallel.Do(len(left), readAtOnce, func(n int) (err error) {
		found[left[n]], err = in.stored(ctx, asked[left[n]], now)
		return err
	})
	return found, err
}

// mostStored bounds the levels that are read from the tables at once, by whomever: others wait.
const mostStored = 64

// stored reads a level from the tables.
func (in *Inventory) stored(ctx context.Context, s wire.Shelf, now time.Time) (reading, error) {
	select {
	case in.storing <- struct{}{}:
		defer func() { <-in.storing }()
	case <-ctx.Done():
		return reading{}, fmt.Errorf("waiting to read the level of %s in %s: %w", s.SKU, s.Ledger.Scope(), context.Cause(ctx))
	}
	rows, err := in.books.Levels(ctx, string(s.SKU), s.Ledger.Scope(), 1)
	switch {
	case err != nil:
		return reading{}, fmt.Errorf("reading the level of %s in %s: %w", s.SKU, s.Ledger.Scope(), err)
	case len(rows) == 0:
		return reading{source: SourceStore, asOf: now}, nil
	}
	return storedReading(rows[0]), nil
}

func storedReading(r ports.LevelRow) reading {
	return reading{known: true, onHand: r.OnHand, held: r.Held, version: r.Version, source: SourceStore, asOf: r.At}
}

// take notes what owners told, and gives the places of what is left.
func take(found []reading, told []wire.Level, now time.Time) (left []int) {
	left = make([]int, 0, len(told))
	for i, l := range told {
		if !l.Owned {
			left = append(left, i)
			continue
		}
		found[i] = reading{
			known: l.Known, onHand: l.Level.OnHand(), held: l.Level.Held(), version: l.Level.Version(), source: SourceOwner, asOf: now,
		}
	}
	return left
}

// pick gives some of all.
func pick[T any](all []T, places []int) []T {
	some := make([]T, 0, len(places))
	for _, i := range places {
		some = append(some, all[i])
	}
	return some
}

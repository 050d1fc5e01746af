package app

import (
	"context"

	"inventory/app/cache"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/ports"
)

// openCache makes what reads through the cache, and what keeps the cache up to date.
func (in *Inventory) openCache(levels ports.LevelCache) {
	if levels == nil {
		return
	}
	world := cache.World{Cache: levels, Clock: in.world.Clock, Observer: in.world.Observer, NewID: in.world.CommitID}
	in.reader, in.teller = cache.NewReader(in.cfg.Cache, world), cache.NewTeller(in.cfg.Cache, world)
}

// cached reads levels through the cache.
func (in *Inventory) cached(ctx context.Context, shelves []wire.Shelf) ([]reading, error) {
	keys := keysOf(shelves)
	levels, err := in.reader.Read(ctx, keys, func(ctx context.Context, places []int) ([]cache.Level, error) {
		found, err := in.atSource(ctx, pick(shelves, places))
		if err != nil {
			return nil, err
		}
		exact := make([]cache.Level, 0, len(found))
		for n, r := range found {
			exact = append(exact, exactly(keys[places[n]], r))
		}
		return exact, nil
	})
	if err != nil {
		return nil, err
	}
	found := make([]reading, 0, len(levels))
	for _, l := range levels {
		found = append(found, readingOf(l))
	}
	return found, nil
}

// exactly is a reading as the cache may keep it.
func exactly(k ports.LevelKey, r reading) cache.Level {
	l := cache.Level{CachedLevel: ports.CachedLevel{LevelKey: k, OnHand: r.onHand, Held: r.held, Version: r.version, At: r.asOf}, From: cache.FromOwner}
	if r.source == SourceStore {
		l.From = cache.FromStore
	}
	return l
}

func readingOf(l cache.Level) reading {
	r := reading{known: l.Version > 0, onHand: l.OnHand, held: l.Held, version: l.Version, asOf: l.At, source: SourceCache}
	switch l.From {
	case cache.FromOwner:
		r.source = SourceOwner
	case cache.FromStore:
		r.source = SourceStore
	case cache.FromCache, cache.FromNowhere:
	}
	return r
}

func keysOf(shelves []wire.Shelf) []ports.LevelKey {
	keys := make([]ports.LevelKey, 0, len(shelves))
	for _, s := range shelves {
		keys = append(keys, ports.LevelKey{SKU: string(s.SKU), WarehouseID: s.Ledger.Scope()})
	}
	return keys
}

// tellAsked notes what another process is told, which may come to be in the cache.
func (in *Inventory) tellAsked(shelves []wire.Shelf) {
	if in.teller != nil {
		in.teller.Asked(keysOf(shelves))
	}
}

// tellCommitted has the cache told of what an entry changed.
func (in *Inventory) tellCommitted(id ledger.ID, e *ledger.Entry) {
	if in.teller != nil {
		in.teller.Committed(id, e)
	}
}

package ports

import (
	"context"
	"time"
)

// LevelKey names a level: of a SKU in a warehouse.
type LevelKey struct{ SKU, WarehouseID string }

// CachedLevel is a level as a cache keeps it. Quantities are units.
type CachedLevel struct {
	LevelKey
	OnHand  int64
	Held    int64
	Version int64     // of the entry that changed it last; 0: the SKU never was there
	At      time.Time // when this was so, to the millisecond
}

// Cached is what a cache has of a key: a level, a claim, or neither.
type Cached struct {
	Level   CachedLevel
	Found   bool // Level is what there is
	Claimed bool // nothing, but somebody is about to fill it
}

// LevelCache keeps levels of SKUs that are read much, for all processes, where reading them is
// cheap. It may lose anything at any time, and nothing is decided by it. Its calls may be made
// from many goroutines and return when ctx ends. Errors: ErrTransient, ErrPermanent, ErrUnknown.
//
// Who misses a level claims it, reads it from its ledger's owner, and fills it in. What the owner
// tells meanwhile takes the claim's place: so no fill hides what changed behind its reader's back.
// A claim lasts for a moment only; a level lasts for the cache's time to live or a little less
// (jitter), counted from when it took the place of a claim, however often it is told anew. Of two
// levels of a key the one with the larger version stays.
type LevelCache interface {
	// Get looks keys up, and gives what there is of each, in their order.
	Get(ctx context.Context, keys []LevelKey) ([]Cached, error)
	// Claim claims keys of which there is nothing, each of them for one claimant alone, and tells
	// which are this one's. by is never used twice. After an error any of them may be.
	Claim(ctx context.Context, by string, keys []LevelKey) (mine []bool, err error)
	// Fill stores levels that were read after they were claimed: each where the claim is still
	// there, or something older. It counts those that it stored. After an error any may be.
	Fill(ctx context.Context, by string, levels []CachedLevel) (stored int, err error)
	// Tell stores levels where there is a claim, or something older, and does nothing where there
	// is nothing. A level that it can't store, for want of room, it removes. After an error any
	// part may be done; it may be repeated.
	Tell(ctx context.Context, levels []CachedLevel) error
}

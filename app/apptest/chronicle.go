package apptest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/ports"
)

// chronicle remembers every entry that was ever in a journal, also those that are trimmed
// by now, every taking over, and every snapshot.
type chronicle struct {
	found *findings
	clock ports.Clock // the store's
	mu    sync.Mutex  // guards all below
	books map[ledger.ID]*annals
}

// annals are what the chronicle has of one ledger.
type annals struct {
	entries   map[int64]ports.Record
	noted     map[int64]time.Time // when an entry was known to be in, by the store's clock
	reigns    map[int64]int64     // by epoch: the newest version when it began
	snapshots map[int64][]byte    // by version
	pointed   int                 // moves of the pointer
}

func newChronicle(found *findings, clock ports.Clock) *chronicle {
	return &chronicle{found: found, clock: clock, books: map[ledger.ID]*annals{}}
}

// of returns a ledger's annals; mu is held.
func (c *chronicle) of(id ledger.ID) *annals {
	a := c.books[id]
	if a == nil {
		a = &annals{entries: map[int64]ports.Record{}, noted: map[int64]time.Time{}, reigns: map[int64]int64{}, snapshots: map[int64][]byte{}}
		c.books[id] = a
	}
	return a
}

func (c *chronicle) ids() []ledger.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.books))
}

// annalsOf returns a ledger's annals once nothing is added to them any more.
func (c *chronicle) annalsOf(id ledger.ID) *annals {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.of(id)
}

// entry notes an entry that the store says it has.
func (c *chronicle) entry(id ledger.ID, r ports.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries := c.of(id).entries
	if old, ok := entries[r.Version]; ok {
		if old.Commit != r.Commit || !bytes.Equal(old.Body, r.Body) {
			c.found.add("%s: entry %d was of commit %s and is of commit %s", id, r.Version, old.Commit, r.Commit)
		}
		return
	}
	r.Body = bytes.Clone(r.Body)
	entries[r.Version], c.of(id).noted[r.Version] = r, c.clock.Now()
}

func (c *chronicle) reign(id ledger.ID, head ports.Head) {
	c.mu.Lock()
	defer c.mu.Unlock()
	reigns := c.of(id).reigns
	if _, ok := reigns[head.Epoch]; !ok {
		reigns[head.Epoch] = head.Version
	}
}

func (c *chronicle) snapshot(id ledger.ID, version int64, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(id).snapshots[version] = body
}

func (c *chronicle) pointed(id ledger.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(id).pointed++
}

// keeper is a handle on a store that tells the chronicle.
type keeper struct {
	app.Store
	chronicle *chronicle
}

// TakeOver implements ports.Journal.
func (k *keeper) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	head, err := k.Store.TakeOver(ctx, id, owner, seen)
	if err == nil {
		k.chronicle.reign(id, head)
	}
	return head, err
}

// Commit implements ports.Journal.
func (k *keeper) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	err := k.Store.Commit(ctx, id, c)
	if err == nil && c.Entry != nil {
		k.chronicle.entry(id, *c.Entry)
	}
	return err
}

// Trim implements ports.Journal.
func (k *keeper) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	err := k.Store.Trim(ctx, id, t)
	if err == nil {
		k.chronicle.pointed(id)
	}
	return err
}

// Entries implements ports.JournalReader.
func (k *keeper) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	return k.Store.Entries(ctx, id, after, upto, settled, func(r ports.Record) error {
		k.chronicle.entry(id, r)
		return take(r)
	})
}

// WriteSnapshot implements ports.Snapshots.
func (k *keeper) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	k.chronicle.snapshot(id, ref.Version, bytes.Join(chunks, nil))
	return k.Store.WriteSnapshot(ctx, id, ref, chunks)
}

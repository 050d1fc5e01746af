package owner

import (
	"context"
	"hash/crc32"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// chunkBytes is the size of a snapshot's chunks: far below what one write may have.
const chunkBytes = 512 << 10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// snapshots keeps the journal's tail short. The state is frozen under a draft, encoded
// and stored beside the loop; the steps that touch the tenure come back to it.
type snapshots struct {
	tail    int // bytes of entries after the last snapshot
	size    int // of the last snapshot
	running bool
	waiting *taking // stored, and not yet relayed up to its version
	steps   chan func(context.Context) error
	work    sync.WaitGroup
}

// taking is a snapshot on its way.
type taking struct {
	ref   ports.SnapshotRef
	bytes int
	began time.Time
}

// wait returns when nothing works on a snapshot any more.
func (s *snapshots) wait() {
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	for {
		select {
		case <-s.steps:
		case <-done:
			return
		}
	}
}

// snapshotGrown notes an entry, and starts a snapshot when reading the tail back would
// cost about as much as reading the snapshot.
func (t *tenure) snapshotGrown(ctx context.Context, bytes int) {
	s := &t.snaps
	s.tail += bytes
	if s.running || s.tail < max(t.cfg.SnapshotBytes, 2*s.size) {
		return
	}
	s.running, s.tail = true, 0
	frozen, at := t.state, t.at
	t.mu.Lock()
	t.state = frozen.Draft()
	t.mu.Unlock()
	size, began := s.size, t.world.Clock.Now()
	s.work.Go(func() { t.takeSnapshot(ctx, frozen, at, size, began) })
}

// takeSnapshot runs beside the loop.
func (t *tenure) takeSnapshot(ctx context.Context, frozen ledger.Machine, at ledger.Stamp, size int, began time.Time) {
	w := &ledger.Writer{}
	w.Grow(size + size/4)
	ledger.EncodeSnapshot(w, at, frozen)
	t.snaps.steps <- t.thaw
	var chunks [][]byte
	for rest := w.Bytes(); len(rest) > 0; {
		n := min(chunkBytes, len(rest))
		chunks, rest = append(chunks, rest[:n]), rest[n:]
	}
	ref := ports.SnapshotRef{Version: at.Version, Epoch: t.epoch, Chunks: len(chunks), Checksum: crc32.Checksum(w.Bytes(), castagnoli)}
	ctx, cancel := context.WithTimeout(ctx, 12*t.cfg.CommitTimeout)
	defer cancel()
	err := t.world.Snapshots.WriteSnapshot(ctx, t.id, ref, chunks)
	t.snaps.steps <- func(ctx context.Context) error {
		if err != nil {
			t.snaps.running = false
			t.world.Observer.Observe(ports.SnapshotTrouble{Ledger: t.id, Err: err})
			return nil
		}
		t.snaps.waiting = &taking{ref, w.Len(), began}
		return t.pointToSnapshot(ctx)
	}
}

// thaw merges what changed since the state was frozen.
func (t *tenure) thaw(context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = t.state.Merge()
	return nil
}

// pointToSnapshot makes the stored snapshot the ledger's, once all up to it is relayed, and
// trims the journal. So the state at Relayed can always be rebuilt.
func (t *tenure) pointToSnapshot(ctx context.Context) error {
	s := t.snaps.waiting
	if s == nil || t.relay.done() < s.ref.Version {
		return nil
	}
	t.snaps.waiting = nil
	trim := ports.Trim{Epoch: t.epoch, Snapshot: s.ref, Upto: t.trimUpto(s.ref)}
	if _, err := t.untilKnown(ctx, s.ref.Version, func(ctx context.Context) error { return t.world.Journal.Trim(ctx, t.id, trim) }); err != nil {
		return err
	}
	old := t.head.Snapshot
	t.head.Snapshot, t.head.Trimmed = s.ref, trim.Upto
	t.snaps.running, t.snaps.size = false, s.bytes
	t.world.Observer.Observe(ports.SnapshotTaken{Ledger: t.id, Version: s.ref.Version, Bytes: s.bytes, Took: t.world.Clock.Now().Sub(s.began)})
	if old != (ports.SnapshotRef{}) {
		t.snaps.work.Go(func() { t.dropSnapshot(ctx, old) })
	}
	return nil
}

// trimUpto is the version up to which entries go when a snapshot becomes the ledger's. Of stock
// ledgers those stay that came after the snapshot before: watches of the warehouse may be that
// far behind.
func (t *tenure) trimUpto(ref ports.SnapshotRef) int64 {
	if t.id.Kind() != ledger.KindStock {
		return ref.Version
	}
	return max(t.head.Trimmed, t.head.Snapshot.Version)
}

func (t *tenure) dropSnapshot(ctx context.Context, ref ports.SnapshotRef) {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.CommitTimeout)
	defer cancel()
	if err := t.world.Snapshots.DropSnapshot(ctx, t.id, ref); err != nil {
		t.world.Observer.Observe(ports.SnapshotTrouble{Ledger: t.id, Err: err})
	}
}

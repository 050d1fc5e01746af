package memory

import (
	"bytes"
	"context"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

var (
	_ ports.Journal       = (*Store)(nil)
	_ ports.JournalReader = (*Store)(nil)
)

// journal is one ledger's head and its entries above head.Trimmed.
type journal struct {
	head    ports.Head
	entries map[int64]ports.Record
}

// Head implements ports.Journal.
func (s *Store) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	if err := ctx.Err(); err != nil {
		return ports.Head{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.journals[id]; j != nil {
		return j.head, nil
	}
	return ports.Head{}, nil
}

// TakeOver implements ports.Journal.
func (s *Store) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	if err := ctx.Err(); err != nil {
		return ports.Head{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.journals[id]
	if j == nil {
		j = &journal{entries: map[int64]ports.Record{}}
	}
	switch {
	case j.head.Epoch == seen.Epoch && j.head.Lease == seen.Lease:
		j.head.Epoch, j.head.Owner = seen.Epoch+1, owner
		s.journals[id] = j
	case j.head.Epoch != seen.Epoch+1 || j.head.Owner != owner: // else a repeat
		return ports.Head{}, fmt.Errorf("%w: take over %s: epoch is %d of %q, expected %d; lease is at %d, expected %d",
			ports.ErrConflict, id, j.head.Epoch, j.head.Owner, seen.Epoch, j.head.Lease, seen.Lease)
	}
	return j.head, nil
}

// Commit implements ports.Journal.
func (s *Store) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.CheckEntry(MaxEntry); err != nil {
		return fmt.Errorf("commit to %s: %w", id, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.journals[id]
	if j == nil {
		return fmt.Errorf("%w: commit to %s: it has no owner", ports.ErrConflict, id)
	}
	if c.Entry != nil {
		if e, ok := j.entries[c.Entry.Version]; ok && e.Commit == c.Entry.Commit {
			return nil
		}
	}
	if j.head.Epoch != c.Epoch || j.head.Version != c.Version || j.head.Lease > c.Lease {
		return fmt.Errorf("%w: commit to %s: epoch is %d, expected %d; version is %d, expected %d; lease is at %d, expected up to %d",
			ports.ErrConflict, id, j.head.Epoch, c.Epoch, j.head.Version, c.Version, j.head.Lease, c.Lease)
	}
	j.apply(c)
	return nil
}

func (j *journal) apply(c ports.Commit) {
	j.head.Lease, j.head.Relayed = c.Lease, c.Relayed
	if c.Entry != nil {
		j.head.Version = c.Entry.Version
		j.entries[c.Entry.Version] = cloneRecord(*c.Entry)
	}
	if c.Resign {
		j.head.Owner = ""
	}
}

// Trim implements ports.Journal.
func (s *Store) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.journals[id]
	if j == nil {
		return fmt.Errorf("%w: trim %s: it has no owner", ports.ErrConflict, id)
	}
	h := &j.head
	if h.Epoch != t.Epoch || h.Snapshot.Version > t.Snapshot.Version || h.Trimmed > t.Upto {
		return fmt.Errorf("%w: trim %s: epoch is %d, expected %d; snapshot is of %d, expected up to %d; trimmed up to %d, expected up to %d",
			ports.ErrConflict, id, h.Epoch, t.Epoch, h.Snapshot.Version, t.Snapshot.Version, h.Trimmed, t.Upto)
	}
	for v := h.Trimmed + 1; v <= t.Upto; v++ {
		delete(j.entries, v)
	}
	h.Snapshot, h.Trimmed = t.Snapshot, t.Upto
	return nil
}

// Entries implements ports.JournalReader.
func (s *Store) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	for v := after + 1; v <= upto; v++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, ok, newest := s.entry(id, v)
		switch {
		case !ok && !settled && v > newest:
			return nil
		case !ok:
			return fmt.Errorf("%w: entry %d of %s is missing", ports.ErrPermanent, v, id)
		}
		if err := take(r); err != nil {
			return err
		}
	}
	return nil
}

// entry returns an entry, whether it is there, and the version of the newest one.
func (s *Store) entry(id ledger.ID, version int64) (r ports.Record, ok bool, newest int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.journals[id]
	if j == nil {
		return ports.Record{}, false, 0
	}
	r, ok = j.entries[version]
	return cloneRecord(r), ok, j.head.Version
}

// cloneRecord keeps callers and the store from sharing memory.
func cloneRecord(r ports.Record) ports.Record {
	r.Body = bytes.Clone(r.Body)
	return r
}

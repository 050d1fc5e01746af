package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Outbox = (*Store)(nil)

// outbox is what is to be published of a ledger.
type outbox struct {
	published int64
	rows      map[outboxKey]ports.OutboxRow
}

type outboxKey struct{ last, first int64 }

// outboxOf returns a ledger's, making it where there is none; s.mu is held.
func (s *Store) outboxOf(id ledger.ID) *outbox {
	o, ok := s.outboxes[id]
	if !ok {
		o = &outbox{rows: map[outboxKey]ports.OutboxRow{}}
		s.outboxes[id] = o
	}
	return o
}

// Pending implements ports.Outbox.
func (s *Store) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := slices.SortedFunc(maps.Values(s.outboxOf(id).rows), func(a, b ports.OutboxRow) int {
		return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.First, b.First))
	})
	rows = slices.DeleteFunc(rows, func(r ports.OutboxRow) bool { return r.Last <= above })
	return rows[:min(limit, len(rows))], nil
}

// Published implements ports.Outbox.
func (s *Store) Published(ctx context.Context, id ledger.ID) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outboxOf(id).published, nil
}

// NotePublished implements ports.Outbox.
func (s *Store) NotePublished(ctx context.Context, id ledger.ID, version int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.outboxOf(id)
	o.published = version
	maps.DeleteFunc(o.rows, func(k outboxKey, _ ports.OutboxRow) bool { return k.last <= version })
	return nil
}

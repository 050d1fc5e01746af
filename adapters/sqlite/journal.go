package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Journal = (*Store)(nil)

const (
	sqlHead = `SELECT head, epoch, owner, lease, relayed, trimmed,
		snapshot_version, snapshot_epoch, snapshot_chunks, snapshot_checksum
		FROM ledger_head WHERE ledger_id = ?`
	sqlMakeLedger = `INSERT INTO ledger_head (ledger_id, epoch, owner) VALUES (?, 1, ?) ON CONFLICT DO NOTHING`
	sqlTakeOver   = `UPDATE ledger_head SET epoch = epoch + 1, owner = ? WHERE ledger_id = ? AND epoch = ? AND lease = ?`
	sqlCommitHead = `UPDATE ledger_head SET head = ?, lease = ?, relayed = ?, owner = CASE WHEN ? THEN '' ELSE owner END
		WHERE ledger_id = ? AND epoch = ? AND head = ? AND lease <= ?`
	sqlInsertEntry = `INSERT INTO ledger (ledger_id, version, commit_id, body) VALUES (?, ?, ?, ?)`
	sqlCommitID    = `SELECT commit_id FROM ledger WHERE ledger_id = ? AND version = ?`
	sqlTrim        = `UPDATE ledger_head SET trimmed = ?,
		snapshot_version = ?, snapshot_epoch = ?, snapshot_chunks = ?, snapshot_checksum = ?
		WHERE ledger_id = ? AND epoch = ? AND snapshot_version <= ? AND trimmed <= ?`
)

// MaxEntry is the largest body of an entry that the store takes, in bytes: what a
// mutation of Cassandra may hold, so that what works here works there.
const MaxEntry = 15 << 20

// Head implements ports.Journal.
func (s *Store) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	var head ports.Head
	err := s.each(ctx, sqlHead, []any{string(id)}, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(headFields(&head)...)
	})
	return head, err
}

// headFields lists where the columns of sqlHead go.
func headFields(h *ports.Head) []any {
	return []any{
		&h.Version, &h.Epoch, &h.Owner, &h.Lease, &h.Relayed, &h.Trimmed,
		&h.Snapshot.Version, &h.Snapshot.Epoch, &h.Snapshot.Chunks, &h.Snapshot.Checksum,
	}
}

// head reads a ledger's head within a transaction.
func (s *session) head(id ledger.ID) (head ports.Head, err error) {
	_, err = s.row(sqlHead, []any{string(id)}, headFields(&head)...)
	return head, err
}

// TakeOver implements ports.Journal.
func (s *Store) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	return ask(ctx, s.writer, 0, func(s *session) (ports.Head, error) { return s.takeOver(id, owner, seen) })
}

func (s *session) takeOver(id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	var err error
	if seen == (ports.Head{}) {
		err = s.run(sqlMakeLedger, string(id), owner)
	} else {
		err = s.run(sqlTakeOver, owner, string(id), seen.Epoch, seen.Lease)
	}
	if err != nil {
		return ports.Head{}, err
	}
	head, err := s.head(id)
	if err != nil {
		return ports.Head{}, err
	}
	// This holds after a repeat as well: only owner ever raises the epoch to this and is owner.
	if head.Epoch != seen.Epoch+1 || head.Owner != owner {
		return ports.Head{}, fmt.Errorf("%w: take over %s: epoch is %d of %q, expected %d; lease is at %d, expected %d",
			ports.ErrConflict, id, head.Epoch, head.Owner, seen.Epoch, head.Lease, seen.Lease)
	}
	return head, nil
}

// Commit implements ports.Journal.
func (s *Store) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	if err := c.CheckEntry(MaxEntry); err != nil {
		return fmt.Errorf("commit to %s: %w", id, err)
	}
	size := 0
	if c.Entry != nil {
		own := *c.Entry
		own.Body = ownBody(own.Body)
		c.Entry, size = &own, len(own.Body)
	}
	return s.writer.do(ctx, size, func(s *session) error { return s.commitEntry(id, c) })
}

func (s *session) commitEntry(id ledger.ID, c ports.Commit) error {
	version := c.Version
	if c.Entry != nil {
		version = c.Entry.Version
	}
	n, err := s.change(sqlCommitHead, version, c.Lease, c.Relayed, c.Resign, string(id), c.Epoch, c.Version, c.Lease)
	switch {
	case err != nil:
		return err
	case n == 0:
		return s.committedBefore(id, c)
	case c.Entry == nil:
		return nil
	}
	return s.run(sqlInsertEntry, string(id), c.Entry.Version, c.Entry.Commit.String(), c.Entry.Body)
}

// committedBefore tells a repeat, which is well, from a conflict.
func (s *session) committedBefore(id ledger.ID, c ports.Commit) error {
	if c.Entry != nil {
		var commit string
		ok, err := s.row(sqlCommitID, []any{string(id), c.Entry.Version}, &commit)
		if err != nil || ok && commit == c.Entry.Commit.String() {
			return err
		}
	}
	head, err := s.head(id)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: commit to %s: epoch is %d, expected %d; version is %d, expected %d; lease is at %d, expected up to %d",
		ports.ErrConflict, id, head.Epoch, c.Epoch, head.Version, c.Version, head.Lease, c.Lease)
}

// Trim implements ports.Journal. The cleaner removes the entries later: what counts is
// that readers ignore them from now on.
func (s *Store) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	return s.writer.do(ctx, 0, func(s *session) error { return s.trim(id, t) })
}

func (s *session) trim(id ledger.ID, t ports.Trim) error {
	ref := t.Snapshot
	n, err := s.change(sqlTrim, t.Upto, ref.Version, ref.Epoch, ref.Chunks, ref.Checksum, string(id), t.Epoch, ref.Version, t.Upto)
	if err != nil || n > 0 {
		return err
	}
	head, err := s.head(id)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: trim %s: epoch is %d, expected %d; snapshot is of %d, expected up to %d; trimmed up to %d, expected up to %d",
		ports.ErrConflict, id, head.Epoch, t.Epoch, head.Snapshot.Version, ref.Version, head.Trimmed, t.Upto)
}

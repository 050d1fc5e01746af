package cassandra

import (
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Conditions also compare what may only grow (lease, snapshot_version, trimmed): a write
// that was given up on and lands late, from a coordinator that was frozen, must not put
// any of them back.
const (
	// version, of the sentinel, is selected because Cassandra refuses to restrict clustering
	// columns where only static ones are.
	cqlHead = `SELECT version, head, epoch, owner, lease, relayed, trimmed, ` +
		`snapshot_version, snapshot_epoch, snapshot_chunks, snapshot_checksum ` +
		`FROM ledger WHERE ledger_id = ? AND version = 0`

	cqlMakeLedger = `INSERT INTO ledger (ledger_id, version, head, epoch, owner, lease, relayed, trimmed, ` +
		`snapshot_version, snapshot_epoch, snapshot_chunks, snapshot_checksum) ` +
		`VALUES (?, 0, 0, 1, ?, 0, 0, 0, 0, 0, 0, 0) IF NOT EXISTS`
	cqlRaiseEpoch = `UPDATE ledger SET epoch = ?, owner = ? WHERE ledger_id = ? IF epoch = ? AND lease = ?`

	cqlMoveHead = `UPDATE ledger SET head = ?, lease = ?, relayed = ? WHERE ledger_id = ? ` +
		`IF head = ? AND epoch = ? AND lease <= ?`
	cqlResign = `UPDATE ledger SET head = ?, lease = ?, relayed = ?, owner = '' WHERE ledger_id = ? ` +
		`IF head = ? AND epoch = ? AND lease <= ?`
	cqlAddEntry = `INSERT INTO ledger (ledger_id, version, commit_id, body) VALUES (?, ?, ?, ?) IF NOT EXISTS`

	cqlMovePointer = `UPDATE ledger SET snapshot_version = ?, snapshot_epoch = ?, snapshot_chunks = ?, ` +
		`snapshot_checksum = ?, trimmed = ? WHERE ledger_id = ? ` +
		`IF epoch = ? AND snapshot_version <= ? AND trimmed <= ?`
	// From 1, not from where the last trim ended: one range that covers the older ones leaves
	// a single tombstone, and the sentinel stays.
	cqlTrimEntries = `DELETE FROM ledger WHERE ledger_id = ? AND version >= 1 AND version <= ?`

	// One query for both, so that they belong together.
	cqlEntryOrSentinel = `SELECT version, commit_id, head, epoch, trimmed FROM ledger ` +
		`WHERE ledger_id = ? AND version IN (0, ?)`
)

// Head implements ports.Journal.
func (s *Store) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	head, err := s.readHead(ctx, s.plain, id, gocql.LocalQuorum)
	if err != nil {
		return ports.Head{}, readError(fmt.Sprintf("head of %s", id), err)
	}
	return head, nil
}

// readHead gives the zero Head where there is no ledger. Its error is the driver's.
func (s *Store) readHead(ctx context.Context, session *gocql.Session, id ledger.ID, level gocql.Consistency) (ports.Head, error) {
	var h ports.Head
	var sentinel, checksum int64
	iter := session.Query(cqlHead, string(id)).Consistency(level).IterContext(ctx)
	iter.Scan(&sentinel, &h.Version, &h.Epoch, &h.Owner, &h.Lease, &h.Relayed, &h.Trimmed,
		&h.Snapshot.Version, &h.Snapshot.Epoch, &h.Snapshot.Chunks, &checksum)
	err := iter.Close()
	s.slow.note(iter.Host(), err)
	if err != nil {
		return ports.Head{}, err
	}
	h.Snapshot.Checksum = uint32(checksum) // it was written from one
	return h, nil
}

// TakeOver implements ports.Journal. The epoch it makes is seen's + 1.
func (s *Store) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	op := fmt.Sprintf("take over %s above epoch %d with its lease at %d", id, seen.Epoch, seen.Lease)
	stmt := s.lwtQuery(cqlRaiseEpoch, seen.Epoch+1, owner, string(id), seen.Epoch, seen.Lease)
	if seen == (ports.Head{}) {
		stmt = s.lwtQuery(cqlMakeLedger, string(id), owner)
	}
	if _, err := conditional(ctx, stmt, s.slow); err != nil {
		return ports.Head{}, writeError(op, err)
	}
	// Applied now or by an earlier call of ours, or not: the ledger itself says whose it is.
	// The read is serial, so that everything of older epochs is settled before it.
	head, err := s.readHead(ctx, s.lwt, id, gocql.LocalSerial)
	if err != nil {
		return ports.Head{}, unknown(op, err)
	}
	if head.Epoch != seen.Epoch+1 || head.Owner != owner {
		return ports.Head{}, fmt.Errorf("%s: %w: epoch %d belongs to %q, whose lease is at %d",
			op, ports.ErrConflict, head.Epoch, head.Owner, head.Lease)
	}
	return head, nil
}

// Commit implements ports.Journal.
func (s *Store) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	op := fmt.Sprintf("commit to %s after %d under epoch %d", id, c.Version, c.Epoch)
	// Whatever compression makes of it.
	if err := c.CheckEntry(min(s.limits.entry, maxBody)); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	done, err := conditional(ctx, s.commitStatement(id, c), s.slow)
	if err != nil {
		return writeError(op, err)
	}
	if done.applied {
		return nil
	}
	if c.Entry == nil {
		return fmt.Errorf("%s: %w: found %v", op, ports.ErrConflict, done)
	}
	return s.whoseEntry(ctx, op, id, *c.Entry)
}

// commitStatement is one batch, LOGGED by name: a conditional batch of one partition is
// atomic whatever it is called.
func (s *Store) commitStatement(id ledger.ID, c ports.Commit) gocql.Statement {
	cql := cqlMoveHead
	if c.Resign {
		cql = cqlResign
	}
	if c.Entry == nil {
		return s.lwtQuery(cql, c.Version, c.Lease, c.Relayed, string(id), c.Version, c.Epoch, c.Lease)
	}
	return s.lwt.Batch(gocql.LoggedBatch).
		Query(cql, c.Entry.Version, c.Lease, c.Relayed, string(id), c.Version, c.Epoch, c.Lease).
		Query(cqlAddEntry, string(id), c.Entry.Version, uuid(c.Entry.Commit), compress(c.Entry.Body))
}

// whoseEntry explains why an entry was not added: nil where it is in the journal, by an
// earlier call of ours.
func (s *Store) whoseEntry(ctx context.Context, op string, id ledger.ID, entry ports.Record) error {
	iter := s.lwt.Query(cqlEntryOrSentinel, string(id), entry.Version).
		Consistency(gocql.LocalSerial).IterContext(ctx)
	var version, head, epoch, trimmed int64
	var commit gocql.UUID
	mine := false
	for iter.Scan(&version, &commit, &head, &epoch, &trimmed) {
		mine = mine || version == entry.Version && commit == uuid(entry.Commit)
	}
	err := iter.Close()
	s.slow.note(iter.Host(), err)
	switch {
	case err != nil:
		return unknown(op, err)
	case mine:
		return nil
	case trimmed >= entry.Version:
		return fmt.Errorf("%s: %w: the ledger is at %d under epoch %d, and entry %d is trimmed: whose it was can't be told",
			op, ports.ErrConflict, head, epoch, entry.Version)
	default:
		return fmt.Errorf("%s: %w: the ledger is at %d under epoch %d", op, ports.ErrConflict, head, epoch)
	}
}

// Trim implements ports.Journal.
func (s *Store) Trim(ctx context.Context, id ledger.ID, t ports.Trim) error {
	op := fmt.Sprintf("trim %s up to %d under epoch %d", id, t.Upto, t.Epoch)
	if t.Upto > t.Snapshot.Version {
		return fmt.Errorf("%s: %w: the snapshot is of %d only", op, ports.ErrPermanent, t.Snapshot.Version)
	}
	b := s.lwt.Batch(gocql.LoggedBatch).Query(cqlMovePointer,
		t.Snapshot.Version, t.Snapshot.Epoch, t.Snapshot.Chunks, int64(t.Snapshot.Checksum), t.Upto, string(id),
		t.Epoch, t.Snapshot.Version, t.Upto)
	if t.Upto > 0 {
		b.Query(cqlTrimEntries, string(id), t.Upto)
	}
	done, err := conditional(ctx, b, s.slow)
	if err != nil {
		return writeError(op, err)
	}
	if !done.applied {
		return fmt.Errorf("%s: %w: found %v", op, ports.ErrConflict, done)
	}
	return nil
}

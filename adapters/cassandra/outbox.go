package cassandra

import (
	"context"
	"encoding/json"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Outbox = (*Store)(nil)

// A row has its last entry's time as timestamp, so that what was removed does not come back
// when an old owner writes it again.
const (
	cqlWriteOutbox = `INSERT INTO outbox (ledger_id, last, first, since, until, parts) ` +
		`VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
	cqlReadOutbox = `SELECT last, first, since, until, parts FROM outbox ` +
		`WHERE ledger_id = ? AND last > ? LIMIT ?`
	cqlReadPublished = `SELECT DISTINCT ledger_id, published FROM outbox WHERE ledger_id = ?`
	cqlNotePublished = `UPDATE outbox SET published = ? WHERE ledger_id = ?`
	cqlTrimOutbox    = `DELETE FROM outbox WHERE ledger_id = ? AND last <= ?`
)

func addOutbox(p *packer, rows []ports.OutboxRow) {
	p.table()
	for _, r := range rows {
		parts, _ := json.Marshal(r.Parts) // strings never fail
		p.add(partition{string(r.Ledger), ""}, len(parts), cqlWriteOutbox,
			string(r.Ledger), r.Last, r.First, r.Since, r.Until, string(parts),
			r.Until.UnixMicro())
	}
}

// Pending implements ports.Outbox.
func (s *Store) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	if limit <= 0 {
		return nil, nil
	}
	op := fmt.Sprintf("outbox of %s", id)
	iter := s.plain.Query(cqlReadOutbox, string(id), above, limit).IterContext(ctx)
	var rows []ports.OutboxRow
	for {
		r := ports.OutboxRow{Ledger: id}
		var parts string
		if !iter.Scan(&r.Last, &r.First, &r.Since, &r.Until, &parts) {
			break
		}
		if err := json.Unmarshal([]byte(parts), &r.Parts); err != nil {
			_ = iter.Close() // the row's error is the one to tell
			return nil, fmt.Errorf("%s: %w: parts %.100q: %w", op, ledger.ErrCorrupt, parts, err)
		}
		rows = append(rows, r)
	}
	if err := iter.Close(); err != nil {
		return nil, readError(op, err)
	}
	return rows, nil
}

// Published implements ports.Outbox.
func (s *Store) Published(ctx context.Context, id ledger.ID) (int64, error) {
	var version *int64 // NULL where rows were written and nothing noted yet
	iter := s.plain.Query(cqlReadPublished, string(id)).IterContext(ctx)
	var same string
	ok := iter.Scan(&same, &version)
	if err := iter.Close(); err != nil {
		return 0, readError(fmt.Sprintf("outbox of %s", id), err)
	}
	if !ok || version == nil {
		return 0, nil
	}
	return *version, nil
}

// NotePublished implements ports.Outbox.
func (s *Store) NotePublished(ctx context.Context, id ledger.ID, version int64) error {
	b := s.plain.Batch(gocql.UnloggedBatch)
	b.Entries = []gocql.BatchEntry{
		{Stmt: cqlNotePublished, Args: []any{version, string(id)}, Idempotent: true},
		{Stmt: cqlTrimOutbox, Args: []any{string(id), version}, Idempotent: true},
	}
	return writeError(fmt.Sprintf("outbox of %s", id), b.ExecContext(ctx))
}

package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Outbox = (*Store)(nil)

const (
	// The same entries give the same row.
	sqlPutOutbox = `INSERT INTO outbox (ledger_id, last, first, since, until, parts) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	sqlOutbox    = `SELECT last, first, since, until, parts FROM outbox WHERE ledger_id = ? AND last > ? ORDER BY last, first LIMIT ?`
	sqlPublished = `SELECT published FROM outbox_published WHERE ledger_id = ?`

	sqlNotePublished = `INSERT INTO outbox_published (ledger_id, published) VALUES (?, ?)
		ON CONFLICT (ledger_id) DO UPDATE SET published = excluded.published`
	sqlTrimOutbox = `DELETE FROM outbox WHERE ledger_id = ? AND last <= ?`
)

// partsText writes parts as a JSON array.
func partsText(parts []ports.OutboxPart) string {
	text, _ := json.Marshal(parts) // strings never fail
	return string(text)
}

// Pending implements ports.Outbox.
func (s *Store) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	var found []ports.OutboxRow
	err := s.each(ctx, sqlOutbox, []any{string(id), above, limit}, func(rows *sql.Rows) (bool, error) {
		r := ports.OutboxRow{Ledger: id}
		var since, until, parts string
		if err := rows.Scan(&r.Last, &r.First, &since, &until, &parts); err != nil {
			return false, err
		}
		var p parsed
		r.Since, r.Until = p.time(since), p.time(until)
		p.note(json.Unmarshal([]byte(parts), &r.Parts))
		found = append(found, r)
		return true, p.err
	})
	return found, err
}

// Published implements ports.Outbox.
func (s *Store) Published(ctx context.Context, id ledger.ID) (version int64, err error) {
	err = s.each(ctx, sqlPublished, []any{string(id)}, func(rows *sql.Rows) (bool, error) {
		return false, rows.Scan(&version)
	})
	return version, err
}

// NotePublished implements ports.Outbox.
func (s *Store) NotePublished(ctx context.Context, id ledger.ID, version int64) error {
	return s.writer.do(ctx, rowBytes, func(s *session) error {
		return s.runAll([]statement{{sqlNotePublished, []any{string(id), version}, 0}, {sqlTrimOutbox, []any{string(id), version}, 0}})
	})
}

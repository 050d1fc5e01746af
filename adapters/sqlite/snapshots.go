package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"hash/crc32"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.Snapshots = (*Store)(nil)

const (
	sqlInsertChunk = `INSERT INTO ledger_snapshot (ledger_id, version, epoch, chunk, body) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (ledger_id, version, epoch, chunk) DO UPDATE SET body = excluded.body`
	sqlSnapshot = `SELECT chunk, body FROM ledger_snapshot
		WHERE ledger_id = ? AND version = ? AND epoch = ? AND chunk < ? ORDER BY chunk`
	sqlDropChunks = `DELETE FROM ledger_snapshot WHERE ledger_id = ? AND version = ? AND epoch = ? AND chunk >= ?`
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteSnapshot implements ports.Snapshots. Each chunk is a write of its own, so that
// commits of other ledgers get in between.
func (s *Store) WriteSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef, chunks [][]byte) error {
	for i, chunk := range chunks {
		own := ownBody(chunk)
		if err := s.writer.do(ctx, len(own), func(s *session) error {
			return s.run(sqlInsertChunk, string(id), ref.Version, ref.Epoch, i, own)
		}); err != nil {
			return fmt.Errorf("snapshot %d of %s: chunk %d: %w", ref.Version, id, i, err)
		}
	}
	return nil
}

// ReadSnapshot implements ports.Snapshots.
func (s *Store) ReadSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) ([]byte, error) {
	var whole []byte
	next := 0
	err := s.each(ctx, sqlSnapshot, []any{string(id), ref.Version, ref.Epoch, ref.Chunks}, func(rows *sql.Rows) (bool, error) {
		var n int
		var body sql.RawBytes
		if err := rows.Scan(&n, &body); err != nil || n != next {
			return false, err
		}
		whole = append(whole, body...)
		next++
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if next != ref.Chunks {
		return nil, fmt.Errorf("%w: snapshot %d of %s under epoch %d: chunk %d of %d is missing",
			ports.ErrPermanent, ref.Version, id, ref.Epoch, next, ref.Chunks)
	}
	if sum := crc32.Checksum(whole, castagnoli); sum != ref.Checksum {
		return nil, fmt.Errorf("%w: snapshot %d of %s under epoch %d: its checksum is %08x, expected %08x",
			ports.ErrPermanent, ref.Version, id, ref.Epoch, sum, ref.Checksum)
	}
	return whole, nil
}

// DropSnapshot implements ports.Snapshots, chunk by chunk from the last one for the same
// reason.
func (s *Store) DropSnapshot(ctx context.Context, id ledger.ID, ref ports.SnapshotRef) error {
	for from := ref.Chunks; from >= 0; from-- {
		if err := s.writer.do(ctx, 0, func(s *session) error {
			return s.run(sqlDropChunks, string(id), ref.Version, ref.Epoch, from)
		}); err != nil {
			return fmt.Errorf("drop snapshot %d of %s: %w", ref.Version, id, err)
		}
	}
	return nil
}

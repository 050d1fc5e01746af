package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

var _ ports.JournalReader = (*Store)(nil)

const sqlEntries = `SELECT version, commit_id, body FROM ledger
	WHERE ledger_id = ? AND version > ? AND version <= ?
	AND version > (SELECT trimmed FROM ledger_head WHERE ledger_id = ledger.ledger_id)
	ORDER BY version LIMIT ?`

// Limits of a page, which is read whole before it is given out, so that no read
// transaction stays open while a caller takes its time.
const (
	maxPageRows  = 256
	maxPageBytes = 4 << 20
)

// Entries implements ports.JournalReader.
func (s *Store) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	for after < upto {
		page, err := s.entryPage(ctx, id, after, upto)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return s.endOfEntries(ctx, id, after, settled)
		}
		for _, r := range page {
			if after++; r.Version != after {
				return missing(id, after)
			}
			if err := take(r); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) entryPage(ctx context.Context, id ledger.ID, after, upto int64) ([]ports.Record, error) {
	var page []ports.Record
	size := 0
	err := s.each(ctx, sqlEntries, []any{string(id), after, upto, maxPageRows}, func(rows *sql.Rows) (bool, error) {
		var r ports.Record
		var commit string
		if err := rows.Scan(&r.Version, &commit, &r.Body); err != nil {
			return false, err
		}
		var p parsed
		r.Commit = p.uuid(commit)
		page = append(page, r)
		size += len(r.Body)
		return size < maxPageBytes, p.err
	})
	return page, err
}

// endOfEntries says whether reading may end after an entry.
func (s *Store) endOfEntries(ctx context.Context, id ledger.ID, last int64, settled bool) error {
	head, err := s.Head(ctx, id)
	if err != nil {
		return err
	}
	if settled || last < head.Trimmed {
		return missing(id, last+1)
	}
	return nil
}

func missing(id ledger.ID, version int64) error {
	return fmt.Errorf("%w: entry %d of %s is missing", ports.ErrPermanent, version, id)
}

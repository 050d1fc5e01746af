package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// maxReaders bounds the connections that read.
const maxReaders = 4

func openReaders(path string, busy time.Duration) (*sql.DB, error) {
	db := open(path, busy, maxReaders, readerPragmas)
	if err := db.Ping(); err != nil {
		return nil, errors.Join(classify(err), db.Close())
	}
	return db, nil
}

// prepareReads prepares every query of readers.
func prepareReads(ctx context.Context, db *sql.DB) (map[string]*sql.Stmt, error) {
	stmts := map[string]*sql.Stmt{}
	for _, query := range []string{
		sqlHead, sqlEntries, sqlSnapshot, sqlEvents, sqlLevels, sqlReservation,
		sqlRecallReservations, sqlRecallAdjustments, sqlWarehouses, sqlMembers,
		sqlOutbox, sqlPublished, sqlGlobalOf, sqlGlobalAfter,
	} {
		stmt, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("prepare %.60q: %w", query, classify(err))
		}
		stmts[query] = stmt
	}
	return stmts, nil
}

// each runs a query of readers and calls scan for each row until more is false.
func (s *Store) each(ctx context.Context, query string, args []any, scan func(*sql.Rows) (more bool, err error)) (err error) {
	rows, err := s.reads[query].QueryContext(ctx, args...)
	if err != nil {
		return classify(err)
	}
	defer func() { err = errors.Join(err, classify(rows.Close())) }()
	for rows.Next() {
		if more, err := scan(rows); err != nil || !more {
			return classify(err)
		}
	}
	return classify(rows.Err())
}

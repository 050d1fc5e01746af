package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

const (
	// sqlBegin takes the write lock at once, so that what the transaction reads stays true.
	sqlBegin      = `BEGIN IMMEDIATE`
	sqlCommit     = `COMMIT`
	sqlSavepoint  = `SAVEPOINT job`
	sqlRelease    = `RELEASE job`
	sqlRollbackTo = `ROLLBACK TO job`
)

// session is the writing connection and its prepared statements. It is used by one
// goroutine. Its statements are not bound to a caller's context: one caller's end must
// not undo the writes of others.
type session struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newSession(conn *sql.Conn) *session {
	return &session{conn: conn, stmts: map[string]*sql.Stmt{}}
}

func (s *session) begin() error  { return s.run(sqlBegin) }
func (s *session) commit() error { return s.run(sqlCommit) }

// savepoint runs a job and undoes what it did where it fails: answer is the job's own
// error. err says that the transaction as a whole is gone.
func (s *session) savepoint(j *job) (answer, err error) {
	if err := j.ctx.Err(); err != nil {
		return err, nil // nobody waits for it any more
	}
	if err := s.run(sqlSavepoint); err != nil {
		return nil, err
	}
	if answer = j.run(s); answer != nil {
		// Some failures, a full disk among them, have rolled everything back already: then
		// there is no savepoint any more, and this fails.
		if err := s.run(sqlRollbackTo); err != nil {
			return nil, errors.Join(answer, err)
		}
	}
	if err := s.run(sqlRelease); err != nil {
		return nil, err
	}
	return classify(answer), nil
}

// prepared returns the statement of a query, preparing it once.
func (s *session) prepared(query string) (*sql.Stmt, error) {
	if stmt := s.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", query, err)
	}
	s.stmts[query] = stmt
	return stmt, nil
}

// run executes a statement.
func (s *session) run(query string, args ...any) error {
	stmt, err := s.prepared(query)
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(context.Background(), args...)
	return err
}

// change executes a statement and returns the number of rows that it changed.
func (s *session) change(query string, args ...any) (int64, error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row reads one row into dest; ok is false where there is none.
func (s *session) row(query string, args []any, dest ...any) (ok bool, err error) {
	stmt, err := s.prepared(query)
	if err != nil {
		return false, err
	}
	switch err := stmt.QueryRowContext(context.Background(), args...).Scan(dest...); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// drop closes the connection for good. Errors don't matter: nothing is lost with it but a
// transaction that is not committed.
func (s *session) drop() {
	for _, stmt := range s.stmts {
		_ = stmt.Close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}

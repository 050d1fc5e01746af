package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"inventory/ports"
	"inventory/schemas"
)

const (
	sqlMakeMigrations = `CREATE TABLE IF NOT EXISTS schema_migrations (
		version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT`
	sqlListMigrations  = `SELECT version, name, checksum FROM schema_migrations ORDER BY version`
	sqlInsertMigration = `INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)`
)

// migration is one file of schemas.SQLite.
type migration struct {
	version  int
	name     string // of the file
	script   string
	checksum string // SHA-256 in hexadecimal digits
}

// known reads the migrations of this program, in order.
func known(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "sqlite/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, name := range names {
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		name = strings.TrimPrefix(name, "sqlite/")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != len(all)+1 {
			return nil, fmt.Errorf("migration %s: its number should be %04d", name, len(all)+1)
		}
		sum := sha256.Sum256(script)
		all = append(all, migration{version, name, string(script), hex.EncodeToString(sum[:])})
	}
	return all, nil
}

// migrate brings the database to this program's schema: in one transaction under the
// write lock, so that of two processes one does it and the other finds it done.
func (w *writer) migrate(ctx context.Context, now time.Time) error {
	migrations, err := known(schemas.SQLite)
	if err != nil {
		return fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	return w.applyAll(ctx, migrations, now)
}

func (w *writer) applyAll(ctx context.Context, migrations []migration, now time.Time) (err error) {
	conn, err := w.connect(ctx)
	if err != nil {
		return classify(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, sqlBegin); err != nil {
		return classify(err)
	}
	if err := applyMissing(ctx, conn, migrations, now); err != nil {
		_, rollback := conn.ExecContext(context.WithoutCancel(ctx), `ROLLBACK`)
		return errors.Join(classify(err), rollback)
	}
	_, err = conn.ExecContext(ctx, sqlCommit)
	return classify(err)
}

// maxConnects bounds how often a connection is tried: while another process turns a new
// file to WAL mode, SQLite says that it is busy without waiting.
const maxConnects = 100

func (w *writer) connect(ctx context.Context) (*sql.Conn, error) {
	var err error
	for range maxConnects {
		var conn *sql.Conn
		if conn, err = w.db.Conn(ctx); err == nil {
			return conn, nil
		}
		if ports.ClassOf(classify(err)) != ports.Transient {
			break
		}
	}
	return nil, err
}

func applyMissing(ctx context.Context, conn *sql.Conn, migrations []migration, now time.Time) error {
	if _, err := conn.ExecContext(ctx, sqlMakeMigrations); err != nil {
		return err
	}
	applied, err := listApplied(ctx, conn)
	if err != nil {
		return err
	}
	if err := compare(applied, migrations); err != nil {
		return err
	}
	for _, m := range migrations[len(applied):] {
		if _, err := conn.ExecContext(ctx, m.script); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
		if _, err := conn.ExecContext(ctx, sqlInsertMigration, m.version, m.name, m.checksum, timeText(now)); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}

func listApplied(ctx context.Context, conn *sql.Conn) (applied []migration, err error) {
	rows, err := conn.QueryContext(ctx, sqlListMigrations)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m migration
		if err := rows.Scan(&m.version, &m.name, &m.checksum); err != nil {
			return nil, err
		}
		applied = append(applied, m)
	}
	return applied, rows.Err()
}

// compare proves that what was applied is the beginning of what this program knows.
func compare(applied, migrations []migration) error {
	if len(applied) > len(migrations) {
		last := applied[len(applied)-1]
		return fmt.Errorf("%w: the database is newer than this program: it has migration %s, this program knows %d; run a newer program",
			ports.ErrPermanent, last.name, len(migrations))
	}
	for i, a := range applied {
		if m := migrations[i]; a.version != m.version || a.checksum != m.checksum {
			return fmt.Errorf("%w: migration %s was applied with checksum %.12s, this program has %s with %.12s: a released migration never changes",
				ports.ErrPermanent, a.name, a.checksum, m.name, m.checksum)
		}
	}
	return nil
}

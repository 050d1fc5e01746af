// Package sqlite keeps journals, tables, the directory and the members in one SQLite file, durably and
// without a server: the store of the embedded default. Its tables and columns are those
// of Cassandra, so that `sqlite3` answers the same questions.
//
// Every write goes through one goroutine, which runs all that wait in one transaction
// and so pays one fsync for them; readers have connections of their own. It knows no
// business rule. cmd wires it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"inventory/ports"
)

// FileName is the name of the database in its directory.
const FileName = "inventory.db"

// Times to live that Options default to. Source: spec S5, S3.
const (
	DefaultReservationTTL = 30 * 24 * time.Hour
	DefaultAdjustmentTTL  = 7 * 24 * time.Hour
)

// DefaultMemberTTL is how long a member is remembered after it was last heard of.
const DefaultMemberTTL = 10 * time.Minute

// defaultBusyTimeout is how long a writer waits for another process.
const defaultBusyTimeout = 10 * time.Second

// Options are what a Store can be told. Only Clock has no default.
type Options struct {
	Clock          ports.Clock   // tells when rows have outlived their time to live
	ReservationTTL time.Duration // of rows of reservation after they were written last
	AdjustmentTTL  time.Duration // of rows of adjustment after they were written last
	MemberTTL      time.Duration // of rows of member after they were written last
	BusyTimeout    time.Duration // how long a write waits for one of another process
}

// Store is a handle on a database. It is safe for concurrent use; several handles on one
// file, in one process or in several, see each other's writes.
type Store struct {
	opts    Options
	readers *sql.DB
	reads   map[string]*sql.Stmt // by SQL, prepared once
	writer  *writer
	cleaner *cleaner
}

// Open opens the database in dir, making both where there are none, and migrates it to
// this program's schema. It refuses a database of a newer program (ErrPermanent). Close
// it after use.
func Open(ctx context.Context, dir string, opts Options) (*Store, error) {
	if opts.Clock == nil {
		return nil, fmt.Errorf("%w: sqlite: Options.Clock is missing", ports.ErrPermanent)
	}
	opts = withDefaults(opts)
	path, err := databasePath(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: sqlite: %w", ports.ErrPermanent, err)
	}
	w := newWriter(path, opts.BusyTimeout)
	if err := w.migrate(ctx, opts.Clock.Now()); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", path, err), w.db.Close())
	}
	readers, err := openReaders(path, opts.BusyTimeout)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", path, err), w.db.Close())
	}
	s := &Store{opts: opts, readers: readers, writer: w}
	if s.reads, err = prepareReads(ctx, readers); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", path, err), readers.Close(), w.db.Close())
	}
	w.start()
	s.cleaner = startCleaner(s)
	return s, nil
}

// Close finishes the writes that wait and closes the database. Writes that come later
// are refused.
func (s *Store) Close() error {
	s.cleaner.close()
	err := s.writer.close()
	return errors.Join(err, s.readers.Close())
}

func withDefaults(o Options) Options {
	if o.ReservationTTL <= 0 {
		o.ReservationTTL = DefaultReservationTTL
	}
	if o.AdjustmentTTL <= 0 {
		o.AdjustmentTTL = DefaultAdjustmentTTL
	}
	if o.MemberTTL <= 0 {
		o.MemberTTL = DefaultMemberTTL
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = defaultBusyTimeout
	}
	return o
}

// databasePath makes dir and returns the absolute path of the database in it.
func databasePath(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("the data directory has no name")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, FileName), os.MkdirAll(dir, 0o750)
}

// pragmas of every connection; those of writing and of reading ones come on top. Full
// synchronisation makes each commit durable; in WAL mode readers and the writer don't
// wait for each other.
var (
	pragmas       = []string{"journal_mode(WAL)", "synchronous(FULL)", "temp_store(MEMORY)"}
	writerPragmas = []string{"cache_size(-65536)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)"}
	readerPragmas = []string{"cache_size(-8192)", "query_only(1)"}
)

// open returns a pool of at most size connections to the database.
func open(path string, busy time.Duration, size int, more []string) *sql.DB {
	q := url.Values{"_busy_timeout": {fmt.Sprint(busy.Milliseconds())}, "_error_rc": {"1"}, "_dqs": {"0"}}
	q["_pragma"] = append(append([]string{}, pragmas...), more...)
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		panic("sqlite: the driver is not there: " + err.Error()) // only an unknown driver's name gives an error
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db
}

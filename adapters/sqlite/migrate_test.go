package sqlite

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"inventory/ports"
	"inventory/ports/porttest"
	"inventory/schemas"
)

func TestOpeningAgainAppliesNothingTwice(t *testing.T) {
	dir := t.TempDir()
	all, err := known(schemas.SQLite)
	want(t, err, nil)
	for range 3 {
		s, err := Open(t.Context(), dir, Options{Clock: porttest.NewClock(now)})
		want(t, err, nil)
		s.wantRows(t, "schema_migrations", len(all))
		want(t, s.Close(), nil)
	}
}

func TestTwentyOpenANewDatabaseAtOnce(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		errs := make(chan error)
		for range 20 {
			go func() {
				s, err := Open(t.Context(), dir, Options{Clock: porttest.NewClock(now)})
				if err == nil {
					err = s.Close()
				}
				errs <- err
			}()
		}
		for range 20 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}
}

// alter changes the list of applied migrations.
func alter(t *testing.T, dir, statement string) {
	t.Helper()
	path, err := databasePath(dir)
	want(t, err, nil)
	db := open(path, time.Second, 1, nil)
	_, err = db.Exec(statement)
	want(t, errors.Join(err, db.Close()), nil)
}

func TestADatabaseThatDoesNotFitIsRefused(t *testing.T) {
	for _, c := range []struct{ name, statement, says string }{
		{"newer", `INSERT INTO schema_migrations VALUES (99, '0099_later.sql', 'x', '')`, "newer than this program: it has migration 0099_later.sql"},
		{"changed", `UPDATE schema_migrations SET checksum = 'abc' WHERE version = 2`, "0002_derived.sql was applied with checksum abc"},
		{"a gap", `DELETE FROM schema_migrations WHERE version = 2`, "0003_directory.sql"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			openStore(t, dir, Options{})
			alter(t, dir, c.statement)
			_, err := Open(t.Context(), dir, Options{Clock: porttest.NewClock(now)})
			want(t, err, ports.ErrPermanent)
			if !strings.Contains(err.Error(), c.says) {
				t.Fatalf("error %q does not say %q", err, c.says)
			}
		})
	}
}

func TestAMigrationThatFailsLeavesNothing(t *testing.T) {
	path, err := databasePath(t.TempDir())
	want(t, err, nil)
	w := newWriter(path, time.Second)
	defer w.db.Close()
	files := fstest.MapFS{
		"sqlite/0001_fine.sql":   {Data: []byte(`CREATE TABLE fine (n INTEGER); CREATE TABLE too (n INTEGER);`)},
		"sqlite/0002_broken.sql": {Data: []byte(`CREATE TABLE half (n INTEGER); CREATE TABEL broken (n INTEGER);`)},
	}
	all, err := known(files)
	want(t, err, nil)
	if err := w.applyAll(t.Context(), all, now); err == nil || !strings.Contains(err.Error(), "0002_broken.sql") {
		t.Fatalf("got error %v, want one that names the migration", err)
	}
	var tables int
	want(t, w.db.QueryRow(`SELECT count(*) FROM sqlite_master`).Scan(&tables), nil)
	if tables != 0 {
		t.Fatalf("%d tables were left", tables)
	}
	delete(files, "sqlite/0001_fine.sql")
	if _, err := known(files); err == nil {
		t.Fatal("migrations that start at 2 were accepted")
	}
}

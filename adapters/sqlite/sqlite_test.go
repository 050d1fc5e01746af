package sqlite_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/sqlite"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, "child process:", runChild(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// opener opens a new handle on one database each time, as another process would.
func opener(t *testing.T) func(t *testing.T) *sqlite.Store {
	dir := t.TempDir()
	return func(t *testing.T) *sqlite.Store { return open(t, dir) }
}

func open(t testing.TB, dir string) *sqlite.Store {
	t.Helper()
	clock := porttest.NewClock(time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return store
}

func TestJournal(t *testing.T) {
	open := opener(t)
	porttest.Journal(t, func(t *testing.T) porttest.JournalStore { return open(t) })
}

func TestTables(t *testing.T) {
	open := opener(t)
	porttest.Tables(t, func(t *testing.T) porttest.TablesStore { return open(t) })
}

func TestMembers(t *testing.T) {
	open := opener(t)
	porttest.Members(t, func(t *testing.T) ports.Members { return open(t) })
}

func TestGlobalTable(t *testing.T) {
	open := opener(t)
	porttest.GlobalTable(t, func(t *testing.T) ports.GlobalTable { return open(t) })
}

func TestDirectory(t *testing.T) {
	open := opener(t)
	porttest.Directory(t, func(t *testing.T) ports.Directory { return open(t) })
}

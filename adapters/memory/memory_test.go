package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"inventory/adapters/memory"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestJournal(t *testing.T) {
	store := memory.New()
	porttest.Journal(t, func(*testing.T) porttest.JournalStore { return store })
}

func TestTables(t *testing.T) {
	store := memory.New()
	porttest.Tables(t, func(*testing.T) porttest.TablesStore { return store })
}

func TestMembers(t *testing.T) {
	store := memory.New()
	porttest.Members(t, func(*testing.T) ports.Members { return store })
}

func TestDirectory(t *testing.T) {
	store := memory.New()
	porttest.Directory(t, func(*testing.T) ports.Directory { return store })
}

package cassandra_test

import (
	"testing"

	"inventory/ports"
	"inventory/ports/porttest"
)

func TestJournal(t *testing.T) {
	porttest.Journal(t, func(t *testing.T) porttest.JournalStore { return open(t) })
}

func TestTables(t *testing.T) {
	porttest.Tables(t, func(t *testing.T) porttest.TablesStore { return open(t) })
}

func TestGlobalTable(t *testing.T) {
	porttest.GlobalTable(t, func(t *testing.T) ports.GlobalTable { return open(t) })
}

func TestMembers(t *testing.T) {
	porttest.Members(t, func(t *testing.T) ports.Members { return open(t) })
}

func TestDirectory(t *testing.T) {
	porttest.Directory(t, func(t *testing.T) ports.Directory { return open(t) })
}

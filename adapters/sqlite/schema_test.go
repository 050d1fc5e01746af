package sqlite

import (
	"database/sql"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// The database answers what people ask of Cassandra, in the same words.
func TestTheTablesReadAsInCassandra(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{})
	want(t, s.Write(t.Context(), ports.Rows{Events: []ports.EventRow{{
		EventID: ledger.UUID{0xab}, SKU: "A", WarehouseID: "W", EventType: "HELD", Quantity: -3, Source: "inventory",
		OccurredAt: time.Date(2026, 11, 26, 15, 59, 59, 7_000_000, time.FixedZone("west", -8*3600)), Metadata: `{"v":1}`,
	}}}), nil)
	path, err := databasePath(dir)
	want(t, err, nil)
	db, err := sql.Open("sqlite", ":memory:")
	want(t, err, nil)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`ATTACH ? AS inventory`, path)
	want(t, err, nil)
	var got string
	err = db.QueryRow(`SELECT concat_ws('|', event_id, sku, warehouse_id, event_type, quantity, source, occurred_at, metadata)
		FROM inventory.events WHERE sku = 'A' AND occurred_at > '2026-11-26' AND date(occurred_at) = '2026-11-26'`).Scan(&got)
	want(t, err, nil)
	if want := `ab000000-0000-0000-0000-000000000000|A|W|HELD|-3|inventory|2026-11-26T23:59:59.007Z|{"v":1}`; got != want {
		t.Fatalf("the row reads\n %s, want\n %s", got, want)
	}
	columns := `SELECT group_concat(name, ' ') FROM pragma_table_info('events', 'inventory')`
	want(t, db.QueryRow(columns).Scan(&got), nil)
	if want := "event_id sku warehouse_id event_type quantity source occurred_at metadata"; got != want {
		t.Fatalf("columns are %s, want %s", got, want)
	}
}

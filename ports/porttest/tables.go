package porttest

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// TablesStore is what the suite Tables runs on.
type TablesStore interface {
	ports.Tables
	ports.Archive
	ports.Books
	ports.Outbox
}

// Tables proves that a store keeps the contracts of ports.Tables, ports.Archive,
// ports.Books and ports.Outbox. Each call of open gives a handle on the same store, as in Journal.
func Tables(t *testing.T, open func(t *testing.T) TablesStore) {
	groups := map[string]map[string]func(*tablesTest){
		"events":       eventTests,
		"levels":       levelTests,
		"reservations": reservationTests,
		"recall":       recallTests,
		"write":        writeTests,
		"outbox":       outboxTests,
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		tests := groups[group]
		for _, name := range slices.Sorted(maps.Keys(tests)) {
			t.Run(group+"/"+name, func(t *testing.T) { tests[name](newTablesTest(t, open)) })
		}
	}
}

// tablesTest is one test of the suite: two handles on a store, one to write and one to
// read by, and a SKU that is new in it.
type tablesTest struct {
	*testing.T
	ctx    context.Context
	writer TablesStore
	reader TablesStore
	sku    string
	base   time.Time // of the first row
}

func newTablesTest(t *testing.T, open func(t *testing.T) TablesStore) *tablesTest {
	return &tablesTest{
		T: t, ctx: t.Context(), writer: open(t), reader: open(t), sku: unique("SKU"),
		base: time.Date(2026, time.November, 26, 23, 59, 59, int(7*time.Millisecond), time.UTC),
	}
}

// at returns the nth time after the base, in steps of a millisecond.
func (t *tablesTest) at(n int) time.Time { return t.base.Add(time.Duration(n) * time.Millisecond) }

func (t *tablesTest) write(rows ports.Rows) {
	t.Helper()
	must(t.T, "Write", func() error { return t.writer.Write(t.ctx, rows) })
}

// event returns a row at the nth time.
func (t *tablesTest) event(n int) ports.EventRow {
	return ports.EventRow{
		EventID: newUUID(), SKU: t.sku, WarehouseID: "AMS-1", EventType: "HELD", Quantity: int64(n),
		Source: "inventory", OccurredAt: t.at(n), Metadata: `{"v":1,"seq":7}`,
	}
}

// level returns a row of a week at the nth time.
func (t *tablesTest) level(week string, n int) ports.LevelRow {
	v := int64(n)
	return ports.LevelRow{
		SKU: t.sku, WarehouseID: "AMS-1", ISOWeek: week, Opening: 100 + v, Received: 1_000_000_000, Adjusted: -5 - v,
		Picked: 3 + v, OnHand: 92 + v, Held: 12 + v, Version: 7 + v, At: t.at(n),
	}
}

// reservation returns a row of an id at the nth time.
func (t *tablesTest) reservation(id ledger.UUID, n int) ports.ReservationRow {
	return ports.ReservationRow{
		ReservationID: id, OrderID: "order-" + id.String(), Status: "HELD", Items: `[{"sku":"A","quantity":2}]`,
		ExpiresAt: t.at(n + 3_600_000), Version: int64(40 + n), At: t.at(n), Body: []byte{1, 0, 0xff, byte(n)},
	}
}

// adjustment returns a row of an id at the nth time.
func (t *tablesTest) adjustment(id ledger.UUID, n int) ports.AdjustmentRow {
	return ports.AdjustmentRow{
		ID: id, Ledger: ledger.StockID("AMS-1", 0), Actor: "anna@example.org", Key: "key-" + id.String(),
		At: t.at(n), Body: []byte{2, 0, 0xfe, byte(n)},
	}
}

// events reads the events of the SKU in a warehouse up to a time, by id.
func (t *tablesTest) events(warehouse string, upto time.Time) map[ledger.UUID]ports.EventRow {
	t.Helper()
	var got map[ledger.UUID]ports.EventRow
	must(t.T, "Events", func() error {
		got = map[ledger.UUID]ports.EventRow{}
		return t.reader.Events(t.ctx, t.sku, warehouse, upto, func(r ports.EventRow) error {
			if _, ok := got[r.EventID]; ok {
				t.Fatalf("event %v came twice", r.EventID)
			}
			got[r.EventID] = r
			return nil
		})
	})
	return got
}

// wantEvents fails the test unless exactly want is read up to a time.
func (t *tablesTest) wantEvents(warehouse string, upto time.Time, want ...ports.EventRow) {
	t.Helper()
	got := t.events(warehouse, upto)
	for _, w := range want {
		r, ok := got[w.EventID]
		if !ok {
			t.Fatalf("event %+v is missing", w)
		}
		if !r.OccurredAt.Equal(w.OccurredAt) {
			t.Fatalf("event occurred at %v, want %v", r.OccurredAt, w.OccurredAt)
		}
		if r.OccurredAt = w.OccurredAt; r != w {
			t.Fatalf("event is\n %+v, want\n %+v", r, w)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
}

// wantLevels fails the test unless the newest rows, at most limit, are want.
func (t *tablesTest) wantLevels(limit int, want ...ports.LevelRow) {
	t.Helper()
	var got []ports.LevelRow
	must(t.T, "Levels", func() (err error) {
		got, err = t.reader.Levels(t.ctx, t.sku, "AMS-1", limit)
		return err
	})
	if len(got) != len(want) {
		t.Fatalf("got %d rows, want %d", len(got), len(want))
	}
	for i, w := range want {
		r := got[i]
		if !r.At.Equal(w.At) {
			t.Fatalf("row %d is of %v, want %v", i, r.At, w.At)
		}
		if r.At = w.At; r != w {
			t.Fatalf("row %d is\n %+v, want\n %+v", i, r, w)
		}
	}
}

// wantReservation fails the test unless the reservation's row is want.
func (t *tablesTest) wantReservation(want ports.ReservationRow) {
	t.Helper()
	var got ports.ReservationRow
	must(t.T, "Reservation", func() error {
		r, ok, err := t.reader.Reservation(t.ctx, want.ReservationID)
		if err == nil && !ok {
			t.Fatalf("reservation %v is missing", want.ReservationID)
		}
		got = r
		return err
	})
	same := got.ReservationID == want.ReservationID && got.OrderID == want.OrderID && got.Status == want.Status &&
		got.Items == want.Items && got.Version == want.Version && string(got.Body) == string(want.Body)
	if !same || !got.ExpiresAt.Equal(want.ExpiresAt) || !got.At.Equal(want.At) {
		t.Fatalf("reservation is\n %+v, want\n %+v", got, want)
	}
}

// recall looks keys up.
func (t *tablesTest) recall(kind ledger.Kind, keys ...ledger.UUID) map[ledger.UUID][]byte {
	t.Helper()
	var got map[ledger.UUID][]byte
	must(t.T, "Recall", func() (err error) {
		got, err = t.reader.Recall(t.ctx, kind, keys)
		return err
	})
	return got
}

// wantRecall fails the test unless exactly want is found under keys.
func (t *tablesTest) wantRecall(kind ledger.Kind, want map[ledger.UUID][]byte, keys ...ledger.UUID) {
	t.Helper()
	got := t.recall(kind, keys...)
	for key, body := range want {
		if string(got[key]) != string(body) {
			t.Fatalf("body of %v is %x, want %x", key, got[key], body)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("got %d bodies, want %d", len(got), len(want))
	}
}

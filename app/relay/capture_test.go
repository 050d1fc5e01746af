package relay_test

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/adapters/system"
	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

var orders = ledger.ReservationID("home", 0)

// everyEvent makes entries of a reservation ledger, one for each kind of event.
func everyEvent() []*ledger.Entry {
	held := &reservation.Order{
		ID: "o-1", Status: reservation.Held, ExpiresAt: 1_800_000_900_000, Reason: "R", Detail: "d – ≥",
		Lines:  []reservation.Line{{SKU: "A", Warehouse: "W1", Quantity: 2}, {SKU: "B", Warehouse: "W2", Quantity: 1}},
		Origin: stock.Origin{Source: "order.created.v1", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
	}
	rejected := &reservation.Order{ID: "o-2", Status: reservation.Rejected, Reason: reservation.InsufficientStock, Shortages: []stock.Shortage{{SKU: "A", Requested: 9, Available: 0}}}
	late := *held
	late.Late = true
	changes := []ledger.Change{
		reservation.Changed{Event: reservation.ReservedEvent, Order: held},
		reservation.Changed{Event: reservation.NoEvent, Order: held},
		reservation.Changed{Event: reservation.ExpiringEvent, Order: held},
		reservation.Changed{Event: reservation.ConfirmedEvent, Order: &late},
		reservation.Changed{Event: reservation.ReleasedEvent, Order: held, Part: &reservation.Part{Reason: "SHORT_PICK", Items: []reservation.PartItem{{SKU: "A", Warehouse: "W1", Quantity: 1}}}},
		reservation.Changed{Event: reservation.RejectedEvent, Order: rejected},
		reservation.PickBuried{Order: "o-3", Letter: []byte{0, 255, '"'}, Code: "UNKNOWN_ORDER", Detail: "never seen", ParkedAt: 1_800_000_000_007},
	}
	var all []*ledger.Entry
	for i, c := range changes {
		all = append(all, &ledger.Entry{Stamp: ledger.Stamp{Version: int64(i + 5), At: 1_800_000_000_000 + int64(i)}, Changes: []ledger.Change{c}})
	}
	all[5].Changes = append(all[5].Changes, changes[0]) // two in one entry
	return all
}

// appended writes entries, the ledger's relay leaving them to capture, and gives what it wrote.
func appended(t *testing.T, id ledger.ID, entries []*ledger.Entry) *written {
	t.Helper()
	tables := &written{}
	r := relay.New(relay.To{Ledger: id, Tables: tables, Region: "south", Spaced: func() bool { return false }, Clock: system.Clock{}, Capture: true})
	for _, do := range []func() error{
		func() error { return r.Publish(t.Context(), entries) }, // nothing: there is no publisher
		func() error { return r.Write(t.Context(), entries) },
		func() error { return r.Flush(t.Context()) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	return tables
}

func (w *written) all() (rows ports.Rows) {
	for _, c := range w.calls {
		rows.Events = append(rows.Events, c.Events...)
		rows.Outbox = append(rows.Outbox, c.Outbox...)
	}
	return rows
}

func read(t *testing.T, rows []ports.EventRow) (all []relay.Appended) {
	t.Helper()
	for _, r := range rows {
		a, ok, err := relay.ReadAppended(r.Metadata)
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b relay.Appended) int { return int(1000*(a.Version-b.Version)) + a.Ordinal - b.Ordinal })
	return all
}

func TestEachRowHasWhatIsToBePublishedOfItWhole(t *testing.T) {
	for id, entries := range map[ledger.ID][]*ledger.Entry{orders: everyEvent(), id: append(entries(t, 3), crossings(t, 3)...)} {
		var got []ports.PublicEvent
		for _, a := range read(t, appended(t, id, entries).all().Events) {
			got = append(got, a.Events...)
		}
		want := relay.PublicEvents(id, "south", entries)
		for _, events := range [][]ports.PublicEvent{got, want} { // only those of one key have an order
			slices.SortStableFunc(events, func(a, b ports.PublicEvent) int { return strings.Compare(a.Key(), b.Key()) })
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: published\n %+v, expected\n %+v", id, got, want)
		}
	}
}

func TestAnEventOfAnOrderIsInThePartitionOfItsFirstLine(t *testing.T) {
	var got []string
	for _, r := range appended(t, orders, everyEvent()).all().Events {
		got = append(got, strings.Join([]string{r.SKU, r.WarehouseID, r.EventType}, " "))
	}
	slices.Sort(got)
	want := []string{
		"- - fulfillment.picked.v1.dlq", "- - inventory.rejected.v1", "A W1 inventory.confirmed.v1", "A W1 inventory.expiring.v1",
		"A W1 inventory.released.v1", "A W1 inventory.reserved.v1", "A W1 inventory.reserved.v1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows are of\n %q, expected\n %q", got, want)
	}
}

func TestARowSaysWhichEntryBeforeItHadAnything(t *testing.T) {
	var got [][3]int64
	for _, a := range read(t, appended(t, orders, everyEvent()).all().Events) {
		got = append(got, [3]int64{a.After, a.Version, int64(a.Of)})
	}
	want := [][3]int64{{4, 5, 1}, {5, 7, 1}, {7, 8, 1}, {8, 9, 1}, {9, 10, 2}, {9, 10, 2}, {10, 11, 1}}
	if !slices.Equal(got, want) {
		t.Errorf("after, version, rows of the entry: %v, expected %v", got, want)
	}
}

func TestTheOutboxNamesThePartitionsAfterTheirRowsAreWritten(t *testing.T) {
	tables := appended(t, orders, everyEvent())
	last := tables.calls[len(tables.calls)-1]
	if len(last.Outbox) != 1 || last.Len() != 1 {
		t.Fatalf("written last: %+v, expected one row of the outbox", last)
	}
	want := ports.OutboxRow{
		Ledger: orders, First: 5, Last: 11, Since: time.UnixMilli(1_800_000_000_000).UTC(), Until: time.UnixMilli(1_800_000_000_006).UTC(),
		Parts: []ports.OutboxPart{{SKU: "-", WarehouseID: "-"}, {SKU: "A", WarehouseID: "W1"}},
	}
	if !reflect.DeepEqual(last.Outbox[0], want) {
		t.Errorf("outbox\n %+v, expected\n %+v", last.Outbox[0], want)
	}
}

// Whoever reads the rows of a row of the outbox has them in memory.
func TestARowOfTheOutboxStandsForABoundedNumberOfRows(t *testing.T) {
	rows := appended(t, id, entries(t, 5000)).all().Outbox
	if len(rows) != 3 {
		t.Fatalf("%d rows of the outbox for 5000 events", len(rows))
	}
	next := int64(1)
	for _, r := range rows {
		if r.First != next || r.Last-r.First >= 2048 {
			t.Errorf("entries %d to %d, expected from %d on and 2048 at most", r.First, r.Last, next)
		}
		next = r.Last + 1
	}
}

func TestWhatIsPublishedDirectlyIsNotLeftToCapture(t *testing.T) {
	rows, err := relay.Derive(orders, everyEvent())
	if err != nil || len(rows.Events) != 0 {
		t.Errorf("rows of orders: %+v %v", rows.Events, err)
	}
	rows, err = relay.Derive(id, entries(t, 2))
	if err != nil || len(rows.Events) != 2 || len(read(t, rows.Events)) != 0 {
		t.Errorf("rows of stock: %+v %v", rows.Events, err)
	}
}

func TestMetadataThatNoRelayWroteIsRefused(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{"public":{"after":0,"of":1,"events":[{"topic":"x","event_id":"11000000-0000-5000-8000-000000000002"}]},"version":1}`,
		`{"public":{"after":0,"of":1,"events":[{"topic":"inventory.reserved.v1","event_id":"x"}]},"version":1}`,
		`{"public":{"after":7,"of":1,"events":[{"topic":"inventory.expiring.v1","event_id":"11000000-0000-5000-8000-000000000002"}]},"version":7}`,
		`{"public":{"after":0,"of":0,"events":[]},"version":1}`,
	} {
		if a, ok, err := relay.ReadAppended(text); err == nil || ok {
			t.Errorf("%s is read as %+v", text, a)
		}
	}
}

// What is in inventory.events is read by versions to come: names never change.
func TestWhatIsToBePublishedOfARowIsWrittenAsEver(t *testing.T) {
	var got strings.Builder
	rows := slices.Concat(appended(t, orders, everyEvent()).all().Events, appended(t, id, entries(t, 1)).all().Events, appended(t, id, crossings(t, 0)[1:2]).all().Events)
	for _, r := range rows {
		_, public, _ := strings.Cut(r.Metadata, `"public":`)
		got.WriteString(strings.TrimSuffix(public, "}") + "\n")
	}
	want, err := os.ReadFile("testdata/public.v1.ndjson")
	if err != nil || got.String() != string(want) {
		t.Errorf("written\n%s\nexpected\n%s\n%v", got.String(), want, err)
	}
}

func FuzzReadAppended(f *testing.F) {
	golden, err := os.ReadFile("testdata/public.v1.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		f.Add(`{"v":1,"ledger":"stock/W1/0","version":9,"public":` + strings.TrimSpace(line) + `}`)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok, err := relay.ReadAppended(text)
		switch {
		case err != nil && !errors.Is(err, ledger.ErrCorrupt):
			t.Errorf("%q: %v", text, err)
		case ok && (a.Version <= a.After || len(a.Events) == 0 || a.Of < 1):
			t.Errorf("%q is read as %+v", text, a)
		}
	})
}

func TestWhatIsLeftToCaptureIsNotHeldBackAndComesOutTheSameAfterFailures(t *testing.T) {
	es := entries(t, 6)
	for fail := range 3 { // not at all, with the rows, with the outbox
		tables := &written{}
		r := relay.New(relay.To{Ledger: id, Tables: tables, Region: "south", Spaced: func() bool { return false }, Clock: system.Clock{}, Capture: true})
		for _, some := range [][]*ledger.Entry{es[:2], es[2:]} {
			tables.fail = fail
			for err := r.Write(t.Context(), some); err != nil; err = r.Write(t.Context(), some) {
				if !errors.Is(err, errTables) {
					t.Fatal(err)
				}
			}
		}
		rows := tables.all()
		var after []int64
		for _, a := range read(t, rows.Events) {
			after = append(after, a.After)
		}
		if want := []int64{0, 1, 2, 3, 4, 5}; !slices.Equal(after, want) {
			t.Errorf("%d failures: rows follow %v, expected %v", fail, after, want)
		}
		if len(rows.Outbox) != 2 || rows.Outbox[0].Last != 2 || rows.Outbox[1].First != 3 || rows.Outbox[1].Last != 6 {
			t.Errorf("%d failures: outbox %+v", fail, rows.Outbox)
		}
	}
}

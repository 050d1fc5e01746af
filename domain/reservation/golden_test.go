package reservation

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

var update = flag.Bool("update", false, "write the golden files of testdata again")

// golden fails the test where bytes are not those that were written once and for all.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(hexLines(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (written with -update)", err)
	}
	if hexLines(got) != string(want) {
		t.Errorf("%s: the encoding has changed: what was written before can't be read any more\ngot:\n%swant:\n%s", name, hexLines(got), want)
	}
}

// hexLines writes bytes in hexadecimal digits, 32 a line.
func hexLines(b []byte) string {
	var out bytes.Buffer
	for len(b) > 0 {
		n := min(32, len(b))
		out.WriteString(hex.EncodeToString(b[:n]) + "\n")
		b = b[n:]
	}
	return out.String()
}

func TestTheEncodingOfOrdersEntriesAndStatesIsFixedForEver(t *testing.T) {
	golden(t, "order.v1.hex", encode(sampleOrder()))
	golden(t, "entry-reservation.v1.hex", encode(sampleEntry()))
	golden(t, "snapshot-reservation.v1.hex", encode(sampleState()))
	golden(t, "order.v2.hex", encode(partlyPicked()))
	golden(t, "entry-parts.v1.hex", encode(partsEntry()))
	golden(t, "snapshot-reservation.v2.hex", encode(parkedState()))
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	for _, want := range []*ledger.Entry{sampleEntry(), partsEntry()} {
		expectReadBack(t, want)
	}
}

func expectReadBack(t *testing.T, want *ledger.Entry) {
	t.Helper()
	got, err := ledger.DecodeEntry(encode(want), DecodeChange)
	for _, c := range want.Changes {
		if c, ok := c.(Changed); ok {
			c.Order.version = 0 // the entry's, once it is applied
		}
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestAnEntryWithAnUnknownChangeOrEventIsCorrupt(t *testing.T) {
	for name, c := range map[string]ledger.Change{
		"a change of a stock ledger": stock.Moved{Movement: stock.Held},
		"an event":                   Changed{Event: ExpiringEvent + 1, Order: sampleOrder()},
	} {
		e := &ledger.Entry{Changes: []ledger.Change{c}}
		if _, err := ledger.DecodeEntry(encode(e), DecodeChange); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
	}
}

func TestASnapshotThatWasDamagedIsCorrupt(t *testing.T) {
	for _, s := range []*State{sampleState(), parkedState()} {
		expectCorruptWhenDamaged(t, encode(s))
	}
}

func expectCorruptWhenDamaged(t *testing.T, whole []byte) {
	t.Helper()
	decode := func(b []byte) error {
		_, err := DecodeState(b, DefaultConfig(), nil)
		return err
	}
	if err := decode(whole); err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := decode(whole[:n]); !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, err)
		}
	}
	for _, b := range [][]byte{append(slices.Clone(whole), 0), append([]byte{3}, whole[1:]...), whole[:len(whole)-1]} {
		if err := decode(b); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("got %v", err)
		}
	}
}

func TestCheckFindsAnOrderThatIsImpossibleOrKeptUnderAnotherID(t *testing.T) {
	s := sampleState()
	s.put(ledger.Namespace, sampleOrder())
	if s.Check() == nil {
		t.Error("an order under another id goes unnoticed")
	}
	s = sampleState()
	s.put(IDOf("order-1"), &Order{ID: "order-1"})
	if s.Check() == nil {
		t.Error("an impossible order goes unnoticed")
	}
}

// sampleEntry has one change of each kind of a reservation ledger.
func sampleEntry() *ledger.Entry {
	gone := &Order{ID: "order-2", Status: Planned, TTL: 1000, PlannedAt: noon, Due: noon + 1000}
	return &ledger.Entry{
		Stamp: ledger.Stamp{Version: 1000, At: noon}, Epoch: 3, Commit: ledger.NewUUIDv5(ledger.Namespace, "commit"),
		Changes: []ledger.Change{
			ledger.MailTaken{From: w1, Upto: 12},
			Changed{Event: ReservedEvent, Order: sampleOrder()},
			Changed{Gone: true, Order: gone},
			ledger.MailSent{Mail: ledger.Mail{To: w1, Number: 12, Body: []byte("body")}},
			ledger.Forgotten{Keys: []ledger.UUID{IDOf("order-3")}},
		},
	}
}

// sampleState has something of everything, and does not come from decisions, so that its
// bytes change with the encoding alone.
func sampleState() *State {
	s := New(home, DefaultConfig(), nil)
	s.put(IDOf("order-1"), sampleOrder())
	s.put(IDOf("order-2"), &Order{ID: "order-2", Status: Planned, TTL: 1000, PlannedAt: noon, Due: noon + 1000, version: 7})
	for _, c := range []ledger.Change{
		s.post.Outgoing().Send(w1, []byte("first")),
		ledger.MailSent{Mail: ledger.Mail{To: w1, Number: 2, Body: []byte("second")}},
		ledger.MailAcked{To: w1, Upto: 1},
		ledger.MailTaken{From: w2, Upto: 300},
	} {
		if _, err := s.post.Apply(c); err != nil {
			panic(err)
		}
	}
	return s
}

// partlyPicked is an order of which some left, some was not found, and some is held.
func partlyPicked() *Order {
	o := sampleOrder()
	o.Lines = []Line{
		{SKU: "A", Quantity: 3, Warehouse: "W1", Named: true, Status: Confirmed, Picked: 2},
		{SKU: "B", Quantity: 1, Warehouse: "W1", Status: Released, Short: true},
		{SKU: "C", Quantity: 5, Warehouse: "W2", Status: Held},
	}
	o.Legs = []Leg{{w1, 8, Done}, {w2, 3, Holding}}
	return o
}

func sampleParked() *Parked {
	first := ParkedPick{Confirm: picked("2 A@W1, 0 B").with("first"), At: noon, Until: noon + 900_000, Underway: true}
	first.Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	second := ParkedPick{Confirm: pickedIn("W2").with("second"), At: noon + 1, Until: noon + 900_001}
	return &Parked{Order: "order-1", Picks: []ParkedPick{first, second}, Due: noon + 900_000}
}

// partsEntry has one change of each kind that parts of orders and parked picks need.
func partsEntry() *ledger.Entry {
	e := sampleEntry()
	e.Changes = []ledger.Change{
		Changed{Event: ConfirmedEvent, Order: partlyPicked(), Part: &Part{Items: []PartItem{{"A", "W1", 2}}}},
		Changed{Event: ReleasedEvent, Order: partlyPicked(), Part: &Part{Reason: ShortPick, Items: []PartItem{{"A", "W1", 1}, {"B", "W1", 1}}}},
		Changed{Event: ExpiringEvent, Order: sampleOrder()},
		PicksParked{sampleParked()},
		PicksParked{&Parked{Order: "order-2", Due: noon}},
		PickBuried{Order: "order-1", Letter: []byte("letter"), Code: "UNKNOWN_ORDER", Detail: "unknown order", ParkedAt: noon},
	}
	return e
}

func parkedState() *State {
	s := sampleState()
	s.applyParked(sampleParked())
	return s
}

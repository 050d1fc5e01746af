package stock

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"inventory/domain/ledger"
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

func TestTheEncodingOfMessagesIsFixedForEver(t *testing.T) {
	for name, m := range sampleMessages() {
		golden(t, "message-"+name+".v1.hex", EncodeMessage(m))
	}
}

func TestTheEncodingOfEntriesAndStatesIsFixedForEver(t *testing.T) {
	golden(t, "entry-stock.v1.hex", encode(sampleEntry()))
	golden(t, "snapshot-stock.v1.hex", encode(sampleState()))
	golden(t, "adjustment.v1.hex", encode(sampleAdjustment()))
}

func TestAnEntryIsReadAsItWasWritten(t *testing.T) {
	want := sampleEntry()
	got, err := ledger.DecodeEntry(encode(want), DecodeChange)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestAnEntryWithAnUnknownChangeIsCorrupt(t *testing.T) {
	e := &ledger.Entry{Changes: []ledger.Change{alien{}}}
	if _, err := ledger.DecodeEntry(encode(e), DecodeChange); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// alien is a change of a reservation ledger.
type alien struct{}

func (alien) ChangeKind() byte { return 64 }

func (alien) Encode(*ledger.Writer) {}

var sampleOrigin = Origin{Source: "order.created.v1", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}

func sampleLevel(version int64) Level {
	return Level{onHand: 40, held: 7, seq: 300, version: version, week: Week{ISO: 202653, Opening: 10, Received: 90, Adjusted: -20, Picked: 40}}
}

func sampleAdjustment() Adjustment {
	return Adjustment{
		Actor: "anna", Key: "key-1", Fingerprint: ledger.NewUUIDv5(ledger.Namespace, "what was asked"),
		SKU: "A", Type: Count, Delta: -20, Level: sampleLevel(1000),
	}
}

// sampleEntry has one change of each kind of a stock ledger.
func sampleEntry() *ledger.Entry {
	return &ledger.Entry{
		Stamp: ledger.Stamp{Version: 1000, At: noon}, Epoch: 3, Commit: ledger.NewUUIDv5(ledger.Namespace, "commit"),
		Changes: []ledger.Change{
			ledger.MailTaken{From: orders, Upto: 12},
			Moved{Movement: Held, Order: "order-1", Origin: sampleOrigin, Lines: []Line{{"A", 3, sampleLevel(0)}, {"B", MaxQuantity, Level{}}}},
			Moved{Movement: Released, Order: "order-2", Reason: "TTL_EXPIRED", Origin: sampleOrigin, Lines: []Line{{"A", 1, sampleLevel(0)}}},
			Moved{Movement: Confirmed, Order: "order-3", Late: true, Origin: sampleOrigin, Lines: []Line{}},
			AdjustmentMade{ID: ledger.Namespace, Adjustment: sampleAdjustment(), Reason: "Inventur", Reference: "INV-7", Origin: sampleOrigin},
			ledger.MailSent{Mail: ledger.Mail{To: orders, Number: 12, Body: []byte("body")}},
		},
	}
}

// sampleState has something of everything, and does not come from decisions, so that its
// bytes change with the encoding alone.
func sampleState() *State {
	s := New(w1)
	s.levels.Put("A", sampleLevel(1000))
	s.levels.Put("B", Level{seq: 1, version: 2, week: Week{ISO: 202601}})
	s.holds.Put("order-1", []Item{{"A", 3}})
	s.holds.Put("order-2", []Item{{"A", 4}})
	s.recent.Put(ledger.Namespace, sampleAdjustment())
	for _, body := range []string{"first", "second"} {
		if _, err := s.post.Apply(s.post.Outgoing().Send(orders, []byte(body))); err != nil {
			panic(err)
		}
	}
	for _, c := range []ledger.Change{ledger.MailAcked{To: orders, Upto: 1}, ledger.MailTaken{From: orders, Upto: 300}} {
		if _, err := s.post.Apply(c); err != nil {
			panic(err)
		}
	}
	return s
}

package stock

import (
	"reflect"
	"testing"

	"inventory/domain/ledger"
)

func sampleCorrection() *ledger.Entry {
	return &ledger.Entry{
		Stamp: ledger.Stamp{Version: 1001, At: noon}, Epoch: 3, Commit: ledger.NewUUIDv5(ledger.Namespace, "commit"),
		Changes: []ledger.Change{Corrected{
			SKU: "A", Rows: -1, OnHand: MaxQuantity, Held: -300, Actor: "anna", Reason: "reconcile", Origin: Origin{Source: "repair"}, After: sampleLevel(0),
		}},
	}
}

func TestTheEncodingOfCorrectionsIsFixedForEver(t *testing.T) {
	golden(t, "entry-corrected.v1.hex", encode(sampleCorrection()))
	got, err := ledger.DecodeEntry(encode(sampleCorrection()), DecodeChange)
	if err != nil || !reflect.DeepEqual(got, sampleCorrection()) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// carryOut decides a command and makes its changes.
func carryOut(t *testing.T, s *State, cmd ledger.Command, version int64) ledger.Decision {
	t.Helper()
	at := ledger.Stamp{Version: version, At: noon + version}
	d := s.Decide(cmd, ledger.Recalled{}, at)
	for _, c := range d.Changes {
		if err := s.Apply(c, at); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestACorrectionChangesNoStockAndIsMadeOnce(t *testing.T) {
	s := New(w1)
	carryOut(t, s, Adjust{Ledger: w1, Actor: "a", Key: "k", SKU: "A", Type: Receipt, Quantity: 10}, 1)
	before, _ := s.Level("A")
	cmd := Correct{SKU: "A", OnHand: -2, Rows: 1, Measured: 1, Actor: "anna", Reason: "reconcile"}
	if d := carryOut(t, s, cmd, 2); d.Err != nil || len(d.Changes) != 1 {
		t.Fatalf("%+v", d)
	}
	after, _ := s.Level("A")
	if after.OnHand() != 10 || after.Held() != 0 || after.Seq() != before.Seq()+1 || after.Version() != 2 {
		t.Errorf("the level before: %+v, after: %+v", before, after)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	if d := carryOut(t, s, cmd, 3); d.Err != nil || len(d.Changes) != 0 {
		t.Errorf("measured before the first one was counted, and made again: %+v", d)
	}
	draft := s.Draft().(*State)
	if d := carryOut(t, draft, cmd, 3); len(d.Changes) != 0 {
		t.Errorf("made again on a draft: %+v", d)
	}
	cmd.Measured = 2
	if d := carryOut(t, s, cmd, 4); len(d.Changes) != 1 {
		t.Errorf("measured with the first one, and not made: %+v", d)
	}
	if d := carryOut(t, s, Correct{SKU: "B"}, 5); d.Err == nil {
		t.Error("a SKU that never was is corrected")
	}
}

func TestCorrectionsAreNoPartOfAState(t *testing.T) {
	s, w, again := New(w1), &ledger.Writer{}, &ledger.Writer{}
	carryOut(t, s, Adjust{Ledger: w1, Actor: "a", Key: "k", SKU: "A", Type: Receipt, Quantity: 10}, 1)
	carryOut(t, s, Correct{SKU: "A", Measured: 1}, 2)
	s.Encode(w)
	read, err := DecodeState(w.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if read.Encode(again); string(again.Bytes()) != string(w.Bytes()) {
		t.Error("read and written again it is another state")
	}
}

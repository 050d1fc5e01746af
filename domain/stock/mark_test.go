package stock

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"inventory/domain/ledger"
)

func markOf(sku SKU, low int64) SetMark {
	return SetMark{SKU: sku, Low: low, Actor: "anna", Origin: sampleOrigin}
}

// told tells how the last command's crossings read.
func told(changes []ledger.Change) (all []string) {
	for _, c := range changes {
		if c, ok := c.(Crossed); ok {
			all = append(all, fmt.Sprintf("%s %s to %s, mark %d, %d of %d held", c.SKU, c.From, c.To, c.Low, c.Held, c.OnHand))
		}
	}
	return all
}

// newest lists the changes of the newest entry.
func (d *desk) newest() []ledger.Change {
	d.t.Helper()
	e, err := ledger.DecodeEntry(d.entries[len(d.entries)-1], DecodeChange)
	if err != nil {
		d.t.Fatal(err)
	}
	return e.Changes
}

// expectTold compares what the newest entry tells of crossings.
func (d *desk) expectTold(want ...string) {
	d.t.Helper()
	if got := told(d.newest()); !slices.Equal(got, want) {
		d.t.Errorf("got %q, want %q", got, want)
	}
}

// watched is a desk with 10 of A on hand, of which 4 are few.
func watched(t *testing.T) *desk {
	d := stocked(t)
	if dec := d.do(markOf("A", 4)); dec.Err != nil {
		t.Fatal(dec.Err)
	}
	d.expectTold()
	return d
}

func TestAHoldThatReachesTheMarkIsToldOnce(t *testing.T) {
	d := watched(t)
	d.hold("order-1", Item{"A", 5})
	d.expectTold()
	d.hold("order-2", Item{"B", 1}, Item{"A", 1})
	d.expectTold("A BACK to LOW, mark 4, 6 of 10 held")
	d.hold("order-3", Item{"A", 1})
	d.expectTold()
	d.hold("order-4", Item{"A", 3})
	d.expectTold("A LOW to OUT, mark 4, 10 of 10 held")
	d.hold("order-5", Item{"A", 1}) // refused
	d.expectTold()
}

func TestAReleaseOrAnExpiryThatRisesAboveTheMarkIsToldOnce(t *testing.T) {
	for _, reason := range []string{"PAYMENT_FAILED", "TTL_EXPIRED"} {
		d := watched(t)
		d.hold("order-1", Item{"A", 3})
		d.hold("order-2", Item{"A", 7})
		d.expectTold("A BACK to OUT, mark 4, 10 of 10 held")
		d.tell(Release{Order: "order-1", Reason: reason})
		d.expectTold("A OUT to LOW, mark 4, 7 of 10 held")
		d.tell(Release{Order: "order-2", Reason: reason})
		d.expectTold("A LOW to BACK, mark 4, 0 of 10 held")
		d.tell(Release{Order: "order-2", Reason: reason}) // again
		d.expectTold()
	}
}

func TestAnAdjustmentAndACountAreTold(t *testing.T) {
	d := watched(t)
	for _, step := range []struct {
		kind AdjustmentType
		q    int64
		want []string
	}{
		{Damage, -6, []string{"A BACK to LOW, mark 4, 0 of 4 held"}},
		{Loss, -3, nil},
		{Count, 0, []string{"A LOW to OUT, mark 4, 0 of 0 held"}},
		{Receipt, 4, []string{"A OUT to LOW, mark 4, 0 of 4 held"}},
		{Return, 1, []string{"A LOW to BACK, mark 4, 0 of 5 held"}},
		{Count, 4, []string{"A BACK to LOW, mark 4, 0 of 4 held"}},
		{Receipt, 100, []string{"A LOW to BACK, mark 4, 0 of 104 held"}},
		{Correction, -104, []string{"A BACK to OUT, mark 4, 0 of 0 held"}},
	} {
		d.adjusted("A", step.kind, step.q)
		d.expectTold(step.want...)
	}
}

func TestAPickIsToldWhereItGivesBackWhatWasNotPicked(t *testing.T) {
	d := watched(t)
	d.hold("order-1", Item{"A", 8})
	d.expectTold("A BACK to LOW, mark 4, 8 of 10 held")
	d.tell(Confirm{Order: "order-1", Picked: []Item{{"A", 2}}})
	d.expectTold("A LOW to BACK, mark 4, 0 of 8 held")
	d.hold("order-2", Item{"A", 8})
	d.tell(Confirm{Order: "order-2"}) // all of it: what is available stays as it was
	d.expectTold()
}

// Goods that leave though they were not there are first corrected: one command, one standing.
func TestAPickWhileShortTellsNothingThatIsOverWithTheCommand(t *testing.T) {
	d := watched(t)
	d.hold("order-1", Item{"A", 10})
	d.adjusted("A", Count, 2)
	d.tell(Confirm{Order: "order-1"})
	d.expectTold()
	d.expectLevel("A", 0, 0, 0, 0)
}

func TestAMarkThatIsSetBelowItTellsAtOnce(t *testing.T) {
	d := stocked(t)
	for _, step := range []struct {
		sku  SKU
		low  int64
		want []string
	}{
		{"A", 9, nil},
		{"A", 10, []string{"A BACK to LOW, mark 10, 0 of 10 held"}},
		{"A", 12, nil},
		{"A", 3, []string{"A LOW to BACK, mark 3, 0 of 10 held"}},
		{"B", MaxQuantity, []string{"B BACK to LOW, mark 1000000000, 0 of 5 held"}},
		{"C", 0, []string{"C BACK to OUT, mark 0, 0 of 0 held"}}, // never there
		{"B", NoMark, nil}, // it did not come back
		{"B", 7, []string{"B BACK to LOW, mark 7, 0 of 5 held"}},
	} {
		if dec := d.do(markOf(step.sku, step.low)); dec.Err != nil {
			t.Fatal(dec.Err)
		}
		d.expectTold(step.want...)
	}
}

func TestASKUWithoutAMarkIsNotTold(t *testing.T) {
	d := watched(t)
	d.hold("order-1", Item{"B", 5})
	d.expectTold()
	d.do(markOf("A", NoMark))
	d.adjusted("A", Count, 0)
	d.expectTold()
}

func TestAMarkOfNoneTellsOnlyWhenNothingIsLeft(t *testing.T) {
	d := stocked(t)
	d.do(markOf("A", 0))
	d.adjusted("A", Count, 1)
	d.expectTold()
	d.adjusted("A", Count, 0)
	d.expectTold("A BACK to OUT, mark 0, 0 of 0 held")
	d.adjusted("A", Count, 1)
	d.expectTold("A OUT to BACK, mark 0, 0 of 1 held")
}

func TestAMarkThatIsSoAlreadyChangesNothing(t *testing.T) {
	d := watched(t)
	want := Mark{SKU: "A", Low: 4, OnHand: 10, Standing: Back}
	if dec := d.do(markOf("A", 4)); dec.Err != nil || dec.Outcome != want || len(dec.Changes) > 0 {
		t.Errorf("got %+v, want %+v", dec, want)
	}
	if dec := d.do(markOf("B", NoMark)); dec.Err != nil || len(dec.Changes) > 0 {
		t.Errorf("taken away though there was none: %+v", dec)
	}
}

func TestAMarkThatCannotBeIsRefused(t *testing.T) {
	d := watched(t)
	for _, c := range []SetMark{markOf("", 1), markOf("A", -2), markOf("A", MaxQuantity+1), {SKU: "A", Low: 1}} {
		dec := d.do(c)
		expectErr(t, fmt.Sprintf("%+v", c), dec.Err, ErrInvalid)
		if len(dec.Changes) > 0 {
			t.Errorf("%+v: got %+v", c, dec.Changes)
		}
	}
}

func TestMarksAreReadInPages(t *testing.T) {
	d := watched(t)
	d.do(markOf("C", 0))
	d.do(markOf("B", 2))
	d.hold("order-1", Item{"A", 9})
	a, b, c := Mark{"A", 4, 10, 9, Low}, Mark{"B", 2, 5, 0, Back}, Mark{"C", 0, 0, 0, Out}
	for _, tt := range []struct {
		cmd  ReadMarks
		want Marks
	}{
		{ReadMarks{Limit: MaxMarks}, Marks{a, b, c}},
		{ReadMarks{Limit: 2}, Marks{a, b}},
		{ReadMarks{After: "B", Limit: 2}, Marks{c}},
		{ReadMarks{After: "C", Limit: 1}, Marks{}},
		{ReadMarks{SKU: "B", Limit: 1}, Marks{b}},
	} {
		if dec := d.do(tt.cmd); dec.Err != nil || !reflect.DeepEqual(dec.Outcome, tt.want) || len(dec.Changes) > 0 {
			t.Errorf("%+v: got %+v, want %+v", tt.cmd, dec, tt.want)
		}
	}
	expectErr(t, "a SKU without a mark", d.do(ReadMarks{SKU: "D", Limit: 1}).Err, ErrNoMark)
	expectErr(t, "too many", d.do(ReadMarks{Limit: MaxMarks + 1}).Err, ErrInvalid)
}

func TestACrossingThatDoesNotFollowIsNoEntry(t *testing.T) {
	d := watched(t)
	for _, c := range []Crossed{
		{"A", Low, Back, 4, 9, 0}, {"A", Back, Low, 4, 10, 0}, {"A", Back, Back, 4, 10, 0}, {"A", Low, Back, 5, 10, 0}, {"B", Low, Back, NoMark, 5, 0},
	} {
		if err := d.s.Draft().Apply(c, d.next()); err == nil {
			t.Errorf("applied %+v", c)
		}
	}
	if err := d.s.Draft().Apply(MarkSet{SKU: "A", Low: -2}, d.next()); err == nil {
		t.Error("applied a mark below 0")
	}
}

// sampleMarks has one change of each kind that came with marks.
func sampleMarks() *ledger.Entry {
	return &ledger.Entry{
		Stamp: ledger.Stamp{Version: 1002, At: noon}, Epoch: 3, Commit: ledger.NewUUIDv5(ledger.Namespace, "commit"),
		Changes: []ledger.Change{
			MarkSet{SKU: "A", Low: MaxQuantity, Actor: "anna", Origin: sampleOrigin},
			Crossed{SKU: "A", From: Back, To: Low, Low: MaxQuantity, OnHand: 40, Held: 7},
			MarkSet{SKU: "B", Low: NoMark, Actor: "anna"},
			Crossed{SKU: "C", From: Low, To: Out, OnHand: 300, Held: 301},
		},
	}
}

func sampleMark() Mark { return Mark{SKU: "A", Low: 300, OnHand: 40, Held: 7, Standing: Low} }

func markedState() *State {
	s := sampleState()
	s.marks.Put("B", 0)
	s.marks.Put("A", 300)
	return s
}

func TestTheEncodingOfMarksIsFixedForEver(t *testing.T) {
	golden(t, "entry-marks.v1.hex", encode(sampleMarks()))
	golden(t, "snapshot-stock.v2.hex", encode(markedState()))
	golden(t, "mark.v1.hex", encode(sampleMark()))
	got, err := ledger.DecodeEntry(encode(sampleMarks()), DecodeChange)
	if err != nil || !reflect.DeepEqual(got, sampleMarks()) {
		t.Errorf("got %+v, %v", got, err)
	}
	r := ledger.NewReader(encode(sampleMark()))
	if got := DecodeMark(r); r.Close() != nil || got != sampleMark() {
		t.Errorf("got %+v, %v", got, r.Close())
	}
	s, err := DecodeState(encode(markedState()))
	if err != nil || !bytes.Equal(encode(s), encode(markedState())) {
		t.Errorf("the state is read as another: %v", err)
	}
}

// Where the last mark is taken away an older version of the program can read the state again.
func TestAStateWithoutMarksIsWrittenAsBeforeThereWereAny(t *testing.T) {
	s := markedState()
	s.marks.Delete("A")
	s.marks.Delete("B")
	if !bytes.Equal(encode(s), encode(sampleState())) {
		t.Error("another encoding")
	}
}

func TestAMarkOfASnapshotThatCannotBeIsCorrupt(t *testing.T) {
	for _, low := range []int64{-1, -2, MaxQuantity + 1} {
		s := markedState()
		s.marks.Put("A", low)
		if _, err := DecodeState(encode(s)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("mark %d: got %v", low, err)
		}
	}
	whole := encode(markedState())
	for n := range whole {
		if _, err := DecodeState(whole[:n]); !errors.Is(err, ledger.ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, err)
		}
	}
}

package reservation

import (
	"errors"
	"strings"
	"testing"
	"time"

	"inventory/domain/stock"
)

func TestEachWarehousesPickEndsItsLinesAndTheLastEndsTheOrder(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	o.do(pickedIn("W1")).expect(o, nil)
	o.expectLines("CONFIRMED 2, HELD 0")
	if o.order().Status != Held {
		t.Errorf("the order is %s", o.order().Status)
	}
	o.expectStock("W1/A", 7, 0)
	o.expectStock("W2/B", 9, 1)
	o.do(pickedIn("W1")).expect(o, nil) // twice
	o.do(pickedIn("W2")).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed 2 A@W1", "confirmed 1 B@W2")
	o.expectStock("W2/B", 8, 0)
	for _, again := range []Confirm{pick(), pickedIn("W1"), pickedIn("W2"), picked("2 A"), picked("1 B@W2")} {
		o.do(again).expect(o, nil)
	}
	o.expectEvents("reserved", "confirmed 2 A@W1", "confirmed 1 B@W2")
}

func TestAShortPickReleasesTheRestOfThePickedLineAndSaysSo(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W1/B").held("5 A, 4 B")
	o.do(picked("3 A")).expect(o, nil)
	o.expectLines("CONFIRMED 3, HELD 0")
	o.expectStock("W1/A", 6, 0)
	o.expectStock("W1/B", 9, 4)
	o.do(picked("0 B")).expect(o, nil)
	o.expectLines("CONFIRMED 3, RELEASED 0")
	if o.order().Status != Confirmed {
		t.Errorf("the order is %s", o.order().Status)
	}
	o.expectStock("W1/B", 9, 0)
	want := []string{"reserved", "confirmed 3 A@W1", "released SHORT_PICK 2 A@W1", "released SHORT_PICK 4 B@W1"}
	o.expectEvents(want...)
	for _, again := range []Confirm{picked("3 A"), picked("0 B"), pick()} {
		o.do(again).expect(o, nil)
	}
	o.pass(48 * time.Hour)
	o.expectEvents(want...)
}

func TestAnOrderOfWhichNothingIsFoundIsReleased(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("5 A")
	o.do(picked("0 A")).expect(o, nil)
	o.expectStatus(Released)
	o.expectEvents("reserved", "released SHORT_PICK 5 A@W1")
	o.expectStock("W1/A", 9, 0)
	o.do(picked("2 A")).expect(o, nil) // found after all
	o.expectLines("CONFIRMED 2")
	o.expectStock("W1/A", 7, 0)
	o.expectEvents("reserved", "released SHORT_PICK 5 A@W1", "confirmed late 2 A@W1")
	o.do(pick()).expect(o, nil)
	o.expectStock("W1/A", 7, 0)
}

func TestAPickOfAllIsNewsWhereNothingWasFoundBefore(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	o.do(picked("0 A"))
	expectOverPick(o, pickedIn("W1"), OverPickError{Warehouse: "W1"})
	o.do(picked("0 B"))
	o.expectStatus(Released)
	o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "released SHORT_PICK 2 A@W1", "released SHORT_PICK 1 B@W2", "confirmed late")

	part := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	part.do(picked("0 A"))
	part.do(pick()).expect(part, nil) // the rest, and what was not found stays so
	part.do(pick()).expect(part, nil)
	part.expectLines("RELEASED 0, CONFIRMED 1")
	part.expectStock("W1/A", 9, 0)
}

func TestWhatIsLeftOfAPartlyPickedOrderIsReleasedOrExpires(t *testing.T) {
	cancelled := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	cancelled.do(pickedIn("W1"))
	cancelled.do(cancel()).expect(cancelled, nil)
	cancelled.expectLines("CONFIRMED 2, RELEASED 0")
	cancelled.expectEvents("reserved", "confirmed 2 A@W1", "released ORDER_CANCELLED 1 B@W2")

	expired := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	expired.do(pickedIn("W1"))
	expired.pass(2 * time.Hour)
	expired.expectLines("CONFIRMED 2, EXPIRED 0")
	expired.expectEvents("reserved", "confirmed 2 A@W1", "released TTL_EXPIRED 1 B@W2")

	for _, o := range []*office{cancelled, expired} {
		if o.order().Status != Confirmed {
			t.Errorf("the order is %s", o.order().Status)
		}
		o.expectStock("W1/A", 7, 0)
		o.expectStock("W2/B", 9, 0)
		o.do(pickedIn("W1")).expect(o, nil)
		o.do(cancel()).expect(o, nil)
		before := len(o.published)
		o.do(pickedIn("W2")).expect(o, nil) // late
		o.expectStatus(Confirmed)
		if got := o.published[before:]; len(got) != 1 || !got[0].Order.Late || len(got[0].Items()) != 1 {
			t.Errorf("published %+v", got)
		}
		o.expectStock("W2/B", 8, 0)
	}
}

func TestALatePickOfAPartTakesThatPartAgain(t *testing.T) {
	o := endedOffice(t, Expired)
	o.do(picked("1 A")).expect(o, nil)
	o.expectLines("CONFIRMED 1, EXPIRED 0")
	o.expectEvents("confirmed late 1 A@W1")
	o.expectStock("W1/A", 8, 0)
	o.expectStock("W2/B", 9, 0)
	o.adjust("W2/B", stock.Count, 0)
	o.do(pick()).expect(o, ErrShortage)
	o.expectLines("CONFIRMED 1, EXPIRED 0")
	o.stocked("1 W2/B").do(pick()).expect(o, nil)
	o.expectLines("CONFIRMED 1, CONFIRMED 1")
	o.expectEvents("confirmed late 1 A@W1", "confirmed late 1 B@W2")
}

func TestAPickOfMoreThanIsHeldIsRefusedWithTheNumbers(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	for items, want := range map[string]OverPickError{
		"3 A":            {SKU: "A", Warehouse: "W1", Picked: 3, Held: 2},
		"2 A, 2 B":       {SKU: "B", Warehouse: "W2", Picked: 2, Held: 1},
		"1 B@W2, 1 B@W2": {SKU: "B", Warehouse: "W2", Picked: 2, Held: 1},
		"1 A@W2":         {SKU: "A", Warehouse: "W2", Picked: 1},
		"1 C":            {SKU: "C", Picked: 1},
	} {
		c := pick()
		for part := range strings.SplitSeq(items, ", ") {
			c.Picked = append(c.Picked, linesOf(part)...)
		}
		expectOverPick(o, c, want)
	}
	expectOverPick(o, pickedIn("W3"), OverPickError{Warehouse: "W3"})
	o.expectStatus(Held)
	o.expectEvents("reserved")
	o.do(picked("1 A"))
	expectOverPick(o, picked("2 A"), OverPickError{SKU: "A", Warehouse: "W1", Picked: 2, Before: 1})
	expectOverPick(o, picked("0 A"), OverPickError{SKU: "A", Warehouse: "W1", Before: 1})
	o.do(picked("0 B"))
	expired := endedOffice(t, Expired)
	expectOverPick(expired, picked("3 A"), OverPickError{SKU: "A", Warehouse: "W1", Picked: 3})
	expired.do(picked("0 A")).expect(expired, nil) // is not held any more, as it says
	expired.expectEvents()
}

func expectOverPick(o *office, c Confirm, want OverPickError) {
	o.t.Helper()
	var got *OverPickError
	if r := o.do(c).expect(o, ErrOverPick); !errors.As(r.err, &got) || *got != want {
		o.t.Errorf("got %v, want %v", r.err, &want)
	}
}

func TestWhereAPickWasMadeMustBeClear(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/A").held("2 A@W1, 1 A@W2")
	r := o.do(picked("2 A")).expect(o, ErrAmbiguousPick)
	if !strings.Contains(r.err.Error(), "W1 and W2") {
		t.Errorf("got %v", r.err)
	}
	o.do(picked("2 A@W1")).expect(o, nil)
	o.do(picked("1 A")).expect(o, nil) // one is left
	o.expectStatus(Confirmed)
	o.do(picked("1 A")).expect(o, nil)
	o.expectEvents("reserved", "confirmed 2 A@W1", "confirmed 1 A@W2")
}

func TestWhereNothingWasFoundIsClearWhenItIsSaidAgain(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/A").held("2 A@W1, 1 A@W2")
	o.do(picked("2 A@W1")).expect(o, nil)
	o.do(picked("0 A")).expect(o, nil) // of the one that is left
	o.do(picked("0 A")).expect(o, nil)
	if o.order().Status != Confirmed {
		t.Errorf("got %s", o.order().Status)
	}
	o.expectEvents("reserved", "confirmed 2 A@W1", "released SHORT_PICK 1 A@W2")
}

func TestAFreeAndANamedLineOfOneSKUEndTogether(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A@W1, 3 A")
	o.do(picked("4 A")).expect(o, nil)
	if o.order().Status != Confirmed || o.order().Lines[0].Picked+o.order().Lines[1].Picked != 4 {
		t.Errorf("got %+v", o.order().Lines)
	}
	o.expectStock("W1/A", 5, 0)
	o.expectEvents("reserved", "confirmed 4 A@W1", "released SHORT_PICK 1 A@W1")
}

func TestAPickThatNamesTwoWarehousesIsInvalid(t *testing.T) {
	c := picked("1 A@W2")
	c.Warehouse = "W1"
	if err := c.Validate(); !errors.Is(err, stock.ErrInvalid) || !strings.Contains(err.Error(), "items[0]") {
		t.Errorf("got %v", err)
	}
	if err := picked("0 A").Validate(); err != nil {
		t.Errorf("a pick of nothing: %v", err)
	}
}

func TestPickedPartlyWhileStockIsShort(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("5 A")
	o.adjust("W1/A", stock.Count, 1)
	o.do(picked("3 A")).expect(o, nil)
	o.expectStock("W1/A", 0, 0)
	o.expectLines("CONFIRMED 3")
}

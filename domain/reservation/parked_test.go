package reservation

import (
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// buried lists the codes of the picks that became dead letters, as "code letter".
func (o *office) buried() []string {
	o.t.Helper()
	var got []string
	for _, c := range o.nodes[home].changes() {
		if c, ok := c.(PickBuried); ok {
			got = append(got, c.Code+" "+string(c.Letter))
		}
	}
	return got
}

func (o *office) expectBuried(want ...string) {
	o.t.Helper()
	o.settleParked()
	got := o.buried()
	if len(got) != len(want) {
		o.t.Fatalf("buried %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			o.t.Errorf("buried %q, want %q", got, want)
		}
	}
}

// settleParked sweeps until no deadline has come any more.
func (o *office) settleParked() {
	o.t.Helper()
	for range 10 {
		o.clock++
		o.sweep()
		o.deliver()
	}
}

func TestAPickThatOvertakesItsOrderIsActedOnWhenTheOrderIsHeld(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	r := o.do(pick().with("letter")).expect(o, nil)
	if r.order != nil {
		t.Errorf("got %+v", r.order)
	}
	o.do(pick().with("letter")).expect(o, nil) // redelivered
	o.pass(10 * time.Minute)
	o.do(created("2 A"))
	o.expectBuried()
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed")
	o.expectStock("W1/A", 7, 0)
	for p := range o.state().Parked {
		t.Errorf("still parked: %+v", p)
	}
	o.forget()
	if _, ok := o.state().Order(IDOf("order-1")); ok {
		t.Error("the order can't be forgotten")
	}
}

func TestAPickOfAnOrderThatNeverComesIsADeadLetterAfterItsTime(t *testing.T) {
	o := newOffice(t)
	o.do(pick().with("letter"))
	o.pass(15*time.Minute - time.Second)
	o.expectBuried()
	o.pass(time.Second)
	o.expectBuried("UNKNOWN_ORDER letter")
	o.expectNoOrder()
	o.stocked("9 W1/A").do(created("2 A"))
	o.expectStatus(Held)
	o.pass(0)
	o.expectBuried("UNKNOWN_ORDER letter")
}

func TestAParkedPickOfAnOrderThatHoldsNothingIsADeadLetter(t *testing.T) {
	rejected := newOffice(t)
	rejected.do(pick().with("letter"))
	rejected.do(created("2 A"))
	rejected.expectBuried("NOT_HELD letter")
	cancelled := newOffice(t)
	cancelled.do(pick().with("letter"))
	cancelled.do(cancel())
	cancelled.expectBuried("NOT_HELD letter")
	other := newOffice(t).stocked("9 W1/A")
	other.do(picked("3 A").with("letter"))
	other.do(created("2 A"))
	other.expectBuried("OVER_PICK letter")
	other.expectStatus(Held)
}

func TestAParkedPickWaitsOnWhereAnHTTPReserveIsRefused(t *testing.T) {
	o := newOffice(t)
	o.stale["W1/A"] = 9
	o.do(pick().with("letter"))
	o.do(reserve("2 A")).expect(o, ErrInsufficient)
	o.expectBuried()
	delete(o.stale, "W1/A")
	o.stocked("9 W1/A").do(reserve("2 A")).expect(o, nil)
	o.expectBuried()
	o.expectStatus(Confirmed)
}

func TestPicksThatAreParkedForOneOrderAreActedOnInTheirOrder(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	o.do(pickedIn("W1").with("first"))
	o.do(picked("5 B").with("second"))
	o.do(pickedIn("W2").with("third"))
	o.tell(created("2 A@W1, 1 B@W2"))
	o.settleParked()
	o.expectBuried("OVER_PICK second")
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed 2 A@W1", "confirmed 1 B@W2")
}

// late is an office where order-1 was held and cancelled before its parked pick was looked at.
func lateParked(t *testing.T) *office {
	o := newOffice(t).stocked("9 W1/A")
	o.do(pick().with("letter"))
	o.do(created("2 A"))
	o.tell(cancel())
	return o
}

func TestAParkedPickOfAnOrderThatHasEndedMeanwhileIsALatePick(t *testing.T) {
	o := lateParked(t)
	o.expectBuried()
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "released ORDER_CANCELLED", "confirmed late")
	o.expectStock("W1/A", 7, 0)
}

func TestAParkedLatePickWithoutStockIsADeadLetterOnce(t *testing.T) {
	o := lateParked(t)
	o.deliver()
	o.adjust("W1/A", stock.Count, 0)
	o.expectBuried("SHORTAGE letter")
	o.expectStatus(Released)
	o.pass(time.Hour)
	o.expectBuried("SHORTAGE letter")
}

func TestAParkedLatePickThatIsNotAnsweredIsTriedAgain(t *testing.T) {
	o := lateParked(t)
	o.deliver()
	o.deaf[w1] = true
	o.settleParked()
	o.pass(31 * time.Second)
	o.expectBuried()
	o.deaf[w1] = false
	o.pass(2 * time.Second)
	o.settleParked()
	o.expectBuried()
	o.expectStatus(Confirmed)
}

func TestAnOrderStaysWhileAPickIsParkedForIt(t *testing.T) {
	o := lateParked(t)
	o.forget()
	o.expectStatus(Released)
	o.settleParked()
	o.forget()
	if _, ok := o.state().Order(IDOf("order-1")); ok {
		t.Error("the order can't be forgotten")
	}
}

func TestThereIsABoundOnWhatIsParked(t *testing.T) {
	o := newOffice(t)
	big := pick().with(string(make([]byte, maxParkedLetter+1)))
	o.do(big).expect(o, ErrUnknownOrder)
	for i := range maxParkedPicks {
		o.tell(pick().with(string(rune('a'+i)))).expect(o, nil)
	}
	o.tell(pick().with("one more")).expect(o, ErrUnknownOrder)
	o.tell(ledger.Due{Key: parkedKey("order-1")})
	o.expectBuried()
}

func TestCodesOfPicksThatAreRefused(t *testing.T) {
	for err, want := range map[error]string{
		ErrUnknownOrder: "UNKNOWN_ORDER", ErrNotHeld: "NOT_HELD", &OverPickError{}: "OVER_PICK", ErrAmbiguousPick: "AMBIGUOUS_PICK",
		ErrShortage: "SHORTAGE", ErrBusy: "INTERNAL",
	} {
		if got := CodeOf(err); got != want {
			t.Errorf("%v: got %s, want %s", err, got, want)
		}
	}
}

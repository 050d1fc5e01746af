package reservation

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

func TestAPickedOrderLeavesTheWarehousesOnce(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	first := o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed")
	o.expectStock("W1/A", 7, 0)
	o.expectStock("W2/B", 8, 0)
	if r := o.do(pick()).expect(o, nil); r.order.Status != Confirmed || !reflect.DeepEqual(r.after, first.after) {
		t.Errorf("picked again: got %+v, want what the first pick waited for: %v", r, first.after)
	}
	o.expectEvents("reserved", "confirmed")
	o.expectStock("W1/A", 7, 0)
}

func TestPickedButNeverSeenIsAnErrorAndWritesNothing(t *testing.T) {
	o := newOffice(t)
	o.do(pick()).expect(o, ErrUnknownOrder)
	o.expectNoOrder()
}

func TestAPickOfAnOrderThatNeverHeldAnythingIsAnError(t *testing.T) {
	rejected := newOffice(t)
	rejected.do(created("2 A"))
	rejected.do(pick()).expect(rejected, ErrNotHeld)
	rejected.expectStatus(Rejected)
	cancelled := newOffice(t)
	cancelled.do(cancel())
	cancelled.do(pick()).expect(cancelled, ErrNotHeld)
	cancelled.expectStatus(Released)
}

func TestAPickWhilePlannedWaitsForTheOutcome(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	o.tell(created("2 A@W1, 1 B@W2"))
	r := o.tell(pick()).expectWaits(o)
	o.carry(home, w1)
	o.carry(w1, home)
	r.expectWaits(o)
	o.deliver()
	r.expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed")
	o.expectStock("W1/A", 7, 0)
}

func TestAPickOfAPlanThatIsRefusedIsToldSo(t *testing.T) {
	kafka := newOffice(t)
	kafka.tell(created("2 A"))
	r := kafka.tell(pick()).expectWaits(kafka)
	kafka.deliver()
	r.expect(kafka, ErrNotHeld)
	http := newOffice(t)
	http.stale["W1/A"] = 9
	http.tell(reserve("2 A"))
	r = http.tell(pick()).expectWaits(http)
	http.deliver()
	r.expect(http, ErrUnknownOrder)
	http.expectNoOrder()
}

func TestAPickOfAHoldThatIsDueButNotYetSweptIsNotLate(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	o.clock += 2 * time.Hour.Milliseconds()
	o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed")
	o.pass(0)
	o.expectStatus(Confirmed)
	o.expectStock("W1/A", 7, 0)
}

func TestPickedWhileStockIsShortIsConfirmedAndCorrectedBySystemShort(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("5 A")
	o.adjust("W1/A", stock.Count, 3)
	o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectStock("W1/A", 0, 0)
	n := o.nodes[w1]
	e, err := ledger.DecodeEntry(n.entries[len(n.entries)-1], stock.DecodeChange)
	if err != nil || len(e.Changes) < 3 {
		t.Fatalf("got %+v, %v", e, err)
	}
	made, ok := e.Changes[1].(stock.AdjustmentMade)
	if !ok || made.Actor != "system:short" || made.Type != stock.Correction || made.Delta != 2 || made.Reference != "order-1" {
		t.Errorf("got %+v", e.Changes[1])
	}
	if left, ok := e.Changes[2].(stock.Moved); !ok || left.Movement != stock.Confirmed || left.Lines[0].Quantity != 5 {
		t.Errorf("got %+v", e.Changes[2])
	}
}

// ended is an office where order-1 was held and has ended.
func endedOffice(t *testing.T, how Status) *office {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	if how == Expired {
		o.pass(2 * time.Hour)
	} else {
		o.do(cancel())
	}
	o.expectStatus(how)
	o.published = nil
	return o
}

func TestALatePickTakesStockAgainAndIsReportedAsLateOnce(t *testing.T) {
	for _, how := range []Status{Released, Expired} {
		o := endedOffice(t, how)
		r := o.tell(pick()).expectWaits(o)
		o.expectStatus(how) // meanwhile
		o.deliver()
		r.expect(o, nil)
		o.expectStatus(Confirmed)
		o.expectEvents("confirmed late")
		o.expectStock("W1/A", 7, 0)
		o.expectStock("W2/B", 8, 0)
		o.do(pick()).expect(o, nil)
		o.do(cancel()).expect(o, nil)
		o.pass(48 * time.Hour)
		o.expectEvents("confirmed late")
		o.expectStock("W1/A", 7, 0)
	}
}

func TestALatePickOfAnOrderThatHasLeftMemoryTakesStockAgain(t *testing.T) {
	o := endedOffice(t, Expired)
	o.forget()
	if _, ok := o.state().Order(IDOf("order-1")); ok {
		t.Fatal("it is still in memory")
	}
	o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("confirmed late")
	o.expectStock("W1/A", 7, 0)
}

func TestALatePickWithoutStockIsAShortageWithTheNumbers(t *testing.T) {
	for _, how := range []Status{Released, Expired} {
		o := endedOffice(t, how)
		o.adjust("W2/B", stock.Count, 0)
		r := o.tell(pick())
		o.deliver()
		r.expect(o, ErrShortage)
		var short *InsufficientError
		if !errors.As(r.err, &short) || !reflect.DeepEqual(short.Shortages, []stock.Shortage{{SKU: "B", Warehouse: "W2", Requested: 1}}) {
			t.Errorf("got %v", r.err)
		}
		o.expectStatus(how)
		o.expectEvents()
		o.expectStock("W1/A", 9, 0)
		o.stocked("1 W2/B").do(pick()).expect(o, nil)
		o.expectStatus(Confirmed)
		o.expectEvents("confirmed late")
	}
}

func TestALatePickThatIsNotAnsweredIsGivenUpAndHoldsNothing(t *testing.T) {
	o := endedOffice(t, Released)
	o.deaf[w2] = true
	r := o.tell(pick())
	o.pass(29 * time.Second)
	r.expectWaits(o)
	o.expectStock("W1/A", 9, 2)
	o.pass(2 * time.Second)
	r.expect(o, ErrBusy)
	o.expectStatus(Released)
	o.expectStock("W1/A", 9, 0)
	o.deaf[w2] = false
	o.deliver()
	o.expectStock("W2/B", 9, 0)
	o.expectEvents()
	o.do(pick()).expect(o, nil)
	o.expectEvents("confirmed late")
}

func TestASecondPickDuringALatePickWaitsForItsOutcome(t *testing.T) {
	o := endedOffice(t, Expired)
	first, second := o.tell(pick()), o.tell(pick())
	second.expectWaits(o)
	o.deliver()
	first.expect(o, nil)
	second.expect(o, nil)
	o.expectEvents("confirmed late")
	o.expectStock("W1/A", 7, 0)
}

func TestASecondPickDuringALatePickThatFailsTriesOnItsOwn(t *testing.T) {
	o := endedOffice(t, Expired)
	o.adjust("W1/A", stock.Count, 0)
	first, second := o.tell(pick()), o.tell(pick())
	o.carry(home, w1)
	o.stocked("2 W1/A")
	o.deliver()
	first.expect(o, ErrShortage)
	second.expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("confirmed late")
}

func TestCancelledOrCreatedDuringALatePickChangesNothing(t *testing.T) {
	o := endedOffice(t, Expired)
	r := o.tell(pick())
	o.tell(cancel()).expect(o, nil)
	o.tell(created("2 A@W1, 1 B@W2")).expect(o, nil)
	o.tell(reserve("2 A@W1, 1 B@W2")).expect(o, nil)
	o.forget()
	o.deliver()
	r.expect(o, nil)
	o.expectStatus(Confirmed)
	o.expectEvents("confirmed late")
}

func TestALatePickWaitsItsTurnWhileALedgerIsBehind(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxPending = 3
	o := officeWith(t, cfg).stocked("9 W1/A").held("2 A")
	o.do(cancel())
	for _, id := range []stock.OrderID{"order-2", "order-3", "order-4"} {
		cmd := created("1 A")
		cmd.Order = id
		o.tell(cmd).expect(o, nil)
	}
	o.tell(pick()).expect(o, ErrBusy)
	o.expectStatus(Released)
	o.deliver()
	o.do(pick()).expect(o, nil)
	o.expectStatus(Confirmed)
}

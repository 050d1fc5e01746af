package reservation

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
)

func TestAnOrderCancelledBeforeItWasSeenIsEndedAndNothingIsPublished(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(cancel()).expect(o, ErrUnknownOrder)
	o.expectStatus(Released)
	o.expectEvents()
	o.do(cancel()).expect(o, nil)
	o.expectEvents()
}

func TestCreatedAfterCancelledIsRejectedOnceAndHoldsNothing(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(cancel())
	o.do(created("2 A")).expect(o, nil)
	o.expectStatus(Rejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
	o.do(created("2 A")).expect(o, ErrRejected)
	o.do(created("3 A")).expect(o, ErrMismatch)
	o.do(reserve("2 A")).expect(o, ErrRejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
	o.expectStock("W1/A", 9, 0)
	if o.order().Origin.Source != "order.created.v1" {
		t.Errorf("the rejection answers %q", o.order().Origin.Source)
	}
}

func TestCreatedAfterCancelledAndForgottenIsRejectedAllTheSame(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(cancel())
	o.forget()
	o.do(created("2 A"))
	o.expectStatus(Rejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
}

func TestAnHTTPReserveOfACancelledOrderHoldsNothingAndSaysSo(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(cancel())
	if r := o.do(reserve("2 A")).expect(o, nil); r.order.Status != Released {
		t.Errorf("got %+v", r.order)
	}
	o.expectEvents()
	o.expectStock("W1/A", 9, 0)
}

func TestAReleaseByReservationIDOfAnUnknownOrderWritesNothing(t *testing.T) {
	o := newOffice(t)
	o.do(Release{ID: IDOf("order-1"), Reason: Operator}).expect(o, ErrUnknownOrder)
	o.expectNoOrder()
}

func TestCancelledWhilePlannedByKafkaIsRejectedAtOnceAndTheLegsReleased(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	o.tell(created("2 A@W1, 1 B@W2"))
	o.carry(home, w1)
	o.carry(w1, home)
	o.tell(cancel()).expect(o, nil)
	o.expectStatus(Rejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
	o.deliver()
	o.expectStock("W1/A", 9, 0)
	o.expectStock("W2/B", 9, 0)
	o.expectStatus(Rejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
}

func TestCancelledWhilePlannedByHTTPPublishesNothingAndTheCallerIsToldSo(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	r := o.tell(reserve("2 A"))
	o.tell(cancel()).expect(o, nil)
	r.expect(o, ErrCancelled)
	o.expectStatus(Released)
	o.deliver()
	o.expectEvents()
	o.expectStock("W1/A", 9, 0)
	o.do(created("2 A"))
	o.expectEvents("rejected ALREADY_CANCELLED")
}

func TestACancelledPlanMadeFinalByKafkaIsRejectedForTheHTTPCallerToo(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	r := o.tell(reserve("2 A"))
	o.tell(created("2 A"))
	o.tell(cancel())
	r.expect(o, ErrRejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
}

func TestAReleasedOrderGivesItsStockBack(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	cmd := cancel()
	cmd.Reason = PaymentFailed
	r := o.tell(cmd).expect(o, nil)
	o.expectStatus(Released)
	o.expectEvents("reserved", "released PAYMENT_FAILED")
	want := []ledger.Receipt{{Ledger: w1, Number: 2}, {Ledger: w2, Number: 2}}
	if !reflect.DeepEqual(r.after, want) {
		t.Errorf("a caller who wants to see the stock waits for %v, want %v", r.after, want)
	}
	o.deliver()
	o.expectStock("W1/A", 9, 0)
	o.expectStock("W2/B", 9, 0)
	for range 2 {
		if r := o.do(cancel()).expect(o, nil); r.order.Reason != PaymentFailed || !reflect.DeepEqual(r.after, want) {
			t.Errorf("released again: got %+v, want what the first release waited for: %v", r, want)
		}
	}
	o.expectEvents("reserved", "released PAYMENT_FAILED")
}

func TestCancelledAfterPickedChangesNothing(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	o.do(pick())
	if r := o.do(cancel()).expect(o, nil); r.order.Status != Confirmed {
		t.Errorf("got %+v", r.order)
	}
	o.expectStatus(Confirmed)
	o.expectEvents("reserved", "confirmed")
	o.expectStock("W1/A", 7, 0)
}

func TestCancelledAfterRejectedOrExpiredChangesNothing(t *testing.T) {
	rejected := newOffice(t)
	rejected.do(created("2 A"))
	rejected.do(cancel()).expect(rejected, nil)
	rejected.expectStatus(Rejected)
	rejected.expectEvents("rejected INSUFFICIENT_STOCK")
	expired := newOffice(t).stocked("9 W1/A").held("2 A")
	expired.pass(2 * time.Hour)
	expired.do(cancel()).expect(expired, nil)
	expired.expectStatus(Expired)
	expired.expectEvents("reserved", "released TTL_EXPIRED")
}

func TestAnOrderReservedByHTTPIsReleasedAndSaidSo(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(reserve("2 A"))
	o.do(cancel()).expect(o, nil)
	o.expectEvents("reserved", "released ORDER_CANCELLED")
	if r := o.do(created("2 A")).expect(o, nil); r.order.Status != Released {
		t.Errorf("got %+v", r.order)
	}
	o.expectEvents("reserved", "released ORDER_CANCELLED")
}

func TestAnOrderIsReadAsItIs(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.do(Get{ID: IDOf("order-1")}).expect(o, ErrUnknownOrder)
	o.tell(created("2 A"))
	if r := o.do(Get{ID: IDOf("order-1")}).expect(o, nil); r.order.Status != Planned {
		t.Errorf("got %+v", r.order)
	}
	o.deliver()
	o.do(cancel())
	before := encode(o.order())
	o.forget()
	if r := o.do(Get{ID: IDOf("order-1")}).expect(o, nil); !slices.Equal(encode(r.order), before) {
		t.Errorf("after forgetting: got %+v", r.order)
	}
}

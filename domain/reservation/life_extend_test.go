package reservation

import (
	"testing"
	"time"
)

func TestALiveHoldIsExtendedToTheLaterEnd(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	end := o.order().ExpiresAt
	o.clock += time.Minute.Milliseconds()
	o.do(extend(time.Minute)).expect(o, nil) // ends earlier: nothing to do
	if o.order().ExpiresAt != end {
		t.Errorf("the end has moved by %d ms", o.order().ExpiresAt-end)
	}
	at := o.clock + time.Minute.Milliseconds()
	o.clock = at
	o.do(extend(2*time.Hour)).expect(o, nil)
	if o.order().ExpiresAt != at+2*time.Hour.Milliseconds() {
		t.Errorf("the hold ends %d ms after it was extended", o.order().ExpiresAt-at)
	}
	o.pass(time.Hour + 59*time.Minute)
	o.expectStatus(Held)
	o.pass(2 * time.Minute)
	o.expectStatus(Expired)
	o.expectEvents("reserved", "expiring", "released TTL_EXPIRED")
	o.expectStock("W1/A", 9, 0)
}

func TestEachEndIsAnnouncedOnce(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	o.pass(54 * time.Minute)
	o.expectEvents("reserved")
	o.pass(2 * time.Minute)
	o.pass(time.Minute)
	o.expectEvents("reserved", "expiring")
	o.do(extend(time.Hour)).expect(o, nil)
	o.pass(54 * time.Minute)
	o.expectEvents("reserved", "expiring")
	o.pass(2 * time.Minute)
	o.expectEvents("reserved", "expiring", "expiring")
	if a, b := o.published[1].Order, o.published[2].Order; a.ExpiresAt >= b.ExpiresAt {
		t.Errorf("announced the ends %d and %d", a.ExpiresAt, b.ExpiresAt)
	}
}

func TestAShortHoldIsAnnouncedHalfWayAndWithoutAWarningNever(t *testing.T) {
	cmd := created("2 A")
	cmd.TTL = 10 * time.Second
	o := newOffice(t).stocked("9 W1/A")
	o.do(cmd)
	o.pass(4 * time.Second)
	o.expectEvents("reserved")
	o.pass(2 * time.Second)
	o.expectEvents("reserved", "expiring")
	o.expectStatus(Held)

	silent := DefaultConfig()
	silent.Warning = 0
	o = officeWith(t, silent).stocked("9 W1/A")
	o.do(cmd)
	for range 12 {
		o.pass(time.Second)
	}
	o.expectEvents("reserved", "released TTL_EXPIRED")
}

func TestAHoldThatHasEndedIsNeverExtended(t *testing.T) {
	due := newOffice(t).stocked("9 W1/A").held("2 A")
	due.clock = due.order().ExpiresAt // and not yet swept
	due.tell(extend(time.Hour)).expect(due, ErrHoldEnded)
	due.pass(0)
	due.expectStatus(Expired)
	for _, how := range []Status{Released, Expired} {
		o := endedOffice(t, how)
		o.do(extend(time.Hour)).expect(o, ErrHoldEnded)
		o.forget()
		o.do(extend(time.Hour)).expect(o, ErrHoldEnded)
		o.expectEvents()
		o.expectStock("W1/A", 9, 0)
	}
	rejected := newOffice(t)
	rejected.do(created("2 A"))
	rejected.do(extend(time.Hour)).expect(rejected, ErrHoldEnded)
	o := newOffice(t)
	o.do(extend(time.Hour)).expect(o, ErrUnknownOrder)
	o.expectNoOrder()
}

func TestExtendedWhilePlannedOrPickedLateWaitsForTheOutcome(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.tell(created("2 A"))
	r := o.tell(extend(2 * time.Hour)).expectWaits(o)
	o.deliver()
	r.expect(o, nil)
	if o.order().ExpiresAt < noon+2*time.Hour.Milliseconds() {
		t.Errorf("ends at %d", o.order().ExpiresAt-noon)
	}
	late := endedOffice(t, Expired)
	late.tell(pick())
	r = late.tell(extend(time.Hour)).expectWaits(late)
	late.deliver()
	r.expect(late, ErrHoldEnded)
	late.expectStatus(Confirmed)
}

func TestAnExtensionIsOfASecondToADay(t *testing.T) {
	for ttl, ok := range map[time.Duration]bool{0: false, time.Second: true, 24 * time.Hour: true, 25 * time.Hour: false, -time.Hour: false} {
		if err := extend(ttl).Validate(); (err == nil) != ok {
			t.Errorf("%s: %v", ttl, err)
		}
	}
}

package reservation

import (
	"fmt"
	"time"

	"inventory/domain/ledger"
)

// due follows a deadline: of a plan or late pick that is not answered, of a hold that is
// about to end or has ended, or of a parked pick.
func (s *State) due(cmd ledger.Due, at ledger.Stamp) ledger.Decision {
	if p, ok := s.parked.Get(cmd.Key); ok {
		return s.duePick(p, at)
	}
	o, ok := s.orders.Get(cmd.Key)
	if !ok || o.Due == 0 || at.At < o.Due {
		return ledger.Decision{}
	}
	t := s.step(o, at)
	switch {
	case !o.settled():
		return t.giveUp()
	case at.At < o.ExpiresAt:
		t.o.Due = o.ExpiresAt
		return t.done(ExpiringEvent)
	}
	t.releaseLegs(TTLExpired)
	return t.endHold(Expired, TTLExpired)
}

// endHold ends what is still held of the order, and tells of that part. An order of which
// anything was picked is CONFIRMED then.
func (t *step) endHold(s Status, reason string) ledger.Decision {
	rest := t.o.open()
	whole := len(rest) == len(t.o.Lines)
	t.o.end(s, reason)
	if t.o.picked() {
		t.o.Status = Confirmed
	}
	t.o.Due = 0
	if whole {
		return t.done(ReleasedEvent)
	}
	return t.tell(Changed{Event: ReleasedEvent, Part: &Part{Reason: reason, Items: itemsOf(rest)}})
}

// hold starts or moves the hold's end, and says when its caller is warned.
func (t *step) hold(until int64) {
	t.o.ExpiresAt, t.o.Due = until, t.s.warnAt(t.at.At, until)
}

// warnAt is when a hold from now to an end is announced to be close to it: the configured
// time before, or half way where the hold is no longer than that.
func (s *State) warnAt(now, end int64) int64 {
	lead := s.cfg.Warning.Milliseconds()
	switch {
	case lead <= 0:
		return end
	case end-now > lead:
		return end - lead
	}
	return now + (end-now)/2
}

// extend moves the end of a live hold. One that is due has ended, swept or not.
func (s *State) extend(cmd Extend, o *Order, at ledger.Stamp) ledger.Decision {
	switch {
	case o == nil:
		return ledger.Decision{Err: ErrUnknownOrder}
	case !o.settled():
		return ledger.Decision{Wait: &ledger.Wait{Key: IDOf(o.ID)}}
	case o.Status != Held:
		return ledger.Decision{Outcome: o, Err: fmt.Errorf("order %s is %s: %w", o.ID, o.Status, ErrHoldEnded)}
	case at.At >= o.ExpiresAt:
		return ledger.Decision{Outcome: o, Err: fmt.Errorf("order %s was held until %s: %w",
			o.ID, time.UnixMilli(o.ExpiresAt).UTC().Format(time.RFC3339Nano), ErrHoldEnded)}
	}
	end := at.At + cmd.TTL.Milliseconds()
	if end <= o.ExpiresAt {
		return ledger.Decision{Outcome: o}
	}
	t := s.step(o, at)
	t.o.Origin = cmd.Origin
	t.hold(end)
	return t.done(NoEvent)
}

// patience is how long a plan may go unanswered, never longer than the order's own time
// to live.
func (s *State) patience(o *Order) int64 {
	return min(s.cfg.PlanPatience.Milliseconds(), max(o.TTL, time.Second.Milliseconds()))
}

package reservation

import (
	"errors"
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Decide implements ledger.Machine for the commands of this package, ledger.Received with
// a stock.Answer, ledger.Due and ledger.Forget.
func (s *State) Decide(cmd ledger.Command, recalled ledger.Recalled, at ledger.Stamp) ledger.Decision {
	d := s.decide(cmd, recalled, at)
	if s.parked.Len() > 0 {
		s.wakeParked(&d, at)
	}
	return d
}

func (s *State) decide(cmd ledger.Command, recalled ledger.Recalled, at ledger.Stamp) ledger.Decision {
	switch cmd := cmd.(type) {
	case Reserve:
		return s.about(IDOf(cmd.Order), recalled, func(o *Order) ledger.Decision { return s.reserve(cmd, o, at) })
	case Release:
		return s.about(cmd.ID, recalled, func(o *Order) ledger.Decision { return s.release(cmd, o, at) })
	case Confirm:
		return s.about(cmd.ID, recalled, func(o *Order) ledger.Decision { return s.confirm(cmd, o, at) })
	case Extend:
		return s.about(cmd.ID, recalled, func(o *Order) ledger.Decision { return s.extend(cmd, o, at) })
	case Get:
		return s.about(cmd.ID, recalled, get)
	case ledger.Received:
		return s.receive(cmd, at)
	case ledger.Due:
		return s.due(cmd, at)
	case ledger.Forget:
		return s.forget(cmd)
	case Restate:
		return s.about(cmd.ID, recalled, func(o *Order) ledger.Decision { return s.restate(o, at) })
	case Disown:
		return s.about(IDOf(cmd.Order), recalled, func(o *Order) ledger.Decision { return s.disown(cmd, o) })
	}
	return ledger.Decision{Err: fmt.Errorf("%T is no command of a reservation ledger", cmd)}
}

// about decides on an order wherever it is: in memory, in the archive, or nowhere (nil).
func (s *State) about(id ledger.UUID, recalled ledger.Recalled, decide func(*Order) ledger.Decision) ledger.Decision {
	o, ok := s.orders.Get(id)
	switch {
	case ok:
		return decide(o)
	case !recalled.Asked && s.gone.Has(id):
		return ledger.Decision{Recall: id}
	case recalled.Body == nil:
		return decide(nil)
	}
	r := ledger.NewReader(recalled.Body)
	o = DecodeOrder(r)
	if err := r.Close(); err != nil {
		return ledger.Decision{Err: fmt.Errorf("reservation %s in the archive: %w", id, err)}
	}
	return decide(o)
}

func get(o *Order) ledger.Decision {
	if o == nil {
		return ledger.Decision{Err: ErrUnknownOrder}
	}
	return ledger.Decision{Outcome: o}
}

func (s *State) reserve(cmd Reserve, o *Order, at ledger.Stamp) ledger.Decision {
	if o != nil {
		return s.reserveAgain(cmd, o, at)
	}
	o = &Order{
		ID: cmd.Order, Region: cmd.Region, Lines: cmd.Lines, Status: Planned, TTL: cmd.TTL.Milliseconds(),
		PlannedAt: at.At, Final: cmd.Final, Origin: cmd.Origin,
	}
	t := s.step(o, at)
	if cmd.Invalid != "" {
		return t.invalid(cmd.Invalid)
	}
	d := t.plan()
	if d.Err == nil && cmd.waits() && !t.o.settled() {
		d.Wait = &ledger.Wait{Key: IDOf(o.ID), Answer: reserveAnswer}
	}
	return d
}

// reserveAgain answers for an order that exists: nothing is published again.
func (s *State) reserveAgain(cmd Reserve, o *Order, at ledger.Stamp) ledger.Decision {
	if o.cancelledFirst() {
		return s.reserveCancelled(cmd, o, at)
	}
	if !o.sameItems(cmd.Lines) && (cmd.Invalid == "" || o.Reason != InvalidOrder) {
		return ledger.Decision{Err: fmt.Errorf("order %s: %w", o.ID, ErrMismatch)}
	}
	d := ledger.Decision{Outcome: Repeated{o}}
	switch {
	case o.Status == Rejected:
		d.Err = rejection(o)
	case o.Status == Planned && cmd.Final && !o.Final:
		t := s.step(o, at)
		t.o.Final = true
		d = t.done(NoEvent)
	}
	if o.Status == Planned && cmd.waits() {
		d.Wait = &ledger.Wait{Key: IDOf(o.ID), Answer: reserveAnswer}
		if cmd.Final {
			d.Wait.Answer = reserveRepeated
		}
	}
	return d
}

// waits tells that the answer is the outcome.
func (r Reserve) waits() bool { return !r.Final || r.Await }

// reserveCancelled answers for an order whose cancel came first. An event is answered by
// a rejection, once.
func (s *State) reserveCancelled(cmd Reserve, o *Order, at ledger.Stamp) ledger.Decision {
	if !cmd.Final {
		return ledger.Decision{Outcome: Repeated{o}}
	}
	t := s.step(o, at)
	t.o.Lines, t.o.Region, t.o.TTL, t.o.Origin = slices.Clone(cmd.Lines), cmd.Region, cmd.TTL.Milliseconds(), cmd.Origin
	return t.reject(AlreadyCancelled)
}

// cancelledFirst tells whether the order ended before anything was held or refused.
func (o *Order) cancelledFirst() bool { return o.Status == Released && o.HeldAt == 0 }

func reserveAnswer(c ledger.Change) ledger.Decision {
	d := ledger.Decision{Outcome: c.(Changed).Order}
	switch o := c.(Changed).Order; {
	case c.(Changed).Gone:
		d.Err = refusal(o)
	case o.Status == Rejected:
		d.Err = rejection(o)
	case o.cancelledFirst():
		d.Err = fmt.Errorf("order %s: %w", o.ID, ErrCancelled)
	}
	return d
}

// reserveRepeated answers an event that found its order planned.
func reserveRepeated(c ledger.Change) ledger.Decision {
	d := reserveAnswer(c)
	d.Outcome = Repeated{c.(Changed).Order}
	return d
}

// ended answers that an order has ended as it is. Whoever asks again wants to see the
// effect as much as who asked first.
func ended(o *Order) ledger.Decision {
	d := ledger.Decision{Outcome: o}
	for _, leg := range o.Legs {
		if leg.State == Done {
			d.After = append(d.After, ledger.Receipt{Ledger: leg.Ledger, Number: leg.Number})
		}
	}
	return d
}

// refusal is the answer to a plan that could not be served.
func refusal(o *Order) error {
	if o.Detail != "" {
		return fmt.Errorf("order %s: %s: %w", o.ID, o.Detail, ErrBusy)
	}
	return &InsufficientError{o.Shortages}
}

func rejection(o *Order) error {
	err := fmt.Errorf("order %s: %w: %s", o.ID, ErrRejected, o.Reason)
	if o.Reason == InsufficientStock {
		return errors.Join(err, &InsufficientError{o.Shortages})
	}
	return err
}

// release ends the order. One that was never seen is remembered as ended, so that a
// creation that comes later finds it.
func (s *State) release(cmd Release, o *Order, at ledger.Stamp) ledger.Decision {
	switch {
	case o == nil && cmd.Order == "":
		return ledger.Decision{Err: ErrUnknownOrder}
	case o == nil:
		t := s.step(&Order{ID: cmd.Order, PlannedAt: at.At, Final: true, Origin: cmd.Origin}, at)
		t.o.end(Released, cmd.Reason)
		d := t.done(NoEvent)
		d.Err = fmt.Errorf("order %s: %w", cmd.Order, ErrUnknownOrder)
		return d
	case o.Ended():
		return ended(o)
	}
	t := s.step(o, at)
	t.o.Origin = cmd.Origin
	t.releaseLegs(cmd.Reason)
	switch {
	case o.Status == Held:
		return t.endHold(Released, cmd.Reason)
	case o.Final:
		return t.reject(AlreadyCancelled)
	}
	t.o.Final = true
	return t.ended(Released, cmd.Reason, NoEvent)
}

func (s *State) receive(mail ledger.Received, at ledger.Stamp) ledger.Decision {
	m, err := stock.DecodeMessage(mail.Body)
	if err != nil {
		return ledger.Decision{Err: fmt.Errorf("mail %d from %s: %w", mail.Number, mail.From, err)}
	}
	answer, ok := m.(stock.Answer)
	if !ok {
		return ledger.Decision{Err: fmt.Errorf("mail %d from %s: %T is not for a reservation ledger", mail.Number, mail.From, m)}
	}
	o, ok := s.orders.Get(IDOf(answer.Order))
	if !ok {
		return ledger.Decision{} // forgotten meanwhile: nothing depends on the answer any more
	}
	for i, leg := range o.Legs {
		if leg.Ledger == mail.From && leg.Number == answer.Number && leg.State == Asked {
			return s.step(o, at).answered(i, answer)
		}
	}
	return ledger.Decision{} // to an older question
}

func (s *State) forget(cmd ledger.Forget) ledger.Decision {
	var keys []ledger.UUID
	for _, k := range cmd.Keys {
		if o, ok := s.orders.Get(k); ok && o.Ended() && o.settled() && o.version <= cmd.Relayed && !s.awaited(o.ID) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return ledger.Decision{}
	}
	return ledger.Decision{Changes: []ledger.Change{ledger.Forgotten{Keys: keys}}}
}

package stock

import (
	"fmt"

	"inventory/domain/ledger"
)

// Decide implements ledger.Machine for Adjust, ledger.Received with a Hold, Release or
// Confirm, ledger.Forget, Correct, SetMark and ReadMarks.
func (s *State) Decide(cmd ledger.Command, recalled ledger.Recalled, at ledger.Stamp) ledger.Decision {
	d := s.decide(cmd, recalled, at)
	d.Changes = s.withCrossings(d.Changes)
	return d
}

func (s *State) decide(cmd ledger.Command, recalled ledger.Recalled, at ledger.Stamp) ledger.Decision {
	switch cmd := cmd.(type) {
	case Adjust:
		return s.adjust(cmd, recalled, at)
	case ledger.Received:
		return s.receive(cmd, at)
	case ledger.Forget:
		return s.forget(cmd)
	case Correct:
		return s.correct(cmd, at)
	case SetMark:
		return s.setMark(cmd)
	case ReadMarks:
		return s.readMarks(cmd)
	}
	return ledger.Decision{Err: fmt.Errorf("%T is no command of a stock ledger", cmd)}
}

func (s *State) receive(mail ledger.Received, at ledger.Stamp) ledger.Decision {
	m, err := DecodeMessage(mail.Body)
	if err != nil {
		return ledger.Decision{Err: fmt.Errorf("mail %d from %s: %w", mail.Number, mail.From, err)}
	}
	switch m := m.(type) {
	case Hold:
		answer, moved := s.hold(m, at)
		answer.Number = mail.Number
		return ledger.Decision{Changes: append(moved, s.post.Outgoing().Send(mail.From, EncodeMessage(answer)))}
	case Release:
		return s.end(Moved{Movement: Released, Order: m.Order, Reason: m.Reason, Origin: m.Origin}, at)
	case Confirm:
		return s.confirm(m, at)
	}
	return ledger.Decision{Err: fmt.Errorf("mail %d from %s: %T is not for a stock ledger", mail.Number, mail.From, m)}
}

// hold takes all items or none, and says which were short.
func (s *State) hold(m Hold, at ledger.Stamp) (Answer, []ledger.Change) {
	answer := Answer{Order: m.Order}
	if _, ok := s.holds.Get(m.Order); ok {
		return answer, nil // no sender does that: a release always comes between two holds
	}
	moved := Moved{Movement: Held, Order: m.Order, Origin: m.Origin, Lines: make([]Line, 0, len(m.Items))}
	for _, it := range m.Items {
		l, _ := s.levels.Get(it.SKU)
		after, err := l.moved(Held, "", it.Quantity, at)
		if it.Quantity > l.Available() || err != nil {
			answer.Shortages = append(answer.Shortages, Shortage{it.SKU, WarehouseID(s.id.Scope()), it.Quantity, l.Available()})
			continue
		}
		moved.Lines = append(moved.Lines, Line{it.SKU, it.Quantity, after})
	}
	if len(answer.Shortages) > 0 {
		return answer, nil
	}
	answer.Held = true
	return answer, []ledger.Change{moved}
}

// end completes a release with the lines of the order's hold; without a hold there is
// nothing to do.
func (s *State) end(moved Moved, at ledger.Stamp) ledger.Decision {
	items, ok := s.holds.Get(moved.Order)
	if !ok {
		return ledger.Decision{}
	}
	moved, err := s.moveAll(moved, items, at)
	if err != nil {
		return ledger.Decision{Err: err}
	}
	return ledger.Decision{Changes: []ledger.Change{moved}}
}

// moveAll completes a movement with lines.
func (s *State) moveAll(moved Moved, items []Item, at ledger.Stamp) (Moved, error) {
	for _, it := range items {
		l, _ := s.levels.Get(it.SKU)
		after, err := l.moved(moved.Movement, "", it.Quantity, at)
		if err != nil {
			return moved, fmt.Errorf("order %s, sku %s: %w", moved.Order, it.SKU, err)
		}
		moved.Lines = append(moved.Lines, Line{it.SKU, it.Quantity, after})
	}
	return moved, nil
}

func (s *State) adjust(cmd Adjust, recalled ledger.Recalled, at ledger.Stamp) ledger.Decision {
	if err := cmd.Validate(); err != nil {
		return ledger.Decision{Err: err}
	}
	if cmd.Ledger != s.id {
		return ledger.Decision{Err: fmt.Errorf("adjustment of sku %s came to %s: it belongs to %s", cmd.SKU, s.id, cmd.Ledger)}
	}
	id := cmd.ID()
	before, known, err := s.adjustment(id, recalled)
	switch {
	case err != nil:
		return ledger.Decision{Err: err}
	case known && before.Fingerprint != cmd.fingerprint():
		return ledger.Decision{Err: fmt.Errorf("%w: %s of sku %s by %d", ErrKeyReused, before.Type, before.SKU, before.Delta)}
	case known:
		before.Repeated = true
		return ledger.Decision{Outcome: before}
	case !recalled.Asked && s.gone.Has(id):
		return ledger.Decision{Recall: id}
	}
	return s.makeAdjustment(id, cmd, at)
}

// adjustment finds what a command with this id did before.
func (s *State) adjustment(id ledger.UUID, recalled ledger.Recalled) (a Adjustment, known bool, err error) {
	if a, ok := s.recent.Get(id); ok {
		return a, true, nil
	}
	if recalled.Body == nil {
		return a, false, nil
	}
	r := ledger.NewReader(recalled.Body)
	a = DecodeAdjustment(r)
	return a, true, r.Close()
}

func (s *State) makeAdjustment(id ledger.UUID, cmd Adjust, at ledger.Stamp) ledger.Decision {
	l, _ := s.levels.Get(cmd.SKU)
	delta := cmd.Quantity
	if cmd.Type == Count {
		delta -= l.onHand
	}
	switch {
	case l.onHand+delta < 0:
		return ledger.Decision{Err: fmt.Errorf("%w: sku %s in %s: %s %d, on_hand %d", ErrBelowZero, cmd.SKU, s.id.Scope(), cmd.Type, cmd.Quantity, l.onHand)}
	case l.onHand+delta > MaxQuantity:
		return ledger.Decision{Err: fmt.Errorf("%w of %d: sku %s in %s: %s %d, on_hand %d", ErrTooMany, int64(MaxQuantity), cmd.SKU, s.id.Scope(), cmd.Type, cmd.Quantity, l.onHand)}
	}
	after, err := l.moved(Adjusted, cmd.Type, delta, at)
	if err != nil {
		return ledger.Decision{Err: err}
	}
	made := AdjustmentMade{
		ID: id,
		Adjustment: Adjustment{
			Actor: cmd.Actor, Key: cmd.Key, Fingerprint: cmd.fingerprint(),
			SKU: cmd.SKU, Type: cmd.Type, Delta: delta, Level: after,
		},
		Reason: cmd.Reason, Reference: cmd.Reference, Origin: Origin{Source: cmd.Source, Trace: cmd.Trace},
	}
	return ledger.Decision{Outcome: made.Adjustment, Changes: []ledger.Change{made}}
}

// forget drops the adjustments that are in the archive.
func (s *State) forget(cmd ledger.Forget) ledger.Decision {
	var keys []ledger.UUID
	for _, k := range cmd.Keys {
		if a, ok := s.recent.Get(k); ok && a.Level.version <= cmd.Relayed {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return ledger.Decision{}
	}
	return ledger.Decision{Changes: []ledger.Change{ledger.Forgotten{Keys: keys}}}
}

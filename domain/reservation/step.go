package reservation

import (
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// maxTries bounds the plans of one order that stock ledgers refuse.
const maxTries = 3

// step is what one decision does to one order: changes of a copy of it, and mail.
type step struct {
	s     *State
	o     *Order
	fresh bool // the order is not in the state yet
	at    ledger.Stamp
	mail  *ledger.Outgoing
	sent  []ledger.Change
	after []ledger.Receipt
	freed []ledger.ID      // legs that are released
	short []stock.Shortage // what a ledger has just refused
}

func (s *State) step(o *Order, at ledger.Stamp) *step {
	_, known := s.orders.Get(IDOf(o.ID))
	return &step{s: s, o: o.copy(), fresh: !known, at: at, mail: s.post.Outgoing()}
}

// done makes the decision: the order as it now is, and the mail.
func (t *step) done(e Event) ledger.Decision { return t.tell(Changed{Event: e}) }

// tell makes the decision with an event for each part of the order that something became
// of.
func (t *step) tell(events ...Changed) ledger.Decision {
	changes := make([]ledger.Change, 0, len(events)+len(t.sent))
	for _, c := range events {
		c.Order = t.o
		changes = append(changes, c)
	}
	return ledger.Decision{Outcome: t.o, Changes: append(changes, t.sent...), After: t.after}
}

func (t *step) ended(s Status, reason string, e Event) ledger.Decision {
	t.o.Due = 0
	t.o.end(s, reason)
	return t.done(e)
}

func (t *step) reject(reason string) ledger.Decision {
	t.o.Final = true
	return t.ended(Rejected, reason, RejectedEvent)
}

// invalid answers an order that can't be served as it stands.
func (t *step) invalid(detail string) ledger.Decision {
	if t.fresh && !t.o.Final {
		return ledger.Decision{Err: fmt.Errorf("order %s: %w: %s", t.o.ID, stock.ErrInvalid, detail)}
	}
	t.o.Detail = detail
	if !t.o.Final {
		return t.refuse() // planned before: what its legs hold must not stay
	}
	return t.reject(InvalidOrder)
}

// send mails a leg, and remembers the number.
func (t *step) send(leg *Leg, m stock.Message, next LegState) {
	c := t.mail.Send(leg.Ledger, stock.EncodeMessage(m))
	leg.Number, leg.State = c.Number, next
	t.sent = append(t.sent, c)
	t.after = append(t.after, ledger.Receipt{Ledger: leg.Ledger, Number: c.Number})
}

// releaseLegs gives back what legs hold or may come to hold.
func (t *step) releaseLegs(reason string) {
	for i := range t.o.Legs {
		if leg := &t.o.Legs[i]; leg.State != Done {
			t.send(leg, stock.Release{Order: t.o.ID, Reason: reason, Origin: t.o.Origin}, Done)
			t.freed = append(t.freed, leg.Ledger)
		}
	}
}

// layLegs divides the order's lines among the stock ledgers that keep them.
func (t *step) layLegs() (items map[ledger.ID][]stock.Item, err error) {
	items = map[ledger.ID][]stock.Item{}
	t.o.Legs = nil
	for _, l := range t.o.Lines {
		w, ok := t.s.stock.Warehouse(l.Warehouse)
		if !ok {
			return nil, fmt.Errorf("unknown warehouse %s", l.Warehouse)
		}
		id := w.LedgerOf(l.SKU)
		if items[id] == nil {
			t.o.Legs = append(t.o.Legs, Leg{Ledger: id})
		}
		items[id] = addItem(items[id], l)
	}
	return items, nil
}

// askLegs asks the stock ledgers of the legs to hold items. The answer waits for the
// outcome, so that nobody needs to wait for the mail to be taken.
func (t *step) askLegs(items map[ledger.ID][]stock.Item) ledger.Decision {
	for i := range t.o.Legs {
		if leg := &t.o.Legs[i]; len(items[leg.Ledger]) > 0 {
			t.send(leg, stock.Hold{Order: t.o.ID, Items: items[leg.Ledger], Origin: t.o.Origin}, Asked)
		}
	}
	t.o.Due = t.until()
	t.after = nil
	return t.done(NoEvent)
}

// until is when a question that is not answered is given up; a plan never outlives the
// order's own time to live.
func (t *step) until() int64 {
	end := t.at.At + t.s.patience(t.o)
	if t.o.LatePick {
		return end
	}
	return min(end, max(t.at.At+1, t.o.PlannedAt+t.o.TTL))
}

// addItem adds a line to a leg's items: a SKU is in them once, though a free and a named
// line may both have it.
func addItem(items []stock.Item, l Line) []stock.Item {
	for i := range items {
		if items[i].SKU == l.SKU {
			items[i].Quantity += l.Quantity
			return items
		}
	}
	return append(items, stock.Item{SKU: l.SKU, Quantity: l.Quantity})
}

// crowded tells whether too much mail to one of the legs is under way already.
func (t *step) crowded() bool {
	return slices.ContainsFunc(t.o.Legs, func(l Leg) bool {
		return t.s.post.Unacknowledged(l.Ledger) >= t.s.cfg.MaxPending
	})
}

// busy refuses a new question to a stock ledger that is behind.
func (t *step) busy() ledger.Decision {
	return ledger.Decision{Err: fmt.Errorf("order %s: %w", t.o.ID, ErrBusy)}
}

// answered takes a leg's answer to the last question.
func (t *step) answered(i int, answer stock.Answer) ledger.Decision {
	if !answer.Held {
		t.o.Legs[i].State = Done
		return t.refused(t.o.Legs[i].Ledger, answer.Shortages)
	}
	t.o.Legs[i].State = Holding
	if slices.ContainsFunc(t.o.Legs, func(l Leg) bool { return l.State == Asked }) {
		return t.done(NoEvent)
	}
	if t.o.LatePick {
		return t.pickedLate()
	}
	t.o.end(Held, "")
	t.o.HeldAt = t.at.At
	t.hold(t.at.At + t.o.TTL)
	t.o.Shortages, t.o.Silent, t.o.Detail = nil, nil, ""
	return t.done(ReservedEvent)
}

// refused follows a leg's refusal: the other legs are released at once, answered or not,
// since a Release follows its Hold.
func (t *step) refused(by ledger.ID, shortages []stock.Shortage) ledger.Decision {
	t.releaseLegs(InsufficientStock)
	t.o.Shortages, t.o.Detail, t.short = shortages, "", shortages
	if t.o.LatePick {
		return t.latePickFailed("")
	}
	t.o.Tries++
	if t.o.Tries < maxTries && t.movable(by, shortages) {
		return t.plan()
	}
	return t.refuse()
}

// movable tells whether another warehouse may serve what a ledger was short of: whether
// every short SKU is asked for by a line that names no warehouse.
func (t *step) movable(by ledger.ID, shortages []stock.Shortage) bool {
	for _, short := range shortages {
		named := slices.ContainsFunc(t.o.Lines, func(l Line) bool {
			return l.SKU == short.SKU && l.Named && string(l.Warehouse) == by.Scope() && l.Quantity > short.Available
		})
		if named {
			return false
		}
	}
	return true
}

// refuse ends an order that can't be served: for ever where an event made it, else as if
// it had never been.
func (t *step) refuse() ledger.Decision {
	if t.o.Final {
		return t.reject(InsufficientStock)
	}
	if t.fresh {
		return ledger.Decision{Outcome: t.o, Err: refusal(t.o)}
	}
	changes := append([]ledger.Change{Changed{Gone: true, Order: t.o}}, t.sent...)
	return ledger.Decision{Changes: changes}
}

package reservation

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// The bounds of what is parked: picks of one order, orders of a ledger, and bytes of the
// record that brought a pick. What is beyond is refused as the pick of an unknown order.
const (
	maxParkedPicks  = 100
	maxParkedOrders = 10_000
	maxParkedLetter = 64 << 10
)

// retryParked is how long a parked pick rests that met a busy ledger.
const retryParked = time.Second

// Parked are the picks of an order that was not seen before them.
type Parked struct {
	Order stock.OrderID
	Picks []ParkedPick // in the order in which they came
	Due   int64        // when to look at them again: 0 while their order is under way
}

// ParkedPick is one of them.
type ParkedPick struct {
	Confirm        // its ID and Order are those of the order
	At       int64 // since when
	Until    int64 // when it is given up where the order is not seen
	Underway bool  // a late pick was begun for it
}

// ParkedOutcome is the outcome of a Confirm that was parked.
type ParkedOutcome struct{ Until int64 }

// PicksParked is the change of the picks that are parked for an order: it carries all of
// them as they are after it; none are left where Picks is empty.
type PicksParked struct{ *Parked }

// PickBuried is the change that a parked pick can't be acted on, and is a dead letter.
type PickBuried struct {
	Order    stock.OrderID
	Letter   []byte // as the Confirm had it
	Code     string // one of those of CodeOf
	Detail   string // for people
	ParkedAt int64
}

const (
	kindParked = 66
	kindBuried = 67
)

// ChangeKind implements ledger.Change.
func (PicksParked) ChangeKind() byte { return kindParked }

// ChangeKind implements ledger.Change.
func (PickBuried) ChangeKind() byte { return kindBuried }

// Progress implements ledger.Progressing.
func (c PicksParked) Progress() ledger.Progress { return c.progress() }

// Encode implements ledger.Change.
func (c PicksParked) Encode(w *ledger.Writer) { c.encode(w) }

// Encode implements ledger.Change.
func (c PickBuried) Encode(w *ledger.Writer) {
	w.String(string(c.Order))
	w.Blob(c.Letter)
	w.String(c.Code)
	w.String(c.Detail)
	w.Int(c.ParkedAt)
}

// parkedKey is the key of the deadlines of an order's parked picks.
func parkedKey(order stock.OrderID) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, "parked:"+string(order))
}

func (p *Parked) progress() ledger.Progress {
	due := p.Due
	if len(p.Picks) == 0 {
		due = 0
	}
	return ledger.Progress{Key: parkedKey(p.Order), Due: due}
}

func (p *Parked) encode(w *ledger.Writer) {
	w.String(string(p.Order))
	w.Int(p.Due)
	w.Int(int64(len(p.Picks)))
	for _, k := range p.Picks {
		w.String(string(k.Warehouse))
		w.Int(int64(len(k.Picked)))
		for _, l := range k.Picked {
			w.String(string(l.SKU))
			w.String(string(l.Warehouse))
			w.Bool(l.Named)
			w.Int(l.Quantity)
		}
		w.Blob(k.Letter)
		w.String(k.Source)
		w.String(k.Trace)
		w.Int(k.At)
		w.Int(k.Until)
		w.Bool(k.Underway)
	}
}

func decodeParked(r *ledger.Reader) *Parked {
	p := &Parked{Order: stock.OrderID(r.String()), Due: r.Int()}
	for range r.Count(8) {
		k := ParkedPick{Confirm: Confirm{ID: IDOf(p.Order), Order: p.Order, Warehouse: stock.WarehouseID(r.String())}}
		for range r.Count(4) {
			k.Picked = append(k.Picked, Line{SKU: stock.SKU(r.String()), Warehouse: stock.WarehouseID(r.String()), Named: r.Bool(), Quantity: r.Int()})
		}
		k.Letter = bytes.Clone(r.Blob())
		k.Source, k.Trace, k.At, k.Until, k.Underway = r.String(), r.String(), r.Int(), r.Int(), r.Bool()
		p.Picks = append(p.Picks, k)
	}
	return p
}

func (s *State) applyParked(p *Parked) {
	if len(p.Picks) == 0 {
		s.parked.Delete(parkedKey(p.Order))
		return
	}
	s.parked.Put(parkedKey(p.Order), p)
}

// Parked yields the picks that are parked, by order, in no order.
func (s *State) Parked(yield func(*Parked) bool) {
	for _, p := range s.parked.All() {
		if !yield(p) {
			return
		}
	}
}

// awaited tells whether picks are parked for an order.
func (s *State) awaited(order stock.OrderID) bool {
	if s.parked.Len() == 0 {
		return false
	}
	_, ok := s.parked.Get(parkedKey(order))
	return ok
}

// pickUnknown parks the pick of an order that was never seen, where it came with a record
// to bury in the end.
func (s *State) pickUnknown(cmd Confirm, at ledger.Stamp) ledger.Decision {
	parked := &Parked{Order: cmd.Order}
	if p, ok := s.parked.Get(parkedKey(cmd.Order)); ok {
		parked = &Parked{Order: p.Order, Picks: slices.Clone(p.Picks), Due: p.Due}
	}
	for _, k := range parked.Picks {
		if bytes.Equal(k.Letter, cmd.Letter) {
			return ledger.Decision{Outcome: ParkedOutcome{k.Until}}
		}
	}
	switch {
	case len(cmd.Letter) == 0:
		return ledger.Decision{Err: ErrUnknownOrder}
	case len(cmd.Letter) > maxParkedLetter, len(parked.Picks) == maxParkedPicks, s.parked.Len() >= maxParkedOrders:
		return ledger.Decision{Err: fmt.Errorf("%w, and too much waits for such already: %d picks of it, %d orders, a record of %d bytes",
			ErrUnknownOrder, len(parked.Picks), s.parked.Len(), len(cmd.Letter))}
	}
	k := ParkedPick{Confirm: cmd, At: at.At, Until: at.At + s.cfg.ParkPatience.Milliseconds()}
	if parked.Picks = append(parked.Picks, k); len(parked.Picks) == 1 {
		parked.Due = k.Until
	}
	return ledger.Decision{Outcome: ParkedOutcome{k.Until}, Changes: []ledger.Change{PicksParked{parked}}}
}

// wakeParked lets parked picks be looked at where a decision settles their order.
func (s *State) wakeParked(d *ledger.Decision, at ledger.Stamp) {
	for _, c := range d.Changes {
		c, ok := c.(Changed)
		if !ok || !c.Progress().Settled {
			continue
		}
		p, ok := s.parked.Get(parkedKey(c.Order.ID))
		if !ok || slices.ContainsFunc(d.Changes, func(c ledger.Change) bool { _, ok := c.(PicksParked); return ok }) {
			continue
		}
		d.Changes = append(d.Changes, PicksParked{&Parked{Order: p.Order, Picks: p.Picks, Due: at.At}})
	}
}

// duePick decides the first of an order's parked picks.
func (s *State) duePick(p *Parked, at ledger.Stamp) ledger.Decision {
	if p.Due == 0 || at.At < p.Due {
		return ledger.Decision{}
	}
	k := p.Picks[0]
	o, _ := s.orders.Get(k.ID)
	switch {
	case o == nil && at.At >= k.Until:
		return s.bury(p, at, ErrUnknownOrder)
	case o == nil:
		return keep(p, k, k.Until)
	case !o.settled():
		return keep(p, k, 0)
	}
	d := s.confirm(k.Confirm, o, at)
	switch failed := k.Underway && !errors.Is(d.Err, ErrBusy) && d.Wait != nil; {
	case failed && o.Detail == "":
		return s.bury(p, at, latePickAnswer(Changed{Order: o}).Err)
	case errors.Is(d.Err, ErrBusy), failed:
		k.Underway = false
		return keep(p, k, at.At+retryParked.Milliseconds())
	case d.Err != nil:
		return s.bury(p, at, d.Err)
	case d.Wait != nil:
		k.Underway = true
		d.Changes = append(d.Changes, keep(p, k, 0).Changes...)
	default:
		d.Changes = append(d.Changes, s.next(p, at)...)
	}
	return ledger.Decision{Changes: d.Changes}
}

// keep leaves the first pick parked, as it now is.
func keep(p *Parked, first ParkedPick, due int64) ledger.Decision {
	left := &Parked{Order: p.Order, Picks: slices.Clone(p.Picks), Due: due}
	left.Picks[0] = first
	return ledger.Decision{Changes: []ledger.Change{PicksParked{left}}}
}

// next drops the first pick, and lets the one after it be decided. The order may leave
// memory once none is left: that is said again, since it was not to leave before.
func (s *State) next(p *Parked, at ledger.Stamp) []ledger.Change {
	left := &Parked{Order: p.Order, Picks: p.Picks[1:], Due: at.At}
	changes := []ledger.Change{PicksParked{left}}
	if o, ok := s.orders.Get(IDOf(p.Order)); ok && len(left.Picks) == 0 && o.Ended() {
		changes = append(changes, Changed{Order: o})
	}
	return changes
}

func (s *State) bury(p *Parked, at ledger.Stamp, err error) ledger.Decision {
	k := p.Picks[0]
	buried := PickBuried{Order: p.Order, Letter: k.Letter, Code: CodeOf(err), Detail: err.Error(), ParkedAt: k.At}
	return ledger.Decision{Changes: append([]ledger.Change{buried}, s.next(p, at)...)}
}

// CodeOf gives the code of the errors that a pick is refused with for good.
func CodeOf(err error) string {
	for _, e := range []struct {
		err  error
		code string
	}{
		{ErrUnknownOrder, "UNKNOWN_ORDER"},
		{ErrNotHeld, "NOT_HELD"},
		{ErrOverPick, "OVER_PICK"},
		{ErrAmbiguousPick, "AMBIGUOUS_PICK"},
		{ErrShortage, "SHORTAGE"},
	} {
		if errors.Is(err, e.err) {
			return e.code
		}
	}
	return "INTERNAL"
}

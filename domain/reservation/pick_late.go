package reservation

import (
	"fmt"
	"maps"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// pickLate asks for the stock of lines that ended without a pick once more.
func (t *step) pickLate(picks map[spot]int64) ledger.Decision {
	t.o.LatePick, t.o.Detail, t.o.Shortages = true, "", nil
	items, err := t.legsOf(picks)
	switch {
	case err != nil:
		return ledger.Decision{Err: fmt.Errorf("order %s: late pick: %w", t.o.ID, err)}
	case t.crowded():
		return t.busy()
	}
	for i := range t.o.Lines {
		l := &t.o.Lines[i]
		at := spot{l.SKU, l.Warehouse}
		if l.Status != Confirmed {
			l.Picked = min(l.Quantity, picks[at])
			picks[at] -= l.Picked
		}
	}
	for _, id := range slices.Sorted(maps.Keys(items)) {
		if !slices.ContainsFunc(t.o.Legs, func(l Leg) bool { return l.Ledger == id }) {
			t.o.Legs = append(t.o.Legs, Leg{Ledger: id, State: Done})
		}
	}
	d := t.askLegs(items)
	d.Wait = &ledger.Wait{Key: IDOf(t.o.ID), Answer: latePickAnswer}
	return d
}

// pickedLate follows a late pick all of whose legs hold.
func (t *step) pickedLate() ledger.Decision {
	t.o.LatePick, t.o.Late, t.o.Due = false, true, 0
	var items []PartItem
	whole := true
	for i := range t.o.Lines {
		l := &t.o.Lines[i]
		if l.Status == Confirmed || l.Picked == 0 {
			whole = false
			continue
		}
		l.Status, l.Short = Confirmed, false
		items = addPart(items, spot{l.SKU, l.Warehouse}, l.Picked)
		whole = whole && l.Picked == l.Quantity
	}
	t.o.Status, t.o.Reason = Confirmed, ""
	for i := range t.o.Legs {
		if leg := &t.o.Legs[i]; leg.State == Holding {
			t.send(leg, stock.Confirm{Order: t.o.ID, Late: true, Origin: t.o.Origin}, Done)
		}
	}
	if whole {
		return t.done(ConfirmedEvent)
	}
	return t.tell(Changed{Event: ConfirmedEvent, Part: &Part{Items: items}})
}

func (t *step) latePickFailed(detail string) ledger.Decision {
	t.o.LatePick, t.o.Detail, t.o.Due = false, detail, 0
	for i := range t.o.Lines {
		if l := &t.o.Lines[i]; l.Status != Confirmed {
			l.Picked = 0
		}
	}
	return t.done(NoEvent)
}

func latePickAnswer(c ledger.Change) ledger.Decision {
	o := c.(Changed).Order
	d := ended(o)
	switch {
	case c.(Changed).Event == ConfirmedEvent:
	case o.Detail != "":
		d.Err = refusal(o)
	default:
		d.Err = fmt.Errorf("order %s: %w: %w", o.ID, ErrShortage, &InsufficientError{o.Shortages})
	}
	return d
}

package reservation

import (
	"fmt"
	"maps"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// confirm ends the lines that were picked.
func (s *State) confirm(cmd Confirm, o *Order, at ledger.Stamp) ledger.Decision {
	switch {
	case o == nil:
		return s.pickUnknown(cmd, at)
	case !o.settled():
		return ledger.Decision{Wait: &ledger.Wait{Key: IDOf(o.ID)}}
	case o.HeldAt == 0:
		return ledger.Decision{Err: fmt.Errorf("order %s is %s: %w", o.ID, o.Status, ErrNotHeld)}
	}
	p, err := picksOf(cmd, o)
	switch {
	case err != nil:
		return ledger.Decision{Err: fmt.Errorf("order %s: %w", o.ID, err)}
	case len(p) == 0:
		return ended(o)
	}
	t := s.step(o, at)
	t.o.Origin = cmd.Origin
	if o.Status == Held {
		return t.pick(p)
	}
	return t.pickLate(p)
}

// pick ends held lines, and what was not picked of them goes back.
func (t *step) pick(picks map[spot]int64) ledger.Decision {
	whole := t.picksWhole(picks)
	legs, err := t.legsOf(picks)
	if err != nil {
		return ledger.Decision{Err: fmt.Errorf("order %s: %w", t.o.ID, err)}
	}
	picked, left := t.share(picks)
	if !t.o.anyHeld() {
		t.o.Status, t.o.Reason, t.o.Due = Released, ShortPick, 0
		if t.o.picked() {
			t.o.Status, t.o.Reason = Confirmed, ""
		}
	}
	t.confirmPicked(legs, whole)
	if whole {
		return t.done(ConfirmedEvent)
	}
	var told []Changed
	if len(picked) > 0 {
		told = append(told, Changed{Event: ConfirmedEvent, Part: &Part{Items: picked}})
	}
	if len(left) > 0 {
		told = append(told, Changed{Event: ReleasedEvent, Part: &Part{Reason: ShortPick, Items: left}})
	}
	return t.tell(told...)
}

// picksWhole tells whether a pick is of all that was ever held for the order.
func (t *step) picksWhole(picks map[spot]int64) bool {
	for at, s := range spotsOf(t.o) {
		if picks[at] != s.asked {
			return false
		}
	}
	return true
}

// share divides what was picked in each spot among its lines, and ends them. It gives the
// parts that left and did not.
func (t *step) share(picks map[spot]int64) (picked, left []PartItem) {
	rest := maps.Clone(picks)
	for i := range t.o.Lines {
		l := &t.o.Lines[i]
		at := spot{l.SKU, l.Warehouse}
		if _, ends := picks[at]; !ends {
			continue
		}
		l.Picked = min(l.Quantity, rest[at])
		rest[at] -= l.Picked
		l.Status, l.Short = Confirmed, false
		if l.Picked == 0 {
			l.Status, l.Short = Released, true
		}
		picked = addPart(picked, at, l.Picked)
		left = addPart(left, at, l.Quantity-l.Picked)
	}
	return picked, left
}

func addPart(items []PartItem, at spot, q int64) []PartItem {
	if q == 0 {
		return items
	}
	for i := range items {
		if items[i].SKU == at.sku && items[i].Warehouse == at.warehouse {
			items[i].Quantity += q
			return items
		}
	}
	return append(items, PartItem{at.sku, at.warehouse, q})
}

// itemsOf adds up lines by spot.
func itemsOf(lines []Line) []PartItem {
	var items []PartItem
	for _, l := range lines {
		items = addPart(items, spot{l.SKU, l.Warehouse}, l.Quantity)
	}
	return items
}

// legsOf divides picks among the stock ledgers, each with its items in order.
func (t *step) legsOf(picks map[spot]int64) (map[ledger.ID][]stock.Item, error) {
	legs := map[ledger.ID][]stock.Item{}
	for _, at := range slices.SortedFunc(maps.Keys(picks), compareSpots) {
		w, ok := t.s.stock.Warehouse(at.warehouse)
		if !ok {
			return nil, fmt.Errorf("unknown warehouse %s: %w", at.warehouse, ErrBusy)
		}
		id := w.LedgerOf(at.sku)
		legs[id] = append(legs[id], stock.Item{SKU: at.sku, Quantity: picks[at]})
	}
	return legs, nil
}

// confirmPicked tells the legs what left them. A leg of whose lines none is held any more
// holds nothing.
func (t *step) confirmPicked(legs map[ledger.ID][]stock.Item, whole bool) {
	holding := map[ledger.ID]bool{}
	for _, l := range t.o.open() {
		if w, ok := t.s.stock.Warehouse(l.Warehouse); ok {
			holding[w.LedgerOf(l.SKU)] = true
		}
	}
	for i := range t.o.Legs {
		leg := &t.o.Legs[i]
		items, ok := legs[leg.Ledger]
		if !ok {
			continue
		}
		next := Done
		if holding[leg.Ledger] {
			next = Holding
		}
		if whole {
			items = nil
		}
		t.send(leg, stock.Confirm{Order: t.o.ID, Picked: items, Late: t.o.Late, Origin: t.o.Origin}, next)
	}
}

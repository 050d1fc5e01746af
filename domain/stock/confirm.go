package stock

import (
	"fmt"

	"inventory/domain/ledger"
)

// shortActor signs the corrections that the service makes itself where goods left that
// the ledger did not have.
const shortActor = "system:short"

// confirm takes the goods out, and releases what was held of them and not picked. They
// have left: where less is on hand than left, what was missing is journaled as a
// correction first.
func (s *State) confirm(m Confirm, at ledger.Stamp) ledger.Decision {
	picked, left, err := s.picked(m)
	if err != nil {
		return ledger.Decision{Err: fmt.Errorf("order %s: confirmed: %w", m.Order, err)}
	}
	draft := s.Draft().(*State)
	var changes []ledger.Change
	for _, it := range picked {
		l, _ := s.levels.Get(it.SKU)
		missing := it.Quantity - l.onHand
		if missing <= 0 {
			continue
		}
		after, err := l.moved(Adjusted, Correction, missing, at)
		if err != nil {
			return ledger.Decision{Err: err}
		}
		changes = append(changes, AdjustmentMade{
			Adjustment: Adjustment{Actor: shortActor, SKU: it.SKU, Type: Correction, Delta: missing, Level: after},
			Reason:     "picked while short", Reference: string(m.Order), Origin: m.Origin,
		})
		draft.levels.Put(it.SKU, after)
	}
	for _, end := range []struct {
		moved Moved
		items []Item
	}{
		{Moved{Movement: Confirmed, Order: m.Order, Late: m.Late, Origin: m.Origin}, picked},
		{Moved{Movement: Released, Order: m.Order, Reason: ShortPick, Origin: m.Origin}, left},
	} {
		if len(end.items) == 0 {
			continue
		}
		moved, err := draft.moveAll(end.moved, end.items, at)
		if err != nil {
			return ledger.Decision{Err: err}
		}
		for _, l := range moved.Lines {
			draft.levels.Put(l.SKU, l.After)
		}
		changes = append(changes, moved)
	}
	return ledger.Decision{Changes: changes}
}

// picked divides what a Confirm ends of the order's hold into what left and what did not.
func (s *State) picked(m Confirm) (picked, left []Item, err error) {
	hold, ok := s.holds.Get(m.Order)
	if !ok {
		return nil, nil, fmt.Errorf("nothing is held")
	}
	if m.Picked == nil {
		return hold, nil, nil
	}
	held := map[SKU]int64{}
	for _, it := range hold {
		held[it.SKU] += it.Quantity
	}
	for _, it := range m.Picked {
		rest := held[it.SKU] - it.Quantity
		if held[it.SKU] == 0 || rest < 0 || it.Quantity < 0 {
			return nil, nil, fmt.Errorf("%d units of sku %s of the hold %v", it.Quantity, it.SKU, hold)
		}
		if it.Quantity > 0 {
			picked = append(picked, it)
		}
		if rest > 0 {
			left = append(left, Item{it.SKU, rest})
		}
		delete(held, it.SKU)
	}
	return picked, left, nil
}

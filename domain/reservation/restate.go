package reservation

import (
	"errors"
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// ErrOwned is why a hold is not disowned: its order has, or may come to have, a part in the
// stock ledger after all.
var ErrOwned = errors.New("the hold belongs to a live order")

// Restate is the command to write an order's row again, as the order is.
type Restate struct{ ID ledger.UUID }

// Disown is the command to give back what a stock ledger holds for an order that has no
// part there. It is decided here, and goes by mail, so that it can never meet a hold that
// the order asks for later: that mail comes after it.
type Disown struct {
	Order  stock.OrderID
	Ledger ledger.ID
	stock.Origin
}

// restate brings the order into an entry once more: the relay does the rest.
func (s *State) restate(o *Order, at ledger.Stamp) ledger.Decision {
	switch {
	case o == nil:
		return ledger.Decision{Err: ErrUnknownOrder}
	case !o.settled():
		return ledger.Decision{Err: fmt.Errorf("order %s: %w", o.ID, ErrBusy)}
	}
	return s.step(o, at).done(NoEvent)
}

func (s *State) disown(cmd Disown, o *Order) ledger.Decision {
	live := func(l Leg) bool { return l.Ledger == cmd.Ledger && l.State != Done }
	if o != nil && slices.ContainsFunc(o.Legs, live) {
		return ledger.Decision{Err: fmt.Errorf("order %s in %s: %w", cmd.Order, cmd.Ledger, ErrOwned)}
	}
	release := stock.Release{Order: cmd.Order, Reason: Operator, Origin: cmd.Origin}
	sent := s.post.Outgoing().Send(cmd.Ledger, stock.EncodeMessage(release))
	return ledger.Decision{
		Outcome: o, Changes: []ledger.Change{sent},
		After: []ledger.Receipt{{Ledger: cmd.Ledger, Number: sent.Number}},
	}
}

// Count is the number of orders in memory.
func (s *State) Count() int { return s.orders.Len() }

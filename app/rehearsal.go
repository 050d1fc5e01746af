package app

import (
	"context"

	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Rehearsal tells what order events, adjustments and picks would do, one after the other, and does none of it: the
// handlers and the state machines of ledgers are the real ones, on ledgers in memory
// that begin with what the real ones have of the orders and levels that are touched. Each event
// finds what the ones before it would have left.
//
// An order, and a level, is read once, when it is first touched: what others do to it later is
// not seen, nor is what time does to it, nor that a pick waits for an order to be created. Where
// several stock ledgers refuse an order, which one is heard first is chance, and so is which of
// the shortages are told. A Rehearsal keeps what it touched, and is used by one goroutine.
type Rehearsal struct {
	in  *Inventory // the use cases, whose ledgers are those of the sandbox
	box *sandbox
}

// unheard is an observer of what does not happen.
type unheard struct{}

// Observe implements ports.Observer.
func (unheard) Observe(ports.Event) {}

// NewRehearsal begins a rehearsal by the state of things as it is found.
func (in *Inventory) NewRehearsal() *Rehearsal {
	box, staged := newSandbox(in), *in
	staged.ask, staged.look, staged.world.Observer = box.ask, box.look, unheard{}
	return &Rehearsal{in: &staged, box: box}
}

// Act tells what Inventory.Act would do now, and how stock would change. No Letter would be
// parked: a pick of an unknown order is reservation.ErrUnknownOrder. Errors are as of
// Inventory.Act; where something is under way for the order, reservation.ErrBusy says to ask
// again rather than to guess what comes of it, and where the order or a level can't be read, the
// error is owner.ErrNotOwner or ports.ErrTransient. Then nothing is rehearsed of the event.
func (r *Rehearsal) Act(ctx context.Context, c Consumption) (Effect, error) {
	c.Letter = nil
	r.box.begin()
	e, err := r.in.Act(ctx, c)
	if err == nil {
		e.Moves = r.box.moved()
	}
	return e, err
}

// Adjust tells what Inventory.Adjust would do now. A key that was used a moment ago may not be
// known yet. Errors are as of Inventory.Adjust.
func (r *Rehearsal) Adjust(ctx context.Context, req AdjustRequest) (stock.Adjustment, error) {
	r.box.begin()
	return r.in.Adjust(ctx, req)
}

// Confirm tells what Inventory.Confirm would do now; as of Act, no Letter would be parked. Errors
// are as of Inventory.Confirm, and of Act where something is under way or can't be read.
func (r *Rehearsal) Confirm(ctx context.Context, req ConfirmRequest) (*reservation.Order, error) {
	req.Letter = nil
	r.box.begin()
	return r.in.Confirm(ctx, req)
}

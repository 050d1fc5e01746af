package app

import (
	"context"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ConfirmRequest says that a whole order was picked.
type ConfirmRequest struct {
	OrderRef
	Source string
	Trace  string
}

// Confirm takes an order's goods out; levels show it when this returns. A pick that comes
// after the order's end takes stock again if there is any. It waits for an outcome that is
// under way. Errors: reservation.ErrUnknownOrder, ErrNotHeld, ErrShortage, ErrBusy.
func (in *Inventory) Confirm(ctx context.Context, req ConfirmRequest) (*reservation.Order, error) {
	id, order, err := req.parse()
	if err != nil {
		return nil, err
	}
	cmd := reservation.Confirm{ID: id, Order: order, Origin: stock.Origin{Source: req.Source, Trace: req.Trace}}
	return in.askOrder(ctx, id, cmd, owner.Effective)
}

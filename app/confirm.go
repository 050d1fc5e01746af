package app

import (
	"context"
	"errors"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ConfirmRequest says that a whole order was picked. Where it says what was picked, that
// must be all that is held: less can't be recorded yet.
type ConfirmRequest struct {
	OrderRef
	WarehouseID string        // empty: all warehouses
	Items       []ReserveItem // empty: all that is held
	Source      string
	Trace       string
}

// Confirm takes an order's goods out; levels show it when this returns. A pick that comes
// after the order's end takes stock again if there is any. It waits for an outcome that is
// under way. Errors: stock.ErrInvalid, reservation.ErrUnknownOrder, ErrNotHeld,
// ErrPartialPick, ErrShortage, ErrBusy.
func (in *Inventory) Confirm(ctx context.Context, req ConfirmRequest) (*reservation.Order, error) {
	return in.confirm(ctx, req, owner.Effective)
}

func (in *Inventory) confirm(ctx context.Context, req ConfirmRequest, p owner.Patience) (*reservation.Order, error) {
	id, order, err := req.parse()
	cmd := reservation.Confirm{
		ID: id, Order: order, Warehouse: stock.WarehouseID(req.WarehouseID), Picked: linesOf(req.Items),
		Origin: stock.Origin{Source: req.Source, Trace: req.Trace},
	}
	if err := errors.Join(err, cmd.Validate()); err != nil {
		return nil, err
	}
	return in.askOrder(ctx, id, cmd, p)
}

package app

import (
	"context"
	"errors"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ConfirmRequest says that goods of an order were picked. Of a line that it names, what was
// held and not picked is released; lines that it does not name stay held.
type ConfirmRequest struct {
	OrderRef
	WarehouseID string        // empty: all warehouses
	Items       []ReserveItem // empty: all that is held; 0 units: nothing was found
	Letter      []byte        // the record that brought it: an order that was never seen is waited for, and then it is a dead letter
	Source      string
	Trace       string
}

// Confirm takes an order's goods out; levels show it when this returns. A pick that comes
// after the order's end takes stock again if there is any. It waits for an outcome that is
// under way. Errors: stock.ErrInvalid, reservation.ErrUnknownOrder, ErrNotHeld,
// ErrOverPick, ErrAmbiguousPick, ErrShortage, ErrBusy. The order is nil, without an error,
// where a Letter is parked.
func (in *Inventory) Confirm(ctx context.Context, req ConfirmRequest) (*reservation.Order, error) {
	return in.confirm(ctx, req, owner.Effective)
}

func (in *Inventory) confirm(ctx context.Context, req ConfirmRequest, p owner.Patience) (*reservation.Order, error) {
	id, order, err := req.parse()
	cmd := reservation.Confirm{
		ID: id, Order: order, Warehouse: stock.WarehouseID(req.WarehouseID), Picked: linesOf(req.Items), Letter: req.Letter,
		Origin: stock.Origin{Source: req.Source, Trace: req.Trace},
	}
	if err := errors.Join(err, cmd.Validate()); err != nil {
		return nil, err
	}
	return in.askOrder(ctx, id, cmd, p)
}

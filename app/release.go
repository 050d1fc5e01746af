package app

import (
	"context"
	"fmt"
	"slices"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// OrderRef names an order by its id, or by its reservation's.
type OrderRef struct {
	OrderID       string
	ReservationID string
}

// parse checks the reference; where both ids are given they must agree.
func (r OrderRef) parse() (ledger.UUID, stock.OrderID, error) {
	if r.OrderID == "" && r.ReservationID == "" {
		return ledger.UUID{}, "", fmt.Errorf("%w: order_id or reservation_id expected", stock.ErrInvalid)
	}
	var given ledger.UUID
	if r.ReservationID != "" {
		var err error
		if given, err = ledger.ParseUUID(r.ReservationID); err != nil {
			return given, "", fmt.Errorf("%w reservation_id: %w", stock.ErrInvalid, err)
		}
		if r.OrderID == "" {
			return given, "", nil
		}
	}
	order, err := stock.ParseOrderID(r.OrderID)
	if err != nil {
		return given, "", err
	}
	id := reservation.IDOf(order)
	if r.ReservationID != "" && given != id {
		return id, "", fmt.Errorf("%w: reservation_id %s is not of order_id %s, whose is %s", stock.ErrInvalid, given, order, id)
	}
	return id, order, nil
}

// ReleaseRequest asks to end an order without a pick.
type ReleaseRequest struct {
	OrderRef
	Reason string // one of spec S2.6; empty: ORDER_CANCELLED
	Source string
	Trace  string
}

var releaseReasons = []string{reservation.PaymentFailed, reservation.OrderCancelled, reservation.Operator}

// Release ends an order; what it held is available when this returns. An order that ended
// before is returned as it is. reservation.ErrUnknownOrder: there was none, and by its
// order id it is remembered as ended, so that it will hold nothing when it comes.
func (in *Inventory) Release(ctx context.Context, req ReleaseRequest) (*reservation.Order, error) {
	return in.release(ctx, req, owner.Effective)
}

func (in *Inventory) release(ctx context.Context, req ReleaseRequest, p owner.Patience) (*reservation.Order, error) {
	id, order, err := req.parse()
	if err != nil {
		return nil, err
	}
	if req.Reason == "" {
		req.Reason = reservation.OrderCancelled
	}
	if !slices.Contains(releaseReasons, req.Reason) {
		return nil, fmt.Errorf("%w reason %.80q: expected one of %v", stock.ErrInvalid, req.Reason, releaseReasons)
	}
	cmd := reservation.Release{ID: id, Order: order, Reason: req.Reason, Origin: stock.Origin{Source: req.Source, Trace: req.Trace}}
	return in.askOrder(ctx, id, cmd, p)
}

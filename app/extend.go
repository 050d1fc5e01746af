package app

import (
	"context"
	"errors"
	"time"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// ExtendRequest asks to hold an order for longer.
type ExtendRequest struct {
	OrderRef
	TTL    time.Duration // from now; an end that is later already stays
	Source string
	Trace  string
}

// Extend moves the end of a live hold. It waits for an outcome that is under way. Errors:
// stock.ErrInvalid, reservation.ErrUnknownOrder, ErrHoldEnded.
func (in *Inventory) Extend(ctx context.Context, req ExtendRequest) (*reservation.Order, error) {
	id, _, err := req.parse()
	cmd := reservation.Extend{ID: id, TTL: req.TTL, Origin: stock.Origin{Source: req.Source, Trace: req.Trace}}
	if err := errors.Join(err, cmd.Validate()); err != nil {
		return nil, err
	}
	return in.askOrder(ctx, id, cmd, owner.Decided)
}

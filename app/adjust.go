package app

import (
	"context"
	"errors"

	"inventory/app/owner"
	"inventory/domain/stock"
)

// AdjustRequest asks to change, or to count, what is on hand.
type AdjustRequest struct {
	SKU         string
	WarehouseID string
	Type        string
	Quantity    int64 // units: a signed delta, or for COUNT what was counted
	Reason      string
	Reference   string
	Actor       string
	Key         string // the Idempotency-Key, within actor and stock ledger, for seven days
	Source      string
	Trace       string
}

// Adjust changes what is on hand. The same request again changes nothing and has the same
// answer, but that it is Repeated. Errors: stock.ErrInvalid, ErrUnknownWarehouse, stock.ErrBelowZero, ErrTooMany,
// ErrKeyReused.
func (in *Inventory) Adjust(ctx context.Context, req AdjustRequest) (made stock.Adjustment, err error) {
	defer in.observeAdjustment(req, in.world.Clock.Now(), &err)
	cmd := stock.Adjust{
		Actor: req.Actor, Key: req.Key, SKU: stock.SKU(req.SKU), Type: stock.AdjustmentType(req.Type), Quantity: req.Quantity,
		Reason: req.Reason, Reference: req.Reference, Source: req.Source, Trace: req.Trace,
	}
	id, err := stock.ParseWarehouseID(req.WarehouseID)
	if err := errors.Join(err, cmd.Validate()); err != nil {
		return stock.Adjustment{}, err
	}
	w, err := in.warehouse(ctx, id)
	if err != nil {
		return stock.Adjustment{}, err
	}
	cmd.Ledger = w.LedgerOf(cmd.SKU)
	outcome, err := in.ask(ctx, cmd.Ledger, cmd, owner.Decided)
	made, _ = outcome.(stock.Adjustment)
	return made, err
}

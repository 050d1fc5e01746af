package httpapi

import (
	"context"
	"errors"

	"inventory/app"
	"inventory/domain/stock"
)

// adjustRequest asks to change, or to count, what is on hand.
type adjustRequest struct {
	SKU            string  `json:"sku" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"`
	WarehouseID    string  `json:"warehouse_id" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"`
	AdjustmentType string  `json:"adjustment_type" enum:"RECEIPT,RETURN,DAMAGE,LOSS,CORRECTION,COUNT" doc:"COUNT sets what is on hand, the others change it."`
	QtyDelta       *int64  `json:"qty_delta,omitempty" nullable:"true" minimum:"-1000000000" maximum:"1000000000" doc:"Units that are more on hand, or fewer where it is below zero; never 0. Not for COUNT."`
	Counted        *int64  `json:"counted,omitempty" nullable:"true" minimum:"0" maximum:"1000000000" doc:"Units that were counted. For COUNT only."`
	Reason         *string `json:"reason,omitempty" nullable:"true" doc:"Why, for people: at most 512 bytes, no control characters."`
	Reference      *string `json:"reference,omitempty" nullable:"true" doc:"A document that it belongs to: at most 512 bytes, no control characters."`
}

// adjustment is what an adjustment did, and the level after it. All are units.
type adjustment struct {
	SKU            string `json:"sku"`
	WarehouseID    string `json:"warehouse_id"`
	AdjustmentType string `json:"adjustment_type"`
	QtyDelta       int64  `json:"qty_delta" doc:"Units by which on_hand changed, of a COUNT too."`
	OnHand         int64  `json:"on_hand" doc:"Units that are there."`
	Held           int64  `json:"held" doc:"Units that are promised."`
	Available      int64  `json:"available" doc:"Units that can be promised: on_hand - held, or 0."`
	Short          int64  `json:"short" doc:"Units that are promised and not there: held - on_hand, or 0."`
	Version        int64  `json:"version" doc:"Of the level; grows with each change. A reader who gives it as min_version, behind the warehouse_id and a colon, sees this change. 0 of a dry run."`
}

// The headers of an adjustment.
const (
	keyHeader   = "Idempotency-Key"
	actorHeader = "Inventory-Actor"
)

func (a *API) adjust(ctx context.Context, c *call) (reply, error) {
	key := c.header(keyHeader, func(s string) error { return stock.CheckToken(keyHeader, s) })
	actor := c.header(actorHeader, func(s string) error { return stock.CheckToken("actor", s) })
	var q adjustRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	asked := q.asked(&c.faults)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	asked.Actor, asked.Key, asked.Trace = actor, key, c.trace
	made, err := a.in.Adjust(ctx, asked)
	if err != nil {
		return reply{}, err
	}
	return ok(newAdjustment(q.WarehouseID, made))
}

// asked is what the body asks for; all that is wrong with it is noted.
func (q *adjustRequest) asked(f *faults) app.AdjustRequest {
	return app.AdjustRequest{
		SKU: q.SKU, WarehouseID: q.WarehouseID, Type: q.AdjustmentType, Quantity: q.check(f),
		Reason: given(q.Reason), Reference: given(q.Reference), Source: source,
	}
}

// check notes all faults, and returns the delta, or what was counted.
func (q *adjustRequest) check(f *faults) int64 {
	f.check("body.sku", skuFault(q.SKU))
	f.check("body.warehouse_id", warehouseFault(q.WarehouseID))
	f.check("body.reason", stock.CheckNote("reason", given(q.Reason)))
	f.check("body.reference", stock.CheckNote("reference", given(q.Reference)))
	kind, err := stock.ParseAdjustmentType(q.AdjustmentType)
	if err != nil {
		f.check("body.adjustment_type", err)
		return 0
	}
	wanted, other := quantity{"qty_delta", q.QtyDelta}, quantity{"counted", q.Counted}
	if kind == stock.Count {
		wanted, other = other, wanted
	}
	if other.value != nil {
		f.check("body."+other.name, errors.New("not for "+q.AdjustmentType+", which takes "+wanted.name))
	}
	if wanted.value == nil {
		f.check("body."+wanted.name, errors.New("missing: "+q.AdjustmentType+" takes it"))
		return 0
	}
	// All else of this command is well: what is left is a fault of the quantity.
	alone := stock.Adjust{Actor: "a", Key: "k", SKU: "s", Type: kind, Quantity: *wanted.value}
	f.check("body."+wanted.name, alone.Validate())
	return *wanted.value
}

// quantity is a quantity of an adjustment by its name in the body.
type quantity struct {
	name  string
	value *int64
}

func newAdjustment(warehouse string, made stock.Adjustment) adjustment {
	l := made.Level
	return adjustment{
		SKU: string(made.SKU), WarehouseID: warehouse, AdjustmentType: string(made.Type), QtyDelta: made.Delta,
		OnHand: l.OnHand(), Held: l.Held(), Available: l.Available(), Short: l.Short(), Version: l.Version(),
	}
}

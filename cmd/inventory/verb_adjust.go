package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"

	"inventory/adapters/system"
	"inventory/domain/stock"
)

type adjustCmd struct {
	Warehouse string `arg:"" help:"Where."`
	SKU       string `arg:"" name:"sku" help:"What."`
	Type      string `arg:"" help:"RECEIPT, RETURN, DAMAGE, LOSS, CORRECTION (a signed number each) or COUNT (what was counted)."`
	Quantity  units  `arg:"" help:"Units: -3 takes three away."`
	Key       string `placeholder:"KEY" help:"Names the adjustment: the same key again changes nothing. Default: a new one."`
	Reason    string `placeholder:"TEXT" help:"Why, for people."`
	Reference string `placeholder:"TEXT" help:"A document that it belongs to."`
	Actor     string `placeholder:"NAME" help:"Who. Default: the system's user."`
}

// adjustBody asks for an adjustment. Source: the API's description.
type adjustBody struct {
	SKU            string `json:"sku"`
	WarehouseID    string `json:"warehouse_id"`
	AdjustmentType string `json:"adjustment_type"`
	QtyDelta       *int64 `json:"qty_delta,omitempty"`
	Counted        *int64 `json:"counted,omitempty"`
	Reason         string `json:"reason,omitempty"`
	Reference      string `json:"reference,omitempty"`
}

func (c *adjustCmd) run(ctx context.Context, to *client) (answer, error) {
	key := cmp.Or(c.Key, system.NewUUID().String())
	body := adjustBody{SKU: c.SKU, WarehouseID: c.Warehouse, AdjustmentType: c.Type, Reason: c.Reason, Reference: c.Reference}
	n := int64(c.Quantity)
	if c.Type == string(stock.Count) {
		body.Counted = &n
	} else {
		body.QtyDelta = &n
	}
	made := adjustment{Type: c.Type, Key: key}
	h := header{"Idempotency-Key": key, "Inventory-Actor": cmp.Or(c.Actor, to.actor)}
	err := to.ask(ctx, http.MethodPost, "/inventory/adjust", h, body, &made)
	return made, err
}

// adjustment is an adjustment as it is answered: the level is the one after it. All are
// units.
type adjustment struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	OnHand      int64  `json:"on_hand"`
	Held        int64  `json:"held"`
	Available   int64  `json:"available"`
	Version     int64  `json:"version"`
	Type        string `json:"adjustment_type"`
	Key         string `json:"key"`
}

func (a adjustment) text(out io.Writer) {
	fmt.Fprintf(out, "%s of %s in %s: now %d on hand, %d held, %d available", a.Type, a.SKU, a.WarehouseID, a.OnHand, a.Held, a.Available)
	if short := a.Held - a.OnHand; short > 0 {
		fmt.Fprintf(out, ", SHORT of %d that are promised", short)
	}
	fmt.Fprintf(out, "   (version %d, key %s)\n", a.Version, a.Key)
}

package main

import (
	"context"
	"fmt"
	"io"

	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/stock"
)

// source is what the program says of itself where the service asks who speaks.
const source = "cli"

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

func (c *adjustCmd) decides() bool { return true }

func (c *adjustCmd) run(ctx context.Context, s *service) (answer, error) {
	if c.Key == "" {
		c.Key = system.NewUUID().String()
	}
	if c.Actor == "" {
		c.Actor = s.actor
	}
	made, err := s.in.Adjust(ctx, app.AdjustRequest{
		SKU: c.SKU, WarehouseID: c.Warehouse, Type: c.Type, Quantity: int64(c.Quantity),
		Reason: c.Reason, Reference: c.Reference, Actor: c.Actor, Key: c.Key, Source: source,
	})
	if err != nil {
		return nil, err
	}
	return newAdjustment(c.Warehouse, made), nil
}

// adjustment is an adjustment as it is answered: the level is the one after it. All are
// units.
type adjustment struct {
	SKU            string `json:"sku"`
	WarehouseID    string `json:"warehouse_id"`
	AdjustmentType string `json:"adjustment_type"`
	QtyDelta       int64  `json:"qty_delta"`
	OnHand         int64  `json:"on_hand"`
	Held           int64  `json:"held"`
	Available      int64  `json:"available"`
	Short          int64  `json:"short,omitempty"`
	Version        int64  `json:"version"`
	Key            string `json:"key"`
}

func newAdjustment(warehouse string, a stock.Adjustment) adjustment {
	return adjustment{
		SKU: string(a.SKU), WarehouseID: warehouse, AdjustmentType: string(a.Type), QtyDelta: a.Delta,
		OnHand: a.Level.OnHand(), Held: a.Level.Held(), Available: a.Level.Available(), Short: a.Level.Short(),
		Version: a.Level.Version(), Key: a.Key,
	}
}

func (a adjustment) text(out io.Writer) {
	fmt.Fprintf(out, "%s of %s in %s: on hand %d → %d, held %d, available %d", a.AdjustmentType, a.SKU, a.WarehouseID,
		a.OnHand-a.QtyDelta, a.OnHand, a.Held, a.Available)
	if a.Short > 0 {
		fmt.Fprintf(out, ", SHORT of %d that are promised", a.Short)
	}
	fmt.Fprintf(out, "   (key %s)\n", a.Key)
}

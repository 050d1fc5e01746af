package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

type reserveCmd struct {
	Order  string        `arg:"" help:"The order's id; the same order again has the same answer."`
	Items  []item        `arg:"" help:"What it asks for: SKU=QUANTITY, or SKU=QUANTITY@WAREHOUSE."`
	Region string        `placeholder:"NAME" help:"Where items that name no warehouse come from. Default: --default-region."`
	TTL    time.Duration `name:"ttl" placeholder:"TIME" help:"How long it is held: 1s to 24h. Default: --hold-ttl."`
	Final  bool          `help:"As an order event does it: answered at once, and a refusal is for ever."`
}

func (c *reserveCmd) decides() bool { return true }

func (c *reserveCmd) run(ctx context.Context, s *service) (answer, error) {
	req := app.ReserveRequest{OrderID: c.Order, Region: c.Region, TTL: c.TTL, Final: c.Final, Source: source}
	for _, i := range c.Items {
		req.Items = append(req.Items, app.ReserveItem{SKU: i.sku, Quantity: i.quantity, WarehouseID: i.warehouse})
	}
	return orderAnswer(s.in.Reserve(ctx, req))
}

type releaseCmd struct {
	Order  string `arg:"" help:"The order's id."`
	Reason string `placeholder:"REASON" help:"PAYMENT_FAILED, ORDER_CANCELLED (the default) or OPERATOR."`
}

func (c *releaseCmd) decides() bool { return true }

func (c *releaseCmd) run(ctx context.Context, s *service) (answer, error) {
	return orderAnswer(s.in.Release(ctx, app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: c.Order}, Reason: c.Reason, Source: source}))
}

type confirmCmd struct {
	Order string `arg:"" help:"The order's id."`
}

func (c *confirmCmd) decides() bool { return true }

func (c *confirmCmd) run(ctx context.Context, s *service) (answer, error) {
	return orderAnswer(s.in.Confirm(ctx, app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: c.Order}, Source: source}))
}

type orderCmd struct {
	Order string `arg:"" help:"The order's id."`
}

func (c *orderCmd) decides() bool { return true }

func (c *orderCmd) run(ctx context.Context, s *service) (answer, error) {
	return orderAnswer(s.in.Order(ctx, app.OrderRef{OrderID: c.Order}))
}

// order is an order as it is answered.
type order struct {
	ReservationID string      `json:"reservation_id"`
	OrderID       string      `json:"order_id"`
	Status        string      `json:"status"`
	Reason        string      `json:"reason,omitempty"`
	Late          bool        `json:"late,omitempty"`
	Items         []orderItem `json:"items"`
	ExpiresAt     *time.Time  `json:"expires_at,omitempty"` // of the hold, where there was one
}

type orderItem struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	Quantity    int64  `json:"quantity"`
}

// orderAnswer is for use on what a use case returns: an order beside an error is not told,
// since the error says it.
func orderAnswer(o *reservation.Order, err error) (answer, error) {
	if err != nil {
		return nil, err
	}
	return newOrder(o), nil
}

func newOrder(o *reservation.Order) order {
	told := order{
		ReservationID: reservation.IDOf(o.ID).String(), OrderID: string(o.ID),
		Status: o.Status.String(), Reason: o.Reason, Late: o.Late, Items: []orderItem{},
	}
	for _, l := range o.Lines {
		told.Items = append(told.Items, orderItem{string(l.SKU), string(l.Warehouse), l.Quantity})
	}
	if o.ExpiresAt > 0 {
		at := time.UnixMilli(o.ExpiresAt).UTC()
		told.ExpiresAt = &at
	}
	return told
}

func (o order) text(out io.Writer) {
	fmt.Fprintf(out, "order %s: %s", o.OrderID, o.Status)
	if o.Reason != "" {
		fmt.Fprintf(out, " (%s)", o.Reason)
	}
	if o.Late {
		fmt.Fprint(out, ", picked late")
	}
	if o.ExpiresAt != nil && o.Status == reservation.Held.String() {
		fmt.Fprintf(out, " until %s", o.ExpiresAt.Local().Format(time.DateTime))
	}
	fmt.Fprintf(out, "   reservation %s\n", o.ReservationID)
	table := newTable(out, "  SKU\tQUANTITY\tWAREHOUSE")
	for _, i := range o.Items {
		fmt.Fprintf(table, "  %s\t%d\t%s\n", i.SKU, i.Quantity, i.WarehouseID)
	}
	_ = table.Flush()
}

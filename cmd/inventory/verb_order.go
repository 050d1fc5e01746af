package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"inventory/domain/reservation"
)

type reserveCmd struct {
	Order  string        `arg:"" help:"The order's id; the same order again has the same answer."`
	Items  []item        `arg:"" help:"What it asks for: SKU=QUANTITY, or SKU=QUANTITY@WAREHOUSE."`
	Region string        `placeholder:"NAME" help:"Where items that name no warehouse come from. Default: the service's."`
	TTL    time.Duration `name:"ttl" placeholder:"TIME" help:"How long it is held, in whole seconds: 1s to 24h. Default: the service's."`
}

func (c *reserveCmd) run(ctx context.Context, to *client) (answer, error) {
	if c.TTL < 0 || c.TTL%time.Second != 0 {
		return nil, fmt.Errorf("%w: --ttl=%s: expected whole seconds", errUsage, c.TTL)
	}
	body := struct {
		OrderID    string `json:"order_id"`
		Region     string `json:"region,omitempty"`
		TTLSeconds int64  `json:"ttl_seconds,omitempty"`
		Items      []item `json:"items"`
	}{c.Order, c.Region, int64(c.TTL / time.Second), c.Items}
	return to.order(ctx, http.MethodPost, "/inventory/reserve", body)
}

type releaseCmd struct {
	Order  string `arg:"" help:"The order's id."`
	Reason string `placeholder:"REASON" help:"PAYMENT_FAILED, ORDER_CANCELLED (the default) or OPERATOR."`
}

func (c *releaseCmd) run(ctx context.Context, to *client) (answer, error) {
	body := struct {
		OrderID string `json:"order_id"`
		Reason  string `json:"reason,omitempty"`
	}{c.Order, c.Reason}
	return to.order(ctx, http.MethodPost, "/inventory/release", body)
}

type confirmCmd struct {
	Order     string `arg:"" help:"The order's id."`
	Items     []item `arg:"" optional:"" help:"What was picked, where that is not all: SKU=QUANTITY, or SKU=QUANTITY@WAREHOUSE. 0: none was found. What is not named stays held."`
	Warehouse string `placeholder:"ID" help:"The warehouse that picked. Default: all of the order's."`
}

func (c *confirmCmd) run(ctx context.Context, to *client) (answer, error) {
	body := struct {
		OrderID     string `json:"order_id"`
		WarehouseID string `json:"warehouse_id,omitempty"`
		Items       []item `json:"items,omitempty"`
	}{c.Order, c.Warehouse, c.Items}
	return to.order(ctx, http.MethodPost, "/inventory/confirm", body)
}

type extendCmd struct {
	Order string        `arg:"" help:"The order's id."`
	TTL   time.Duration `arg:"" name:"ttl" help:"How long it is held from now, in whole seconds: 1s to 24h."`
}

func (c *extendCmd) run(ctx context.Context, to *client) (answer, error) {
	if c.TTL < time.Second || c.TTL%time.Second != 0 {
		return nil, fmt.Errorf("%w: %s: expected whole seconds", errUsage, c.TTL)
	}
	body := struct {
		OrderID    string `json:"order_id"`
		TTLSeconds int64  `json:"ttl_seconds"`
	}{c.Order, int64(c.TTL / time.Second)}
	return to.order(ctx, http.MethodPost, "/inventory/extend", body)
}

type orderCmd struct {
	Order string `arg:"" help:"The order's id."`
}

func (c *orderCmd) run(ctx context.Context, to *client) (answer, error) {
	return to.order(ctx, http.MethodGet, "/inventory/orders/"+seg(c.Order), nil)
}

// order asks something whose answer is an order.
func (c *client) order(ctx context.Context, method, path string, body any) (answer, error) {
	var o order
	err := c.ask(ctx, method, path, nil, body, &o)
	return o, err
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
	Status      string `json:"status"`
	Picked      int64  `json:"picked,omitempty"`
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
	table := newTable(out, "  SKU\tQUANTITY\tWAREHOUSE\tSTATUS\tPICKED")
	for _, i := range o.Items {
		fmt.Fprintf(table, "  %s\t%d\t%s\t%s\t%d\n", i.SKU, i.Quantity, i.WarehouseID, i.Status, i.Picked)
	}
	_ = table.Flush()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

// demo is one course of things.
type demo struct {
	in     *app.Inventory
	out    io.Writer
	rand   *rand.Rand
	pace   time.Duration
	prefix string

	made    int
	open    []*reservation.Order // held, and to be picked or cancelled some time
	lapsing []*reservation.Order // held for a moment
	ends    map[string]int
}

func (d *demo) name(n int) string { return fmt.Sprintf("%s-%02d", d.prefix, n) }

// trickle lets orders come, and things happen to those that came.
func (d *demo) trickle(ctx context.Context, c *demoCmd) error {
	d.header()
	end := time.Now().Add(c.For)
	more := func() bool {
		if c.For > 0 {
			return time.Now().Before(end)
		}
		return d.made < c.Orders
	}
	for more() {
		d.made++
		if err := d.order(ctx); err != nil {
			return err
		}
		if err := d.later(ctx); err != nil {
			return err
		}
	}
	for len(d.lapsing) > 0 {
		if err := d.lapse(ctx); err != nil {
			return err
		}
	}
	return nil
}

// order is a new order: mostly of one SKU, sometimes of two, now and then of too much.
func (d *demo) order(ctx context.Context) error {
	req := app.ReserveRequest{OrderID: d.name(d.made), Source: source, Region: []string{"south", "north"}[d.rand.IntN(2)]}
	first := 1 + d.rand.IntN(demoSKUs)
	req.Items = []app.ReserveItem{{SKU: skuName(first), Quantity: 1 + d.rand.Int64N(3)}}
	switch d.rand.IntN(10) {
	case 0, 1:
		req.Items = append(req.Items, app.ReserveItem{SKU: skuName(first%demoSKUs + 1), Quantity: 1})
	case 2:
		req.TTL = reservation.MinTTL // its customer will forget it
	}
	if d.made%13 == 7 {
		req.Items[0].Quantity += demoFull
	}
	return d.reserve(ctx, req)
}

func (d *demo) reserve(ctx context.Context, req app.ReserveRequest) error {
	var o *reservation.Order
	what := "held"
	if req.TTL > 0 {
		what = "held for " + req.TTL.String()
	}
	err := d.watch(ctx, req.OrderID, what, skusOf(req), func() (*reservation.Order, error) {
		var err error
		o, err = d.in.Reserve(ctx, req)
		return o, err
	})
	if short, ok := errors.AsType[*reservation.InsufficientError](err); ok {
		return d.restock(ctx, req, short)
	}
	switch {
	case err != nil:
		return err
	case req.TTL > 0:
		d.lapsing = append(d.lapsing, o)
	default:
		d.open = append(d.open, o)
	}
	return nil
}

func skusOf(req app.ReserveRequest) []string {
	var skus []string
	for _, i := range req.Items {
		skus = append(skus, i.SKU)
	}
	return skus
}

// restock follows an order that there was not enough for: a delivery comes, and the same
// order tries again.
func (d *demo) restock(ctx context.Context, req app.ReserveRequest, short *reservation.InsufficientError) error {
	d.ends["refused at first"]++
	for i, s := range short.Shortages {
		d.note(req.OrderID, fmt.Sprintf("refused: %d asked", s.Requested), string(s.SKU), req.Region, fmt.Sprintf("%d available", s.Available))
		if err := d.pause(ctx); err != nil {
			return err
		}
		if err := d.deliver(ctx, fmt.Sprintf("%s-%d", req.OrderID, i), string(s.SKU), req.Region, s.Requested); err != nil {
			return err
		}
	}
	return d.reserve(ctx, req)
}

func (d *demo) deliver(ctx context.Context, key, sku, region string, quantity int64) error {
	there, err := d.stockOf(ctx, sku)
	if err != nil {
		return err
	}
	for _, w := range there {
		if string(w.Region) != region {
			continue
		}
		made, err := d.in.Adjust(ctx, app.AdjustRequest{
			SKU: sku, WarehouseID: string(w.WarehouseID), Type: "RECEIPT", Quantity: quantity, Actor: "demo", Key: key,
			Reason: "ordered for a customer", Source: source,
		})
		if err != nil {
			return err
		}
		after := w
		after.OnHand, after.Held, after.Available = made.Level.OnHand(), made.Level.Held(), made.Level.Available()
		d.movement("", fmt.Sprintf("delivery of %d", quantity), sku, w, after)
		return d.pause(ctx)
	}
	return fmt.Errorf("no warehouse in %s keeps %s", region, sku)
}

// later is what happens to orders that came before.
func (d *demo) later(ctx context.Context) error {
	if err := d.lapse(ctx); err != nil {
		return err
	}
	if len(d.open) < 4 {
		return nil
	}
	n := d.rand.IntN(len(d.open))
	o := d.open[n]
	ref := app.OrderRef{OrderID: string(o.ID)}
	var end func() (*reservation.Order, error)
	var what string
	switch d.rand.IntN(10) {
	case 0, 1, 2, 3:
		what, end = "picked", func() (*reservation.Order, error) {
			return d.in.Confirm(ctx, app.ConfirmRequest{OrderRef: ref, Source: source})
		}
	case 4, 5:
		what, end = "cancelled", func() (*reservation.Order, error) {
			return d.in.Release(ctx, app.ReleaseRequest{OrderRef: ref, Source: source})
		}
	default:
		return nil
	}
	d.open = append(d.open[:n], d.open[n+1:]...)
	d.ends[what]++
	return d.watch(ctx, string(o.ID), what, linesOf(o), end)
}

func linesOf(o *reservation.Order) []string {
	var skus []string
	for _, l := range o.Lines {
		skus = append(skus, string(l.SKU))
	}
	return skus
}

// lapse tells of the holds that have ended by themselves.
func (d *demo) lapse(ctx context.Context) error {
	var left []*reservation.Order
	for _, o := range d.lapsing {
		now, err := d.in.Order(ctx, app.OrderRef{OrderID: string(o.ID)})
		if err != nil {
			return err
		}
		if now.Status != reservation.Expired {
			left = append(left, o)
			continue
		}
		d.ends["expired"]++
		for _, l := range now.Lines {
			there, err := d.stockOf(ctx, string(l.SKU))
			if err != nil {
				return err
			}
			after := there[string(l.Warehouse)]
			before := after
			before.Held, before.Available = after.Held+l.Quantity, after.Available-l.Quantity
			d.movement(string(o.ID), "expired", string(l.SKU), before, after)
		}
	}
	if d.lapsing = left; len(left) == 0 {
		return nil
	}
	return d.pause(ctx)
}

// pause lets people read.
func (d *demo) pause(ctx context.Context) error {
	timer := time.NewTimer(max(d.pace, time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

package main

import (
	"context"
	"fmt"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

const demoLine = "%-8s  %-13s  %-17s  %-6s  %-5s  %-8s  %-8s  %s\n"

func (d *demo) header() {
	fmt.Fprintf(d.out, demoLine, "TIME", "ORDER", "WHAT", "SKU", "WHERE", "ON HAND", "HELD", "AVAILABLE")
}

// watch does something to an order, and prints the levels of its lines before and after.
func (d *demo) watch(ctx context.Context, id, what string, skus []string, do func() (*reservation.Order, error)) error {
	before := map[string]map[string]app.WarehouseStock{}
	for _, sku := range skus {
		there, err := d.stockOf(ctx, sku)
		if err != nil {
			return err
		}
		before[sku] = there
	}
	o, err := do()
	if err != nil {
		return err
	}
	for _, l := range o.Lines {
		after, err := d.stockOf(ctx, string(l.SKU))
		if err != nil {
			return err
		}
		at := string(l.Warehouse)
		d.movement(id, what, string(l.SKU), before[string(l.SKU)][at], after[at])
	}
	return d.pause(ctx)
}

// movement prints a line with a level before and after.
func (d *demo) movement(id, what, sku string, before, after app.WarehouseStock) {
	d.line(id, what, sku, string(after.WarehouseID),
		step(before.OnHand, after.OnHand), step(before.Held, after.Held), step(before.Available, after.Available))
}

// note prints a line about something that changed nothing.
func (d *demo) note(id, what, sku, where, available string) {
	d.line(id, what, sku, where, "", "", available)
}

func (d *demo) line(id, what, sku, where, onHand, held, available string) {
	fmt.Fprintf(d.out, demoLine, time.Now().Format(time.TimeOnly), id, what, sku, where, onHand, held, available)
}

func step(before, after int64) string {
	if before == after {
		return fmt.Sprint(after)
	}
	return fmt.Sprintf("%d → %d", before, after)
}

func (d *demo) sumUp() {
	fmt.Fprintf(d.out, "\n%d orders:", d.made)
	for _, end := range []string{"picked", "cancelled", "expired"} {
		fmt.Fprintf(d.out, " %d %s,", d.ends[end], end)
	}
	fmt.Fprintf(d.out, " %d still held. Of them %d found too little at first.\n", len(d.open)+len(d.lapsing), d.ends["refused at first"])
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
)

const (
	demoSKUs = 50
	demoFull = 40 // units that a warehouse begins with
)

// demoWarehouses: each SKU is kept in one of each region.
var demoWarehouses = []warehouse{
	{WarehouseID: "HCM", Region: "south", Rank: 1},
	{WarehouseID: "CTH", Region: "south", Rank: 2},
	{WarehouseID: "HAN", Region: "north", Rank: 1},
	{WarehouseID: "HPH", Region: "north", Rank: 2},
}

func skuName(n int) string { return fmt.Sprintf("SKU-%02d", n+1) }

// keptIn names the warehouses that keep the nth SKU.
func keptIn(n int) []string {
	return []string{demoWarehouses[n%2].WarehouseID, demoWarehouses[2+n%2].WarehouseID}
}

// setUp makes warehouses and brings in the first stock; what is there already stays as it
// is.
func (d *demo) setUp(ctx context.Context) error {
	for _, w := range demoWarehouses {
		if _, err := d.api.putWarehouse(ctx, w); err != nil {
			return err
		}
	}
	var group sync.WaitGroup
	var received atomic.Int64
	faults := make([]error, demoSKUs)
	for n := range demoSKUs {
		group.Go(func() {
			made, err := d.fill(ctx, n)
			received.Add(int64(made))
			faults[n] = err
		})
	}
	group.Wait()
	fmt.Fprintf(d.out, "%d warehouses in 2 regions keep %d SKUs: ", len(demoWarehouses), demoSKUs)
	if received.Load() == 0 {
		fmt.Fprint(d.out, "they are there from an earlier run.\n\n")
	} else {
		fmt.Fprintf(d.out, "%d deliveries of %d units came in.\n\n", received.Load(), demoFull)
	}
	return errors.Join(faults...)
}

// fill brings the nth SKU into the warehouses that never had it.
func (d *demo) fill(ctx context.Context, n int) (made int, err error) {
	there, err := d.api.stock(ctx, skuName(n), "")
	if r, ok := errors.AsType[*refusal](err); ok && r.Status == http.StatusNotFound {
		err = nil
	}
	if err != nil {
		return 0, err
	}
	has := map[string]bool{}
	for _, w := range there.Warehouses {
		has[w.WarehouseID] = true
	}
	units := int64(demoFull)
	for _, w := range keptIn(n) {
		if has[w] {
			continue
		}
		body := adjustBody{SKU: skuName(n), WarehouseID: w, AdjustmentType: "RECEIPT", QtyDelta: &units, Reason: "first delivery"}
		h := header{"Idempotency-Key": fmt.Sprintf("first-%s-%s", w, skuName(n)), "Inventory-Actor": d.api.actor}
		if err := d.api.ask(ctx, http.MethodPost, "/inventory/adjust", h, body, &adjustment{}); err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

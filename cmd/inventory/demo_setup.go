package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"inventory/app"
	"inventory/domain/stock"
)

const (
	demoSKUs = 50
	demoFull = 40 // units that a warehouse begins with
)

// demoWarehouses: each SKU is kept in one of each region.
var demoWarehouses = []stock.Warehouse{
	{ID: "HCM", Region: "south", Rank: 1, Ledgers: 1},
	{ID: "CTH", Region: "south", Rank: 2, Ledgers: 1},
	{ID: "HAN", Region: "north", Rank: 1, Ledgers: 1},
	{ID: "HPH", Region: "north", Rank: 2, Ledgers: 1},
}

func skuName(n int) string { return fmt.Sprintf("SKU-%02d", n) }

// keptIn names the warehouses that keep the nth SKU.
func keptIn(n int) []stock.Warehouse {
	return []stock.Warehouse{demoWarehouses[n%2], demoWarehouses[2+n%2]}
}

// setUp makes warehouses and brings in the first stock; what is there already stays as it
// is.
func (d *demo) setUp(ctx context.Context) error {
	for _, w := range demoWarehouses {
		if err := d.in.PutWarehouse(ctx, w); err != nil {
			return err
		}
	}
	var group sync.WaitGroup
	var received atomic.Int64
	faults := make([]error, demoSKUs+1)
	for n := 1; n <= demoSKUs; n++ {
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
	there, err := d.stockOf(ctx, skuName(n))
	if err != nil {
		return 0, err
	}
	for _, w := range keptIn(n) {
		if _, ok := there[string(w.ID)]; ok {
			continue
		}
		_, err := d.in.Adjust(ctx, app.AdjustRequest{
			SKU: skuName(n), WarehouseID: string(w.ID), Type: "RECEIPT", Quantity: demoFull,
			Actor: "demo", Key: fmt.Sprintf("first-%s-%s", w.ID, skuName(n)), Reason: "first delivery", Source: source,
		})
		if err != nil {
			return made, err
		}
		made++
	}
	return made, nil
}

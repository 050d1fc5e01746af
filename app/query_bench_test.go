package app_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/stock"
)

// BenchmarkReads reads levels of SKUs that are in each of twelve warehouses: those of own
// ledgers, and those of nobody's, which a store far away tells.
func BenchmarkReads(b *testing.B) {
	store := memory.New()
	in := beginIn(b, store, app.Outside{}, unhurried)
	for in.Ready(b.Context()) != nil {
		<-time.After(time.Millisecond)
	}
	fillShelves(b, in, app.MaxStockItems, 12)
	cfg := app.DefaultConfig()
	cfg.Owner.Owner = system.NewUUID().String()
	reader, err := app.New(b.Context(), cfg, &distant{Store: store}, app.Outside{
		Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID,
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, from := range []struct {
		name   string
		of     *app.Inventory
		source string
	}{{"memory", in, app.SourceOwner}, {"tables", reader, app.SourceStore}} {
		for _, skus := range []int{1, 50, app.MaxStockItems} {
			var q app.StockQuery
			for i := range skus {
				q.Items = append(q.Items, app.StockItem{SKU: fmt.Sprint("S", i)})
			}
			b.Run(fmt.Sprintf("%s/skus=%d", from.name, skus), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					got, err := from.of.Stocks(b.Context(), q)
					if err != nil || len(got) != skus || got[skus-1].Err != nil || got[0].Source != from.source {
						b.Fatal(got[0], err)
					}
				}
				b.ReportMetric(float64(skus)*float64(b.N)/b.Elapsed().Seconds(), "skus/s")
			})
		}
	}
}

// fillShelves brings so many SKUs into so many warehouses.
func fillShelves(b *testing.B, in *app.Inventory, skus, warehouses int) {
	b.Helper()
	for w := range warehouses {
		if err := in.PutWarehouse(b.Context(), stock.Warehouse{ID: stock.WarehouseID(fmt.Sprint("W", w)), Region: "home", Rank: w, Ledgers: 1}); err != nil {
			b.Fatal(err)
		}
	}
	each(skus*warehouses, func(i int) error {
		_, err := in.Adjust(context.WithoutCancel(b.Context()), app.AdjustRequest{
			SKU: fmt.Sprint("S", i/warehouses), WarehouseID: fmt.Sprint("W", i%warehouses), Type: "RECEIPT", Quantity: 10, Actor: "a", Key: fmt.Sprint(i),
		})
		return err
	})
}

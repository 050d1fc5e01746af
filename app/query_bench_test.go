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
	"inventory/ports"
)

// BenchmarkReads reads levels of SKUs that are in each of twelve warehouses: those of own
// ledgers, those of nobody's, which a store far away tells, and those that a cache has.
func BenchmarkReads(b *testing.B) {
	store := memory.New()
	in := beginIn(b, store, app.Outside{}, unhurried)
	for in.Ready(b.Context()) != nil {
		<-time.After(time.Millisecond)
	}
	fillShelves(b, in, app.MaxStockItems, 12)
	reader := func(levels ports.LevelCache) *app.Inventory {
		cfg := app.DefaultConfig()
		cfg.Owner.Owner = system.NewUUID().String()
		in, err := app.New(b.Context(), cfg, &distant{Store: store}, app.Outside{
			Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID, Cache: levels,
		})
		if err != nil {
			b.Fatal(err)
		}
		return in
	}
	for _, from := range []struct {
		name   string
		of     *app.Inventory
		source string
	}{{"memory", in, app.SourceOwner}, {"tables", reader(nil), app.SourceStore}, {"cache", reader(knowing{}), app.SourceCache}} {
		for _, skus := range []int{1, 50, app.MaxStockItems} {
			var q app.StockQuery
			for i := range skus {
				q.Items = append(q.Items, app.StockItem{SKU: fmt.Sprint("S", i)})
			}
			for range 2 * app.DefaultConfig().Cache.Hot { // it is read much
				_, _ = from.of.Stocks(b.Context(), q)
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

// knowing is a cache that has every level.
type knowing struct{ ports.LevelCache }

func (knowing) Get(_ context.Context, keys []ports.LevelKey) ([]ports.Cached, error) {
	all := make([]ports.Cached, len(keys))
	for i, k := range keys {
		all[i] = ports.Cached{Found: true, Level: ports.CachedLevel{LevelKey: k, OnHand: 10, Version: 1, At: time.UnixMilli(1)}}
	}
	return all, nil
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

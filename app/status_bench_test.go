package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/fleet"
	"inventory/domain/stock"
)

// BenchmarkHowLedgersStand asks how ledgers stand that have many live orders, as a repair does
// again and again.
func BenchmarkHowLedgersStand(b *testing.B) {
	in := liveOrders(b, memory.New(), 50_000)
	for b.Loop() {
		if _, err := in.Everywhere(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

// liveOrders makes an inventory with so many live orders of one unit each, of a thousand SKUs.
func liveOrders(b *testing.B, store app.Store, n int) *app.Inventory {
	b.Helper()
	const skus = 1000
	in := beginIn(b, store, app.Outside{}, unhurried)
	for in.Ready(b.Context()) != nil {
		<-time.After(time.Millisecond)
	}
	if err := in.PutWarehouse(b.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
		b.Fatal(err)
	}
	each(skus, func(i int) error {
		_, err := in.Adjust(b.Context(), app.AdjustRequest{SKU: fmt.Sprint("S", i), WarehouseID: "W1", Type: "RECEIPT", Quantity: int64(n), Actor: "a", Key: fmt.Sprint(i)})
		return err
	})
	each(n, func(i int) error {
		_, err := in.Reserve(b.Context(), app.ReserveRequest{OrderID: fmt.Sprint("o", i), Items: []app.ReserveItem{{SKU: fmt.Sprint("S", i%skus), Quantity: 1}}})
		return err
	})
	for {
		all, err := in.Everywhere(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if !slices.ContainsFunc(all, func(s fleet.Standing) bool { return s.Relayed < s.Version }) {
			return in
		}
		<-time.After(time.Millisecond)
	}
}

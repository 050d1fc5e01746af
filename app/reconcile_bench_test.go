package app_test

import (
	"fmt"
	"testing"

	"inventory/adapters/memory"
	"inventory/app"
)

// BenchmarkReconcile compares many live orders with the tables, and with the stock that is held for
// them.
func BenchmarkReconcile(b *testing.B) {
	for name, open := range map[string]func(testing.TB) app.Store{
		"memory":  func(testing.TB) app.Store { return memory.New() },
		"SQLite":  func(t testing.TB) app.Store { return onSQLite(t)(t) },
		"distant": func(testing.TB) app.Store { return &distant{Store: memory.New()} },
	} {
		for _, n := range []int{12_500, 50_000} {
			b.Run(fmt.Sprintf("%s/orders=%d", name, n), func(b *testing.B) {
				in := liveOrders(b, open(b), n)
				for b.Loop() {
					r, err := in.Reconcile(b.Context())
					if err != nil || len(r.Differences) > 0 || r.Orders != n || r.Holds != n {
						b.Fatalf("%+v, %v", r, err)
					}
				}
			})
		}
	}
}

package app_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

// passes is an observer that waits for passes of an auditor.
type passes struct{ ended chan ports.Audited }

func (p passes) Observe(e ports.Event) {
	if a, ok := e.(ports.Audited); ok {
		select {
		case p.ended <- a:
		default:
		}
	}
}

// BenchmarkAnAuditOfManyRecords compares what an adjustment takes in a ledger of 100,000 SKUs and
// as many holds with and without an auditor at work that never rests.
func BenchmarkAnAuditOfManyRecords(b *testing.B) {
	for _, interval := range []time.Duration{0, time.Second} {
		b.Run(fmt.Sprintf("interval=%s", interval), func(b *testing.B) {
			const records = 100_000
			topic, told := &memory.Publisher{}, passes{make(chan ports.Audited, 1)}
			cfg := app.DefaultConfig()
			cfg.Owner.Owner, cfg.Audit.Interval = system.NewUUID().String(), interval
			in, err := app.New(b.Context(), cfg, memory.New(), app.Outside{
				Clock: system.Clock{}, CommitID: system.NewUUID, Observer: told, Publisher: topic, LevelTopic: topic.LevelTopic(),
			})
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			var running sync.WaitGroup
			running.Go(func() { _ = in.Run(ctx) })
			defer func() { stop(); running.Wait() }()
			for in.Ready(ctx) != nil {
				<-time.After(time.Millisecond)
			}
			if err := in.PutWarehouse(ctx, stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1}); err != nil {
				b.Fatal(err)
			}
			each(records, func(i int) error {
				_, err := in.Adjust(ctx, app.AdjustRequest{SKU: fmt.Sprint("S", i), WarehouseID: "W1", Type: "RECEIPT", Quantity: 5, Actor: "a", Key: fmt.Sprint(i)})
				return err
			})
			each(records, func(i int) error {
				_, err := in.Reserve(ctx, app.ReserveRequest{OrderID: fmt.Sprint("o", i), Items: []app.ReserveItem{{SKU: fmt.Sprint("S", i), Quantity: 1}}})
				return err
			})
			running.Go(func() { _ = in.Audit(ctx) })
			if interval > 0 {
				b.Logf("the first pass: %+v", <-told.ended)
			}
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				if _, err := in.Adjust(ctx, app.AdjustRequest{SKU: "S1", WarehouseID: "W1", Type: "RECEIPT", Quantity: 1, Actor: "b", Key: fmt.Sprint(i)}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
			if interval > 0 {
				b.Logf("another pass: %+v", <-told.ended)
			}
		})
	}
}

// each does something n times, many at once, and again where it was refused for load.
func each(n int, do func(int) error) {
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for i := w; i < n; i += 64 {
				for do(i) != nil {
					<-time.After(time.Millisecond)
				}
			}
		})
	}
	all.Wait()
}

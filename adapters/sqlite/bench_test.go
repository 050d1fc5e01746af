package sqlite_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inventory/adapters/sqlite"
	"inventory/domain/ledger"
	"inventory/ports"
)

// benchBody is about an entry of a dozen changes.
var benchBody = make([]byte, 1500)

// BenchmarkCommit has owners of so many ledgers commit as fast as they can, each one
// entry after the other.
func BenchmarkCommit(b *testing.B) {
	for _, ledgers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("ledgers=%d", ledgers), func(b *testing.B) {
			store := open(b, b.TempDir())
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for i := range ledgers {
				wg.Go(func() {
					if err := commitWhile(store, ledger.StockID(fmt.Sprintf("W%d", i), 0), func() bool { return left.Add(-1) >= 0 }); err != nil {
						b.Error(err)
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
	}
}

// commitWhile owns a ledger and commits entries while more says so.
func commitWhile(store *sqlite.Store, id ledger.ID, more func() bool) error {
	ctx := context.Background()
	head, err := store.TakeOver(ctx, id, "bench", ports.Head{})
	for v := head.Version; err == nil && more(); v++ {
		err = store.Commit(ctx, id, ports.Commit{
			Epoch: head.Epoch, Version: v, Lease: v,
			Entry: &ports.Record{Version: v + 1, Commit: ledger.UUID{byte(v), byte(v >> 8)}, Body: benchBody},
		})
	}
	return err
}

// BenchmarkTables writes rows as a relay does, 200 in a call, from so many relays.
func BenchmarkTables(b *testing.B) {
	at := time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
	kinds := map[string]func(n int64) ports.Rows{
		"events": func(n int64) ports.Rows {
			return ports.Rows{Events: []ports.EventRow{{
				EventID: benchID(n), SKU: fmt.Sprintf("SKU-%d", n%10_000), WarehouseID: "W", EventType: "HELD", Quantity: 1,
				Source: "inventory", OccurredAt: at.Add(time.Duration(n) * time.Millisecond), Metadata: string(benchBody[:300]),
			}}}
		},
		"levels": func(n int64) ports.Rows {
			return ports.Rows{Levels: []ports.LevelRow{{
				SKU: fmt.Sprintf("SKU-%d", n%10_000), WarehouseID: "W", ISOWeek: "2026-W48", Version: n, At: at.Add(time.Duration(n) * time.Millisecond),
			}}}
		},
		"reservations": func(n int64) ports.Rows {
			return ports.Rows{Reservations: []ports.ReservationRow{{
				ReservationID: benchID(n), OrderID: fmt.Sprint(n), Status: "HELD", Items: string(benchBody[:100]), At: at, Body: benchBody[:300],
			}}}
		},
	}
	for _, kind := range []string{"events", "levels", "reservations"} {
		for _, relays := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/relays=%d", kind, relays), func(b *testing.B) {
				benchmarkRows(b, kinds[kind], relays)
			})
		}
	}
}

func benchID(n int64) ledger.UUID { return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(n)) }

func benchmarkRows(b *testing.B, row func(n int64) ports.Rows, relays int) {
	const perCall = 200
	store := open(b, b.TempDir())
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range relays {
		wg.Go(func() {
			for {
				var rows ports.Rows
				from := next.Add(perCall) - perCall
				for n := from; n < min(from+perCall, int64(b.N)); n++ {
					r := row(n)
					rows.Events = append(rows.Events, r.Events...)
					rows.Levels = append(rows.Levels, r.Levels...)
					rows.Reservations = append(rows.Reservations, r.Reservations...)
				}
				if from >= int64(b.N) {
					return
				}
				if err := store.Write(context.Background(), rows); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

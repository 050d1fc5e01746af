package cassandra_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// One owner, entries of the size that a batch of 64 orders has, the tail trimmed as it goes.
func BenchmarkCommit(b *testing.B) {
	s := openBench(b)
	id := ledger.StockID("bench-"+newUUID().String(), 0)
	head, err := s.TakeOver(b.Context(), id, "bench", ports.Head{})
	if err != nil {
		b.Fatal(err)
	}
	body := make([]byte, 6400)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body) // never fails; nothing that compression would shorten
	var took []time.Duration
	for v := int64(0); b.Loop(); v++ {
		c := ports.Commit{
			Epoch: head.Epoch, Version: v, Lease: v + 1,
			Entry: &ports.Record{Version: v + 1, Commit: newUUID(), Body: body},
		}
		began := time.Now()
		if err := s.Commit(b.Context(), id, c); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		if v > 1000 && v%500 == 0 {
			ref := ports.SnapshotRef{Version: v, Epoch: head.Epoch}
			if err := s.Trim(b.Context(), id, ports.Trim{Epoch: head.Epoch, Snapshot: ref, Upto: v - 500}); err != nil {
				b.Fatal(err)
			}
		}
	}
	reportTimes(b, took)
}

// Calls of 500 rows each, from two relays at once.
func BenchmarkWrite(b *testing.B) {
	const rows = 500
	spread := func() string { return fmt.Sprintf("SKU-%05d", rand.IntN(10_000)) }
	for name, make := range map[string]func() ports.Rows{
		"events spread": func() ports.Rows { return ports.Rows{Events: benchEvents(rows, spread)} },
		"events hot":    func() ports.Rows { return ports.Rows{Events: benchEvents(rows, func() string { return "SKU-HOT" })} },
		"reservations":  func() ports.Rows { return ports.Rows{Reservations: benchReservations(rows)} },
		"levels":        func() ports.Rows { return ports.Rows{Levels: benchLevels(rows)} },
		"half events, half reservations": func() ports.Rows {
			return ports.Rows{Events: benchEvents(rows/2, spread), Reservations: benchReservations(rows / 2)}
		},
	} {
		b.Run(name, func(b *testing.B) {
			s := openBench(b)
			b.SetParallelism(1)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := s.Write(b.Context(), make()); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// Look-ups of new orders: none is there.
func BenchmarkRecall(b *testing.B) {
	for _, n := range []int{1, 20, 300} {
		b.Run(fmt.Sprintf("%d keys", n), func(b *testing.B) {
			s := openBench(b)
			var took []time.Duration
			for b.Loop() {
				keys := make([]ledger.UUID, n)
				for i := range keys {
					keys[i] = newUUID()
				}
				began := time.Now()
				if _, err := s.Recall(b.Context(), ledger.KindReservation, keys); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			reportTimes(b, took)
		})
	}
}

func reportTimes(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms", p))
	}
}

var benchText = strings.Repeat("abcdefghij", 30)

func benchEvents(n int, sku func() string) []ports.EventRow {
	rows := make([]ports.EventRow, n)
	now := time.UnixMilli(time.Now().UnixMilli())
	for i := range rows {
		rows[i] = ports.EventRow{
			EventID: newUUID(), SKU: sku(), WarehouseID: "BENCH-1", EventType: "HELD", Quantity: 1,
			Source: "stock/BENCH-1/0", OccurredAt: now, Metadata: benchText,
		}
	}
	return rows
}

func benchReservations(n int) []ports.ReservationRow {
	rows := make([]ports.ReservationRow, n)
	now := time.UnixMilli(time.Now().UnixMilli())
	for i := range rows {
		rows[i] = ports.ReservationRow{
			ReservationID: newUUID(), OrderID: "order-" + benchText[:12], Status: "HELD",
			Items: benchText[:120], ExpiresAt: now, Version: 7, At: now, Body: []byte(benchText[:200]),
		}
	}
	return rows
}

func benchLevels(n int) []ports.LevelRow {
	rows := make([]ports.LevelRow, n)
	now := time.UnixMilli(time.Now().UnixMilli())
	for i := range rows {
		rows[i] = ports.LevelRow{SKU: fmt.Sprintf("SKU-%05d", rand.IntN(10_000)), WarehouseID: "BENCH-1", ISOWeek: "2026-W48", Version: 7, At: now}
	}
	return rows
}

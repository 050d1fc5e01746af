package grpcapi

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec of gRPC's own
	"google.golang.org/grpc/mem"

	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// benchmarks of watches: so many clients of one warehouse, on so many connections, and so many
// changes a second.
const (
	benchClients     = 1000
	benchConnections = 20
	benchRate        = 1000
	// benchReading is how many of the clients read what they are told; all others take the bytes,
	// as machines elsewhere do, whose work is not this machine's.
	benchReading = 60
)

// deaf is a codec that takes messages and does not read them.
type deaf struct{ encoding.CodecV2 }

// Unmarshal implements encoding.CodecV2.
func (deaf) Unmarshal(mem.BufferSlice, any) error { return nil }

// fan is a crowd of clients that watch one warehouse.
type fan struct {
	*testing.B
	watching, done sync.WaitGroup
	mu             sync.Mutex
	delays         []time.Duration
	told           atomic.Int64 // changes
}

// watch watches until ctx ends, from before the first change to the last.
func (f *fan) watch(ctx context.Context, conn *grpc.ClientConn, reads bool) {
	defer f.done.Done()
	var how []grpc.CallOption
	if !reads {
		how = append(how, grpc.ForceCodecV2(deaf{encoding.GetCodecV2("proto")}))
	}
	s, err := watchGRPC(ctx, conn, &inventoryv1.WatchStockRequest{WarehouseId: "W1"}, how...)
	if err == nil {
		_, err = s.next()
	}
	f.watching.Done()
	var delays []time.Duration
	for err == nil {
		var m *inventoryv1.WatchStockResponse
		if m, err = s.next(); err == nil {
			now := time.Now()
			for _, c := range m.GetChanges().GetChanges() {
				delays = append(delays, now.Sub(c.GetOccurredAt().AsTime()))
			}
			f.told.Add(int64(len(m.GetChanges().GetChanges())))
		}
	}
	if ctx.Err() == nil {
		f.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.delays = append(f.delays, delays...)
}

// BenchmarkWatch prints how long after a commit clients are told of it, clients and service on one
// machine: make bench-watch. Times of commits are whole milliseconds.
func BenchmarkWatch(b *testing.B) {
	h := newHouse(b)
	h.server.ReadTimeout, h.server.WriteTimeout = time.Minute, time.Minute // the crowd comes at once
	ctx, cancel := context.WithCancel(b.Context())
	f := &fan{B: b}
	f.watching.Add(benchClients)
	f.done.Add(benchClients)
	for range benchConnections {
		conn := h.dial()
		for n := range benchClients / benchConnections {
			go f.watch(ctx, conn, n < benchReading/benchConnections)
		}
	}
	f.watching.Wait()
	var asking sync.WaitGroup
	began := time.Now()
	b.ResetTimer()
	for n := range b.N {
		<-time.After(time.Until(began.Add(time.Duration(n) * time.Second / benchRate)))
		asking.Go(func() { h.adjust(fmt.Sprint("SKU-", n%100), 1, fmt.Sprint(n)) })
	}
	asking.Wait()
	took := b.Elapsed()
	for f.told.Load() < int64(b.N)*benchReading && !b.Failed() {
		<-time.After(10 * time.Millisecond)
	}
	b.StopTimer()
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	cancel()
	f.done.Wait()
	slices.Sort(f.delays)
	at := func(share float64) float64 {
		return float64(f.delays[int(share*float64(len(f.delays)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(at(0.5), "ms-p50")
	b.ReportMetric(at(0.99), "ms-p99")
	b.ReportMetric(at(1), "ms-max")
	b.ReportMetric(float64(b.N)/took.Seconds(), "changes/s")
	b.ReportMetric(float64(after.HeapSys>>20), "MiB-heap")
}

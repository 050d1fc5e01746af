//go:build unix

package wire

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inventory/adapters/wire/wiretest"
	"inventory/ports"
)

// BenchmarkCall measures calls of 300 bytes with answers of 300 bytes, on both sides together.
func BenchmarkCall(b *testing.B) {
	ca := wiretest.NewAuthority(b)
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("plain/callers=%d", callers), func(b *testing.B) { benchCalls(b, Config{}, callers) })
		b.Run(fmt.Sprintf("TLS/callers=%d", callers), func(b *testing.B) {
			benchCalls(b, Config{TLS: filesOf(b, ca, "127.0.0.1")}, callers)
		})
	}
}

func benchCalls(b *testing.B, cfg Config, callers int) {
	s := serve(b, cfg, "127.0.0.1:0", answering(func(_ context.Context, request []byte) []byte { return request }))
	c := client(b, cfg)
	request := make([]byte, 300)
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, callers)
	before := processorTime(b)
	b.ResetTimer()
	for range callers {
		go func() {
			var err error
			for err == nil && left.Add(-1) >= 0 {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				_, err = c.Call(ctx, s.Addr(), request)
				cancel()
			}
			done <- err
		}()
	}
	for range callers {
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/call")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// answering is a handler that only answers.
type answering func(ctx context.Context, request []byte) []byte

var _ ports.WireHandler = answering(nil)

func (f answering) Answer(ctx context.Context, request []byte) []byte { return f(ctx, request) }

func (answering) Hear([]byte) {}

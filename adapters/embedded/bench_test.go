package embedded

import (
	"bytes"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What acks=all costs: 16 producers, each waiting for its record of 1 KB.
func BenchmarkProduce(b *testing.B) {
	for _, c := range []struct {
		name  string
		cfg   BrokerConfig
		batch int
	}{
		{"memory", BrokerConfig{}, 1},
		{"disk", BrokerConfig{DataDir: "broker"}, 1},
		{"disk, fsync", BrokerConfig{DataDir: "broker", Fsync: true}, 1},
		{"disk, 100 at once", BrokerConfig{DataDir: "broker"}, 100},
		{"disk, fsync, 100 at once", BrokerConfig{DataDir: "broker", Fsync: true}, 100},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.cfg.DataDir != "" {
				c.cfg.DataDir = filepath.Join(b.TempDir(), c.cfg.DataDir)
			}
			broker := startBroker(b, c.cfg)
			createTopic(b, broker.Addr(), "orders", 12, nil)
			value := bytes.Repeat([]byte("x"), 1000)
			var left atomic.Int64
			left.Store(int64(b.N))
			var clients []*kgo.Client
			for range 16 {
				clients = append(clients, franz(b, broker.Addr(), kgo.ProducerBatchCompression(kgo.NoCompression())))
			}
			b.ResetTimer()
			var all sync.WaitGroup
			for _, client := range clients {
				all.Go(func() {
					for left.Add(-int64(c.batch)) > -int64(c.batch) {
						records := make([]*kgo.Record, c.batch)
						for i := range records {
							records[i] = &kgo.Record{Topic: "orders", Value: value}
						}
						if err := client.ProduceSync(b.Context(), records...).FirstErr(); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

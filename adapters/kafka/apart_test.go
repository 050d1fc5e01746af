package kafka_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/kafka"
)

func TestABatchThatCantBeReadStopsItsPartitionOnly(t *testing.T) {
	cfg := topics(t, 4, "t", "u")
	c, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.GzipCompression()), kgo.ProducerBatchMaxBytes(100<<20), kgo.BrokerMaxWriteBytes(200<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send := func(partition int32, value []byte) {
		t.Helper()
		if err := c.ProduceSync(within(t), &kgo.Record{Topic: "test.t", Partition: partition, Value: value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	send(2, make([]byte, 70<<20)) // some 70 KB as it is sent
	var mu sync.Mutex
	read := map[int32]int{}
	handle := func(_ context.Context, _ string, rec kafka.Record) error {
		mu.Lock()
		defer mu.Unlock()
		read[rec.Partition]++
		return nil
	}
	others := []int32{0, 1, 3}
	flows := func(n int) {
		t.Helper()
		for p := range int32(4) {
			send(p, []byte("x"))
		}
		eventually(t, "other partitions are read", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return !slices.ContainsFunc(others, func(p int32) bool { return read[p] < n })
		})
	}
	var o told
	route(t, cfg, &o, handle)
	flows(1)
	route(t, cfg, new(told), handle) // who may get it
	flows(2)
	eventually(t, "told what to do", func() bool { return o.has("test.t/2", "can't be read", "--reset-offsets") })
	if read[2] != 0 || committed(t, cfg, 2) != -1 {
		t.Errorf("%d records behind it were read, and %d is committed: it was skipped", read[2], committed(t, cfg, 2))
	}
}

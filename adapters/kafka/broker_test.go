package kafka_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
)

// patience is how long a test waits for what has to come.
const patience = 30 * time.Second

// config is for a broker of the test, with short waits.
func config(brokers []string) kafka.Config {
	c := kafka.DefaultConfig()
	c.Brokers = brokers
	c.Prefix = "test."
	c.Partitions = 4
	c.SessionTimeout = 6 * time.Second
	c.RebalanceTimeout = 5 * time.Second
	c.DrainTimeout = 500 * time.Millisecond
	c.CommitInterval = 50 * time.Millisecond
	c.DeliveryTimeout = 4 * time.Second
	c.DialTimeout = time.Second
	c.NackPause = time.Millisecond
	return c
}

// topics starts a broker with topics, given without the prefix.
func topics(t testing.TB, partitions int32, names ...string) kafka.Config {
	t.Helper()
	for i := range names {
		names[i] = "test." + names[i]
	}
	return config(kafkatest.Broker(t, kfake.SeedTopics(partitions, names...)))
}

// within returns a context that ends before the test's patience does.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func closeAtEnd(t testing.TB, c io.Closer) {
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

// produce publishes records.
func produce(t testing.TB, cfg kafka.Config, records ...kafka.Record) {
	t.Helper()
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Send(within(t), records...); err != nil {
		t.Fatal(err)
	}
}

// consume returns the first n records of a topic, of all partitions, as they come.
func consume(t testing.TB, cfg kafka.Config, topic string, n int) []*sarama.ConsumerMessage {
	t.Helper()
	s := sarama.NewConfig()
	s.Version = sarama.V3_9_0_0
	s.Consumer.Fetch.Default = 4 << 20
	c, err := sarama.NewConsumer(cfg.Brokers, s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	partitions, err := c.Partitions(topic)
	if err != nil {
		t.Fatal(err)
	}
	all := make(chan *sarama.ConsumerMessage)
	ctx, cancel := context.WithCancel(within(t))
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for _, p := range partitions {
		pc, err := c.ConsumePartition(topic, p, sarama.OffsetOldest)
		if err != nil {
			t.Fatal(err)
		}
		readers.Go(func() {
			defer pc.Close()
			for {
				select {
				case m := <-pc.Messages():
					select {
					case all <- m:
					case <-ctx.Done():
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	var got []*sarama.ConsumerMessage
	for len(got) < n {
		select {
		case m := <-all:
			got = append(got, m)
		case <-ctx.Done():
			t.Fatalf("%s: %d records came, want %d", topic, len(got), n)
		}
	}
	return got
}

// committed returns the group's offset in a partition of test.t, -1 where there is none.
func committed(t testing.TB, cfg kafka.Config, partition int32) int64 {
	t.Helper()
	s := sarama.NewConfig()
	s.Version = sarama.V3_9_0_0
	a, err := sarama.NewClusterAdmin(cfg.Brokers, s)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	r, err := a.ListConsumerGroupOffsets(cfg.Group, map[string][]int32{"test.t": {partition}})
	if err != nil {
		t.Fatal(err)
	}
	return r.GetBlock("test.t", partition).Offset
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// told remembers what was told.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (o *told) note(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, fmt.Sprintf(format, args...))
}

// has says whether a line has all parts.
func (o *told) has(parts ...string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(o.lines, func(line string) bool {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				return false
			}
		}
		return true
	})
}

func (o *told) all() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.lines)
}

func (o *told) Consumed(topic string, _ time.Duration, outcome string) {
	o.note("%s %s", outcome, topic)
}

func (o *told) Buried(topic, code string, rec kafka.Record, err error) {
	o.note("letter %s %s @%d: %v", topic, code, rec.Offset, err)
}

func (o *told) Retrying(topic, code string, err error, n int) {
	o.note("retrying %s %s %d: %v", topic, code, n, err)
}
func (o *told) LanesInUse(int)    {}
func (o *told) Trouble(err error) { o.note("trouble %v", err) }

package kafka_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"

	"inventory/adapters/kafka"
)

const handling = 5 * time.Millisecond // of one record

// work is a handler that waits, as one does for a group commit.
func work() { <-time.After(handling) }

// BenchmarkLanes shows records a second, of 16 partitions, with a handler that takes 5 ms:
// the Router, the Subscriber under Watermill's router alone, and watermill-kafka's subscriber.
func BenchmarkLanes(b *testing.B) {
	b.Run("router", func(b *testing.B) {
		benchmark(b, b.N, func(ctx context.Context, cfg kafka.Config, done func()) func() {
			r, err := kafka.NewRouter(kafka.RouterConfig{
				Kafka: cfg, Topics: []string{"t"}, Observer: new(told), DeadLetters: new(kafka.DeadLetters),
				Verdict: func(error) kafka.Verdict { return kafka.Verdict{} },
				Handle: func(context.Context, string, kafka.Record) error {
					work()
					done()
					return nil
				},
			})
			if err != nil {
				b.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- r.Run(ctx) }()
			return func() {
				if err := <-ended; err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("subscriber", func(b *testing.B) {
		benchmark(b, b.N, func(_ context.Context, cfg kafka.Config, done func()) func() {
			s, err := kafka.NewSubscriber(cfg, kafka.Events{})
			if err != nil {
				b.Fatal(err)
			}
			return serve(b, s, done)
		})
	})
	b.Run("watermill-kafka", func(b *testing.B) {
		benchmark(b, b.N, func(_ context.Context, cfg kafka.Config, done func()) func() {
			s := wmkafka.DefaultSaramaSubscriberConfig()
			s.Version = sarama.V3_9_0_0
			s.Consumer.Offsets.Initial = sarama.OffsetOldest
			sub, err := wmkafka.NewSubscriber(wmkafka.SubscriberConfig{
				Brokers: cfg.Brokers, ConsumerGroup: cfg.Group, OverwriteSaramaConfig: s,
			}, watermill.NopLogger{})
			if err != nil {
				b.Fatal(err)
			}
			return serve(b, sub, done)
		})
	})
}

// serve handles each message in a goroutine, as Watermill's router does.
func serve(b *testing.B, s message.Subscriber, done func()) func() {
	messages, err := s.Subscribe(b.Context(), "test.t")
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for m := range messages {
			go func() {
				work()
				m.Ack()
				done()
			}()
		}
	}()
	return func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	}
}

// benchmark times from the first record to the last of n.
func benchmark(b *testing.B, n int, start func(ctx context.Context, cfg kafka.Config, done func()) (end func())) {
	cfg := topics(b, 16, "t")
	records := make([]kafka.Record, n)
	for i := range records {
		records[i] = kafka.Record{Topic: "test.t", Key: fmt.Appendf(nil, "order-%09d", i), Value: make([]byte, 200)}
	}
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < n; first += 10_000 {
		if err := p.Send(b.Context(), records[first:min(first+10_000, n)]...); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var count atomic.Int64
	var began atomic.Pointer[time.Time]
	all := make(chan struct{})
	now := time.Now()
	end := start(ctx, cfg, func() {
		if c := count.Add(1); c == 1 {
			now := time.Now()
			began.Store(&now)
		} else if c == int64(n) {
			close(all)
		}
	})
	if n > 1 {
		<-all
		now = *began.Load()
	}
	b.ReportMetric(float64(n)/time.Since(now).Seconds(), "records/s")
	cancel()
	end()
}

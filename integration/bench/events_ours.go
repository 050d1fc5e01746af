package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"inventory/adapters/kafka"
	"inventory/app"
	"inventory/ports"
)

// ourConsumer is the service's way, wired as it is when it serves.
type ourConsumer struct {
	publisher *kafka.Publisher
	letters   *kafka.DeadLetters
	end       context.CancelFunc
	running   sync.WaitGroup
	err       error
	w         *ways
}

// consumeOurs has order events consumed by ledgers.
func consumeOurs(_ context.Context, w *ways, s *eventSite) (consumer, error) {
	c := &ourConsumer{w: w}
	var err error
	if c.publisher, err = kafka.NewPublisher(s.kafka, s.codec, "bench", "bench"); err != nil {
		return nil, err
	}
	if c.letters, err = kafka.NewDeadLetters(s.kafka, "bench"); err != nil {
		return nil, err
	}
	router, err := kafka.NewRouter(kafka.RouterConfig{
		Kafka: s.kafka, Topics: []string{ports.OrderCreatedTopic}, DeadLetters: c.letters, Observer: loud{},
		Handle: func(ctx context.Context, topic string, rec kafka.Record) error {
			event, err := s.codec.Decode(ctx, topic, rec.Value)
			if err != nil {
				return err
			}
			return w.in.Consume(ctx, app.Consumption{Event: event, Topic: topic, Trace: kafka.TraceOf(rec)})
		},
		Verdict: func(err error) kafka.Verdict {
			return kafka.Verdict{Code: app.FailureOf(err).Code, Retry: app.Retryable(err)}
		},
	})
	if err != nil {
		return nil, err
	}
	w.publish.Store(&publisherOf{c.publisher})
	ctx, end := context.WithCancel(context.Background())
	c.end = end
	c.running.Go(func() { c.err = router.Run(ctx) })
	return c, nil
}

func (c *ourConsumer) stop() error {
	c.end()
	c.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := c.w.relayed(ctx)
	c.w.publish.Store(nil)
	return errors.Join(c.err, err, c.publisher.Close(), c.letters.Close())
}

// loud tells what should not happen in a measurement.
type loud struct{}

func (loud) Consumed(string, time.Duration, string) {}
func (loud) Buried(topic, code string, _ kafka.Record, err error) {
	fmt.Fprintln(os.Stderr, "bench: buried:", topic, code, err)
}

func (loud) Retrying(topic, _ string, err error, attempt int) {
	fmt.Fprintln(os.Stderr, "bench: again:", topic, attempt, err)
}
func (loud) LanesInUse(int)    {}
func (loud) Trouble(err error) { fmt.Fprintln(os.Stderr, "bench: Kafka:", err) }

// publisherOf is a publisher that is there for one measurement.
type publisherOf struct{ ports.Publisher }

// Publish implements ports.Publisher: to Kafka while events are measured, else to nobody.
func (w *ways) Publish(ctx context.Context, events []ports.PublicEvent) error {
	if p := w.publish.Load(); p != nil {
		return p.Publish(ctx, events)
	}
	return nil
}

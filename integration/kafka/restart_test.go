package kafka_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/integration/stack"
	"inventory/ports"
)

// plain encodes an event as its key.
type plain struct{}

func (plain) Encode(_ context.Context, e ports.PublicEvent) ([]byte, error) {
	return []byte(e.Key()), nil
}

func TestNothingIsLostWhenTheBrokerIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	st, err := stack.Start(ctx, stack.Kafka)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
	}()
	cfg := config(t)
	cfg.Brokers = st.Brokers()
	if err := kafka.CreateTopics(ctx, cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}

	running, end := context.WithCancel(ctx)
	var working sync.WaitGroup
	defer working.Wait()
	defer end()
	var mu sync.Mutex
	published, consumed := 0, map[string]bool{}
	working.Go(func() { publish(running, t, cfg, func() { locked(&mu, func() { published++ }) }) })
	working.Go(func() { consume(running, t, cfg, func(key string) { locked(&mu, func() { consumed[key] = true }) }) })
	reach := func(n int) {
		t.Helper()
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for here := 0; here < n; locked(&mu, func() { here = min(published, len(consumed)) }) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				t.Fatalf("%d published, %d consumed, want %d", published, len(consumed), n)
			}
		}
	}
	reach(200)
	if err := st.Kill(stack.Kafka); err != nil {
		t.Fatal(err)
	}
	if err := st.Restart(ctx, stack.Kafka); err != nil {
		t.Fatal(err)
	}
	var before int
	locked(&mu, func() { before = published })
	reach(before + 200)
	locked(&mu, func() {
		for i := range published {
			if !consumed["o-"+strconv.Itoa(i)] && i < before {
				t.Errorf("o-%d was published and never came", i)
			}
		}
	})
}

func locked(mu *sync.Mutex, f func()) {
	mu.Lock()
	defer mu.Unlock()
	f()
}

// publish publishes one order after the other, each until that has worked.
func publish(ctx context.Context, t *testing.T, cfg kafka.Config, done func()) {
	p, err := kafka.NewPublisher(cfg, plain{}, "/test", "test")
	if err != nil {
		t.Error(err)
		return
	}
	defer p.Close()
	for i := 0; ctx.Err() == nil; {
		err := p.Publish(ctx, []ports.PublicEvent{ports.Reserved{OrderID: "o-" + strconv.Itoa(i)}})
		switch {
		case err == nil:
			done()
			i++
		case ctx.Err() == nil:
			t.Log(err)
			if ports.ClassOf(err) != ports.Transient {
				t.Errorf("class of %v", err)
				return
			}
		}
	}
}

func consume(ctx context.Context, t *testing.T, cfg kafka.Config, took func(key string)) {
	s, err := kafka.NewSubscriber(cfg, kafka.Events{Trouble: func(err error) { t.Log(err) }})
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	messages, err := s.Subscribe(ctx, cfg.Prefix+ports.ReservedTopic)
	if err != nil {
		t.Error(err)
		return
	}
	for m := range messages {
		rec, _ := kafka.RecordOf(m.Context())
		took(string(rec.Key))
		m.Ack()
	}
}

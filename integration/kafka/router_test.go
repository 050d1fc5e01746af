package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/ports"
)

// patience is how long a test waits for what has to come.
const patience = time.Minute

// config is of topics and a group of the test's own.
func config(t *testing.T) kafka.Config {
	cfg := kafka.DefaultConfig()
	cfg.Brokers = brokers
	cfg.Prefix = fmt.Sprintf("%s.%d.", t.Name(), time.Now().UnixNano())
	cfg.Group = cfg.Prefix + "group"
	cfg.Partitions = 3
	return cfg
}

// observer tells a test of what is buried; the rest is only shown.
type observer struct {
	t      *testing.T
	buried chan string
}

func (o observer) Consumed(string, time.Duration, string) {}
func (o observer) Retrying(string, string, error, int)    {}
func (o observer) LanesInUse(int)                         {}
func (o observer) Trouble(err error)                      { o.t.Log(err) }
func (o observer) Buried(topic, code string, rec kafka.Record, _ error) {
	o.buried <- topic + " " + code + " " + string(rec.Key)
}

func TestOrderEventsComeToTheHandlerAndPoisonToTheDeadLetters(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cfg := config(t)
	if err := kafka.CheckTopics(ctx, cfg); ports.ClassOf(err) != ports.Permanent || !strings.Contains(err.Error(), "inventory topics create") {
		t.Fatalf("before topics are made: %v", err)
	}
	if err := kafka.CreateTopics(ctx, cfg, func(line string) { t.Log(line) }); err != nil {
		t.Fatal(err)
	}
	if err := kafka.CheckTopics(ctx, cfg); err != nil {
		t.Fatal(err)
	}

	const n = 300
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	topic := cfg.Prefix + ports.OrderCreatedTopic
	records := []kafka.Record{{Topic: topic, Key: []byte("poison"), Value: make([]byte, 900<<10), Headers: []kafka.Header{{Key: "h", Value: []byte{0}}}}}
	for i := range n {
		records = append(records, kafka.Record{Topic: topic, Key: []byte("o-" + strconv.Itoa(i)), Value: []byte{1}})
	}
	if err := p.Send(ctx, records...); err != nil {
		t.Fatal(err)
	}

	letters, err := kafka.NewDeadLetters(cfg, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer letters.Close()
	var mu sync.Mutex
	handled := map[string]bool{}
	all := make(chan struct{})
	o := observer{t, make(chan string, 1)}
	r, err := kafka.NewRouter(kafka.RouterConfig{
		Kafka: cfg, Topics: ports.OrderEventTopics(), DeadLetters: letters, Observer: o,
		Verdict: func(error) kafka.Verdict { return kafka.Verdict{Code: "UNREADABLE"} },
		Handle: func(_ context.Context, _ string, rec kafka.Record) error {
			if len(rec.Value) > 1 {
				return errors.New("zeros")
			}
			mu.Lock()
			defer mu.Unlock()
			if handled[string(rec.Key)] = true; len(handled) == n {
				close(all)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- r.Run(running) }()
	for range 2 {
		select {
		case <-all:
			all = nil
		case got := <-o.buried:
			if want := ports.OrderCreatedTopic + " UNREADABLE poison"; got != want {
				t.Errorf("buried %q, want %q", got, want)
			}
		case <-ctx.Done():
			t.Fatal("not all came")
		}
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if letter := firstOf(ctx, t, cfg, topic+kafka.DeadLetterSuffix); len(letter.Value) != 900<<10 || string(letter.Key) != "poison" {
		t.Errorf("letter: key %q, %d bytes", letter.Key, len(letter.Value))
	}
}

// firstOf returns a topic's first record.
func firstOf(ctx context.Context, t *testing.T, cfg kafka.Config, topic string) kafka.Record {
	t.Helper()
	cfg.Group += ".reader"
	s, err := kafka.NewSubscriber(cfg, kafka.Events{Trouble: func(err error) { t.Log(err) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	messages, err := s.Subscribe(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := <-messages
	if !ok {
		t.Fatalf("%s: nothing came", topic)
	}
	rec, _ := kafka.RecordOf(m.Context())
	m.Ack()
	return rec
}

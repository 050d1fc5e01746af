package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/adapters/kafka"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

// letterKinds are ten kinds. The first is replayed with a limit, so it has a code of its own.
var letterKinds = []letterKind{
	{"TIMEOUT", "context deadline exceeded", ports.OrderCreatedTopic, eventOf(ports.OrderCreatedTopic, "t-"), letter.Applied},
	{"UNAVAILABLE", "the store: connection refused", ports.OrderCreatedTopic, eventOf(ports.OrderCreatedTopic, "u-"), letter.Applied},
	{"BUSY", "stock ledger busy, try again", ports.OrderCreatedTopic, eventOf(ports.OrderCreatedTopic, "b-"), letter.Applied},
	{"UNAVAILABLE", "the store: connection refused", ports.OrderCancelledTopic, eventOf(ports.OrderCancelledTopic, "never-"), letter.Applied},
	{"UNKNOWN_ORDER", "unknown order", ports.FulfilmentPickedTopic, eventOf(ports.FulfilmentPickedTopic, "nobody-"), letter.Failed},
	{"UNREADABLE", "unreadable record: the value is empty: expected an event", ports.OrderCreatedTopic, bytesOf(nil), letter.Failed},
	{"UNREADABLE", "unreadable record: expected Avro with a schema id, which begins with byte 00, found 7b 22 61 22", ports.OrderCreatedTopic, bytesOf([]byte(`{"a":1}`)), letter.Failed},
	{"UNREADABLE", "unreadable record: expected Avro with a schema id, which begins with byte 00, found 3c 61 3e 3c", ports.FulfilmentPickedTopic, bytesOf([]byte(`<a></a>`)), letter.Failed},
	{"UNKNOWN_SCHEMA", "unknown schema: 2000000000", ports.OrderCreatedTopic, bytesOf([]byte{0, 0x77, 0x35, 0x94, 0, 1}), letter.Failed},
	{"INVALID", "invalid order_id: expected 1 to 128 printable ASCII characters", ports.OrderCancelledTopic, eventOf(ports.OrderCancelledTopic, "two words "), letter.Failed},
}

// letter makes the nth letter.
func (s *fleetSite) letter(n int, now time.Time) (letter.Letter, error) {
	kind := letterKinds[n%len(letterKinds)]
	id := fmt.Sprintf("%d", n)
	value, err := kind.value(s, id)
	if err != nil {
		return letter.Letter{}, err
	}
	return letter.Letter{
		Meta: letter.Meta{
			ID: ledger.NewUUIDv5(ledger.Namespace, s.events.kafka.Prefix+id), Place: letter.Place{Topic: kind.topic},
			Origin: letter.Origin{Offset: int64(n), Timestamp: now, Group: s.events.kafka.Group, Handler: kind.topic},
			Key:    id, Code: kind.code, Error: kind.error, Attempts: 1, FirstFailure: now, LastFailure: now, Version: "bench",
		},
		Value: value, HasKey: true,
	}, nil
}

// eventOf writes order events; created ones are for a unit of the hot SKU.
func eventOf(topic, prefix string) func(*fleetSite, string) ([]byte, error) {
	return func(s *fleetSite, id string) ([]byte, error) {
		order := prefix + id
		fields := map[string]any{"event_id": "replayed", "order_id": order, "occurred_at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z")}
		if topic == ports.OrderCreatedTopic {
			fields["items"] = []any{map[string]any{"sku": hotSKU, "quantity": 1}}
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return nil, err
		}
		return s.events.codec.FromText(context.Background(), topic, text)
	}
}

func bytesOf(value []byte) func(*fleetSite, string) ([]byte, error) {
	return func(*fleetSite, string) ([]byte, error) { return value, nil }
}

// copyRate is the median rate of three copies, each of which takes seconds.
func (s *fleetSite) copyRate(ctx context.Context) (perSecond float64, err error) {
	var rates [3]float64
	for i := range rates {
		if rates[i], err = s.copyLetters(ctx, fmt.Sprint(s.events.kafka.Prefix, "copies-", i)); err != nil {
			return 0, err
		}
	}
	slices.Sort(rates[:])
	return rates[1], nil
}

// copyLetters reads all letters and writes each to another topic, with all acknowledgements, as
// a plain tool does, and gives their rate.
func (s *fleetSite) copyLetters(ctx context.Context, copies string) (perSecond float64, err error) {
	var topics []string
	for _, topic := range ports.OrderEventTopics() {
		topics = append(topics, s.events.kafka.Prefix+topic+kafka.DeadLetterSuffix)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(s.events.kafka.Brokers...), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(upstreamLinger),
		kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.ProducerBatchMaxBytes(1<<20-1<<10),
	)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	if err := makeTopic(ctx, client, copies); err != nil {
		return 0, err
	}
	began := time.Now()
	var failed error
	for n := 0; n < s.o.letters; {
		fetches := client.PollFetches(ctx)
		if err := errors.Join(fetches.Err(), ctx.Err()); err != nil {
			return 0, err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			n++
			client.Produce(ctx, &kgo.Record{Topic: copies, Key: r.Key, Value: r.Value, Headers: r.Headers}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed = err
				}
			})
		})
	}
	if err := client.Flush(ctx); err != nil {
		return 0, err
	}
	return float64(s.o.letters) / time.Since(began).Seconds(), failed
}

func makeTopic(ctx context.Context, client *kgo.Client, name string) error {
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 12, 1
	req := kmsg.NewPtrCreateTopicsRequest()
	req.Topics = append(req.Topics, topic)
	made, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, t := range made.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return fmt.Errorf("making %s: %w", name, err)
		}
	}
	return nil
}

// checkReplayed proves that each letter has the outcome of its kind, and that what is held is
// what was applied.
func (s *fleetSite) checkReplayed(ctx context.Context) error {
	want, orders := map[string]int{}, 0
	for n := range s.o.letters {
		kind := letterKinds[n%len(letterKinds)]
		want[kind.outcome]++
		if kind.topic == ports.OrderCreatedTopic && kind.outcome == letter.Applied {
			orders++
		}
	}
	if s.replayed != s.o.letters {
		return fmt.Errorf("%d letters have an outcome, of %d", s.replayed, s.o.letters)
	}
	for state, n := range map[string]int{letter.Applied: want[letter.Applied], letter.Open: want[letter.Failed]} {
		var told struct{ Letters int }
		if err := s.read(ctx, "/admin/dlq/groups?state="+state, &told); err != nil {
			return err
		}
		if told.Letters != n {
			return fmt.Errorf("%d letters are %s, expected %d", told.Letters, state, n)
		}
	}
	var level struct{ Held int }
	if err := s.read(ctx, "/inventory/"+hotSKU, &level); err != nil {
		return err
	}
	if level.Held != orders {
		return fmt.Errorf("%d units are held, expected %d", level.Held, orders)
	}
	a, err := s.clients[0].Ask(ctx, http.MethodPost, "/admin/reconcile", nil, nil)
	var all struct{ Differences []json.RawMessage }
	if err == nil {
		err = a.Into(&all)
	}
	if err == nil && (a.Status != http.StatusOK || len(all.Differences) > 0) {
		err = fmt.Errorf("/admin/reconcile: %s", a)
	}
	return err
}

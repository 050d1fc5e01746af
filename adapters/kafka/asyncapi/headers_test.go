package asyncapi_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
	"inventory/domain/ledger"
	"inventory/ports"
)

const patience = 20 * time.Second

const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// noValue encodes events as nothing: these tests look at headers and keys.
type noValue struct{}

func (noValue) Encode(context.Context, ports.PublicEvent) ([]byte, error) { return []byte{0}, nil }

// broker starts one that has all topics.
func broker(t *testing.T) kafka.Config {
	t.Helper()
	cfg := kafka.DefaultConfig()
	var names []string
	for _, topic := range kafka.Topics(cfg) {
		names = append(names, topic.Name)
	}
	cfg.Brokers = kafkatest.Broker(t, kfake.SeedTopics(1, names...), kfake.NumBrokers(1))
	return cfg
}

// events has one of each public event, of the keys that their fields say.
func events(h ports.EventHeader) []ports.PublicEvent {
	return []ports.PublicEvent{
		ports.Reserved{EventHeader: h, OrderID: "o"},
		ports.Rejected{EventHeader: h, OrderID: "o"},
		ports.Confirmed{EventHeader: h, OrderID: "o"},
		ports.Released{EventHeader: h, OrderID: "o"},
		ports.Expiring{EventHeader: h, OrderID: "o"},
		ports.Adjusted{EventHeader: h, SKU: "s", WarehouseID: "w"},
		ports.StockLevel{EventHeader: h, SKU: "s", WarehouseID: "w"},
		ports.Threshold{EventHeader: h, SKU: "s", WarehouseID: "w"},
		ports.GlobalStock{EventHeader: h, SKU: "s", Region: "r", Aggregator: "a"},
	}
}

// fields are those of events that keys are made of.
var fields = strings.NewReplacer("order_id", "o", "sku", "s", "warehouse_id", "w", "region", "r")

// first gives the first n records of a topic.
func first(t *testing.T, cfg kafka.Config, topic string, n int) []*kgo.Record {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(cfg.Brokers...), kgo.ConsumeTopics(topic))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var all []*kgo.Record
	for len(all) < n {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			t.Fatalf("%s: %d of %d records: %v", topic, len(all), n, err)
		}
		all = append(all, fetched.Records()...)
	}
	return all
}

// names gives the names of headers, sorted.
func names(r *kgo.Record) []string {
	var all []string
	for _, h := range r.Headers {
		all = append(all, h.Key)
	}
	slices.Sort(all)
	return all
}

func TestHeadersAndKeysOfEventsAreThoseOfTheDocument(t *testing.T) {
	d, cfg := read(t), broker(t)
	p, err := kafka.NewPublisher(cfg, noValue{}, "/inventory", "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	h := ports.EventHeader{ID: ledger.NewUUIDv5(ledger.Namespace, "x"), OccurredAt: time.UnixMilli(1)}
	traced := h
	traced.Trace = trace
	if err := p.Publish(t.Context(), slices.Concat(events(h), events(traced))); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, e := range events(h) {
		told[e.Topic()] = true
		m, found := d.messageOn(t, e.Topic()), first(t, cfg, e.Topic(), 2)
		if want := slices.Sorted(slices.Values(m.Headers.Required)); !slices.Equal(names(found[0]), want) {
			t.Errorf("%s: writes %q, documented as always there: %q", e.Topic(), names(found[0]), want)
		}
		all := slices.Sorted(maps.Keys(m.Headers.Properties))
		if !slices.Equal(names(found[1]), all) {
			t.Errorf("%s, traced: writes %q, documented: %q", e.Topic(), names(found[1]), all)
		}
		for _, h := range found[1].Headers {
			if only := m.Headers.Properties[h.Key].Const; only != "" && only != string(h.Value) {
				t.Errorf("%s: %s is %s, documented: always %s", e.Topic(), h.Key, h.Value, only)
			}
		}
		if key := fields.Replace(m.Bindings.Kafka.Key.Description); key != string(found[0].Key) {
			t.Errorf("%s: key %q, documented: %s", e.Topic(), found[0].Key, m.Bindings.Kafka.Key.Description)
		}
		if got, want := slices.Sorted(maps.Keys(m.Examples[0].Headers)), all; !slices.Equal(got, want) {
			t.Errorf("%s: the example has %q, documented: %q", e.Topic(), got, want)
		}
	}
	if len(told) != len(ports.PublicEventTopics()) {
		t.Errorf("events of %d topics: this test shows too little", len(told))
	}
}

func TestHeadersOfDeadLettersAreThoseOfTheDocument(t *testing.T) {
	d, cfg := read(t), broker(t)
	letters, err := kafka.NewDeadLetters(cfg, "v1")
	if err != nil {
		t.Fatal(err)
	}
	defer letters.Close()
	for _, topic := range ports.OrderEventTopics() {
		l := kafka.Letter{Record: kafka.Record{Topic: topic, Key: []byte("k"), Value: []byte("v"), Headers: []kafka.Header{{Key: "traceparent", Value: []byte(trace)}}}, Code: "UNREADABLE", Err: errors.New("why"), Attempts: 1}
		if err := letters.Write(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		m, found := d.messageOn(t, topic+ports.DeadLetterSuffix), first(t, cfg, topic+ports.DeadLetterSuffix, 1)[0]
		documented := slices.Sorted(maps.Keys(m.Headers.Properties))
		want := append(slices.DeleteFunc(slices.Clone(documented), func(name string) bool { return name == "dlq_edit_of" }), "traceparent")
		if len(want) != len(documented) || !slices.Equal(names(found), want) {
			t.Errorf("%s: writes %q, documented: %q", topic, names(found), documented)
		}
		if len(m.Headers.Required) > 0 || m.Payload != nil {
			t.Errorf("%s: a letter is as the record came, and may have no header of ours: %+v", topic, m)
		}
	}
}

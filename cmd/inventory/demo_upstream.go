package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/linkedin/goavro/v2"

	"inventory/adapters/kafka"
	"inventory/adapters/system"
	"inventory/ports"
	"inventory/schemas"
)

// upstream is what another team's service does: it sends order events and hears outcomes,
// by what the registry and the topics say.
type upstream struct {
	producer *kafka.Producer
	prefix   string
	codecs   map[string]*goavro.Codec // by topic without prefix
	ids      map[string]int           // of schemas, by topic without prefix

	mu     sync.Mutex
	traces map[string]bool // of the events that were sent
}

func newUpstream(ctx context.Context, cfg kafka.Config, registry ports.SchemaRegistry) (*upstream, error) {
	u := &upstream{prefix: cfg.Prefix, codecs: map[string]*goavro.Codec{}, ids: map[string]int{}, traces: map[string]bool{}}
	for topic, subject := range schemas.Avro() {
		_, text := subject.Newest()
		var err error
		if u.ids[topic], err = registry.IDOf(ctx, subject.Name(cfg.Prefix), text); err != nil {
			return nil, err
		}
		if u.codecs[topic], err = goavro.NewCodec(text); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", topic, err)
		}
	}
	var err error
	u.producer, err = kafka.NewProducer(cfg)
	return u, err
}

// send sends an event about an order.
func (u *upstream) send(ctx context.Context, topic, order string, fields map[string]any) error {
	event := map[string]any{"event_id": system.NewUUID().String(), "order_id": order, "occurred_at": time.Now()}
	for name, value := range fields {
		event[name] = value
	}
	value := binary.BigEndian.AppendUint32([]byte{0}, uint32(u.ids[topic]))
	value, err := u.codecs[topic].BinaryFromNative(value, event)
	if err != nil {
		return fmt.Errorf("writing an event of %s: %w", topic, err)
	}
	return u.producer.Send(ctx, kafka.Record{
		Topic: u.prefix + topic, Key: []byte(order), Value: value,
		Headers: []kafka.Header{{Key: "traceparent", Value: []byte(u.trace())}},
	})
}

// trace begins a trace, which outcomes carry too.
func (u *upstream) trace() string {
	id := strings.ReplaceAll(system.NewUUID().String(), "-", "")
	trace := fmt.Sprintf("00-%s-%s-01", id, id[:16])
	u.mu.Lock()
	defer u.mu.Unlock()
	u.traces[trace] = true
	return trace
}

// sent tells whether a record follows from an event that was sent.
func (u *upstream) sent(rec kafka.Record) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.traces[kafka.TraceOf(rec)]
}

// read gives the fields of a record, those that are null left out.
func (u *upstream) read(rec kafka.Record) (topic string, fields map[string]any, err error) {
	topic = strings.TrimPrefix(rec.Topic, u.prefix)
	codec := u.codecs[topic]
	if codec == nil || len(rec.Value) < 5 {
		return topic, nil, fmt.Errorf("a record of %s that is no event", rec.Topic)
	}
	native, _, err := codec.NativeFromBinary(rec.Value[5:])
	if err != nil {
		return topic, nil, fmt.Errorf("reading an event of %s: %w", topic, err)
	}
	fields = map[string]any{}
	for name, value := range native.(map[string]any) {
		if union, ok := value.(map[string]any); ok {
			value = union["string"]
		}
		if value != nil {
			fields[name] = value
		}
	}
	return topic, fields, nil
}

// optional is a value where a schema allows null.
func optional(kind string, value any) any { return map[string]any{kind: value} }

package contract

import (
	"context"
	"encoding/binary"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/registry"
	"inventory/integration/service"
)

// party is another team's program: it speaks to a service as the document says.
type party struct {
	t        *testing.T
	ctx      context.Context
	site     *service.Site
	registry *registry.Client
	kafka    *kgo.Client
	channels map[string]*channel
	told     map[string][]*kgo.Record // by topic
}

func join(t *testing.T, s *service.Site) *party {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), eventPatience)
	t.Cleanup(cancel)
	p := &party{t: t, ctx: ctx, site: s, channels: readChannels(t), told: map[string][]*kgo.Record{}}
	var topics []string
	for topic, c := range p.channels {
		if c.send {
			topics = append(topics, topic)
		}
	}
	var err error
	if p.registry, err = registry.New(registry.Config{URL: s.Registry, Timeout: 10 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.registry.Close)
	if p.kafka, err = kgo.NewClient(kgo.SeedBrokers(s.Brokers), kgo.ConsumeTopics(topics...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kafka.Close)
	return p
}

// sendExample sends the example of a topic, some of whose fields may be others.
func (p *party) sendExample(topic string, other map[string]any) {
	p.t.Helper()
	c := p.channels[topic]
	e := c.message.Examples[0]
	fields := maps.Clone(e.Payload.(map[string]any))
	maps.Copy(fields, other)
	id, err := p.registry.IDOf(p.ctx, topic+"-value", c.schema)
	if err != nil {
		p.t.Fatalf("%s: the registry has not the schema that the document has: %v", topic, err)
	}
	r := &kgo.Record{Topic: topic, Key: []byte(c.key(fields)), Value: append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), c.datum(p.t, asJSON(p.t, fields))...)}
	for name, value := range e.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	p.send(r)
}

func (p *party) send(r *kgo.Record) {
	p.t.Helper()
	if err := p.kafka.ProduceSync(p.ctx, r).FirstErr(); err != nil {
		p.t.Fatalf("%s: %v", r.Topic, err)
	}
}

// await hears until a topic has told of a key what is to be told.
func (p *party) await(topic, key string, is func(fields map[string]any) bool) {
	p.t.Helper()
	for {
		for _, r := range p.told[topic] {
			if string(r.Key) == key && is(p.check(r)) {
				return
			}
		}
		fetched := p.kafka.PollFetches(p.ctx)
		if err := fetched.Err(); err != nil {
			p.t.Fatalf("%s of %s: %v; told: %v", topic, key, err, p.told)
		}
		fetched.EachRecord(func(r *kgo.Record) { p.told[r.Topic] = append(p.told[r.Topic], r) })
	}
}

func anything(map[string]any) bool { return true }

// check holds a record against the document, and gives the event's fields.
func (p *party) check(r *kgo.Record) map[string]any {
	p.t.Helper()
	c := p.channels[r.Topic]
	has := map[string]string{}
	for _, h := range r.Headers {
		has[h.Key] = string(h.Value)
		if is, ok := c.message.Headers.Properties[h.Key]; !ok || is.Const != "" && is.Const != string(h.Value) {
			p.t.Errorf("%s: header %s is %q, documented: %t %q", r.Topic, h.Key, h.Value, ok, is.Const)
		}
	}
	for _, name := range c.message.Headers.Required {
		if _, ok := has[name]; !ok {
			p.t.Errorf("%s: no header %s", r.Topic, name)
		}
	}
	if c.codec == nil {
		return nil
	}
	id, err := p.registry.IDOf(p.ctx, r.Topic+"-value", c.schema)
	if err != nil || len(r.Value) < 5 || r.Value[0] != 0 || binary.BigEndian.Uint32(r.Value[1:]) != uint32(id) {
		p.t.Fatalf("%s: %x: expected the schema %d (%v)", r.Topic, r.Value, id, err)
	}
	native, rest, err := c.codec.NativeFromBinary(r.Value[5:])
	if err != nil || len(rest) > 0 {
		p.t.Fatalf("%s: %v, %d bytes are left", r.Topic, err, len(rest))
	}
	fields := native.(map[string]any)
	if key := c.key(fields); key != string(r.Key) || has["ce_subject"] != key {
		p.t.Errorf("%s: key %q, ce_subject %q, documented: %s", r.Topic, r.Key, has["ce_subject"], key)
	}
	return fields
}

// stock brings in what the example of an order asks for.
func (p *party) stock(c *service.Client) {
	p.t.Helper()
	ask := func(method, path, key string, body any) {
		p.t.Helper()
		a, err := c.Decide(p.ctx, method, path, service.Header{"Idempotency-Key": key, "Inventory-Actor": "test"}, body)
		if err != nil || a.Status > http.StatusCreated {
			p.t.Fatalf("%s %s: %v %v", method, path, a, err)
		}
	}
	for i, place := range []string{"BER-1", "HAM-1"} {
		ask(http.MethodPut, "/inventory/warehouses/"+place, place, map[string]any{"region": "eu", "rank": i + 1})
	}
	for sku, place := range map[string]string{"SKU-1": "BER-1", "SKU-2": "BER-1", "SKU-3": "HAM-1"} {
		ask(http.MethodPost, "/inventory/adjust", sku, map[string]any{"sku": sku, "warehouse_id": place, "adjustment_type": "RECEIPT", "qty_delta": 1_000_000_000})
	}
	ask(http.MethodPut, "/inventory/warehouses/HAM-1/thresholds/SKU-3", "", map[string]any{"low_mark": 1_000_000_000})
}

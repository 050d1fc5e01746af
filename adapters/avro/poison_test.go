package avro

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inventory/ports"
)

// with puts a datum behind the id of the built-in schema of cancelled orders: event_id,
// order_id, occurred_at, reason.
func with(id int, datum ...byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), datum...)
}

// most is the largest zigzag number, and over has one bit more.
var (
	most = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}
	over = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03}
)

func TestPoisonIsRefusedAndSaysWhatWasFound(t *testing.T) {
	r := full(t)
	c := newCodec(t, r)
	cancelled := r.find("order.cancelled.v1-value", newest(ports.OrderCancelledTopic))
	created := r.find("order.created.v1-value", newest(ports.OrderCreatedTopic))
	noise := make([]byte, 300)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(noise)
	noise[0] = 'N'
	// event_id "e", order_id "o", occurred_at 1, region null, ttl null; items follow.
	order := []byte{2, 'e', 2, 'o', 2, 0, 0}
	for name, test := range map[string]struct {
		topic string
		value []byte
		class error
		says  string
	}{
		"nothing":                {value: nil, class: ports.ErrUnreadable, says: "empty"},
		"JSON":                   {value: []byte(`{"order_id":"o"}`), class: ports.ErrUnreadable, says: "7b 22 6f 72"},
		"random bytes":           {value: noise, class: ports.ErrUnreadable, says: "begins with byte 00"},
		"a part of the id":       {value: []byte{0, 0, 1}, class: ports.ErrUnreadable, says: "3 bytes"},
		"no datum":               {value: with(cancelled), class: ports.ErrUnreadable, says: "event_id: it ends too early"},
		"unknown id":             {value: with(999_999, 2, 'e'), class: ports.ErrUnknownSchema, says: "999999"},
		"id 0":                   {value: with(0, 2, 'e'), class: ports.ErrUnknownSchema, says: "0: ids are 1"},
		"id above 31 bits":       {value: with(1<<31, 2), class: ports.ErrUnknownSchema, says: "2147483648"},
		"another topic's schema": {value: with(created, 2, 'e'), class: ports.ErrUnknownSchema, says: "order.cancelled.v1-value"},
		"900 KB of zeros":        {value: make([]byte, 900<<10), class: ports.ErrUnknownSchema, says: "0"},
		"900 KB of zeros after an id": {
			value: with(cancelled, make([]byte, 900<<10)...), class: ports.ErrUnreadable, says: "bytes are left after the event",
		},
		"more than is read":   {value: make([]byte, DefaultMaxBytes+1), class: ports.ErrUnreadable, says: "at most 1048576"},
		"trailing bytes":      {value: with(cancelled, 2, 'e', 2, 'o', 2, 0, 9, 9), class: ports.ErrUnreadable, says: "2 bytes are left"},
		"a cut-off text":      {value: with(cancelled, 20, 'e'), class: ports.ErrUnreadable, says: "10 bytes expected, 1 left"},
		"a text of 2^62":      {value: with(cancelled, append(most, 'e')...), class: ports.ErrUnreadable, says: "a length is -9223372036854775808"},
		"a negative length":   {value: with(cancelled, 1, 'e'), class: ports.ErrUnreadable, says: "a length is -1"},
		"a number too large":  {value: with(cancelled, slices.Concat([]byte{2, 'e', 2, 'o'}, over, []byte{0})...), class: ports.ErrUnreadable, says: "occurred_at: a number has more than 64 bits"},
		"an endless number":   {value: with(cancelled, slices.Concat([]byte{2, 'e', 2, 'o'}, bytes.Repeat([]byte{0x80}, 100))...), class: ports.ErrUnreadable, says: "more than 64 bits"},
		"a branch too many":   {value: with(cancelled, 2, 'e', 2, 'o', 2, 4), class: ports.ErrUnreadable, says: "reason: choice 2 of 2"},
		"a branch below zero": {value: with(cancelled, 2, 'e', 2, 'o', 2, 1), class: ports.ErrUnreadable, says: "choice -1 of 2"},
		"2^31 items": {
			topic: ports.OrderCreatedTopic, value: with(created, slices.Concat(order, binary.AppendVarint(nil, 1<<31))...),
			class: ports.ErrUnreadable, says: "items: sku: it ends too early",
		},
		"items with a count of -2^63": {
			topic: ports.OrderCreatedTopic, value: with(created, slices.Concat(order, most)...),
			class: ports.ErrUnreadable, says: "more than 64 bits",
		},
		"a negative count and no block": {
			topic: ports.OrderCreatedTopic, value: with(created, slices.Concat(order, []byte{1, 120})...),
			class: ports.ErrUnreadable, says: "a block of 60 bytes where 0 are left",
		},
		"a million empty items": {
			topic: ports.OrderCreatedTopic, value: with(created, slices.Concat(order, binary.AppendVarint(nil, 1e6), make([]byte, 4e5))...),
			class: ports.ErrUnreadable, says: "than its bytes justify",
		},
	} {
		t.Run(name, func(t *testing.T) {
			topic := test.topic
			if topic == "" {
				topic = ports.OrderCancelledTopic
			}
			e, err := c.Decode(t.Context(), topic, test.value)
			if !errors.Is(err, test.class) || !strings.Contains(err.Error(), test.says) || e != nil {
				t.Errorf("got %v and %v\nwant %v that says %q", e, err, test.class, test.says)
			}
			if strings.Count(err.Error(), "") > 500 {
				t.Errorf("the error has %d characters", len(err.Error()))
			}
		})
	}
}

func TestItemsInBlocksWithSizesAreRead(t *testing.T) {
	r := full(t)
	created := r.find("order.created.v1-value", newest(ports.OrderCreatedTopic))
	item := []byte{2, 'S', 0, 6} // S, no warehouse, 3
	datum := slices.Concat([]byte{2, 'e', 2, 'o', 2, 0, 0}, []byte{1, 8}, item, []byte{2}, item, []byte{0})
	e := decoded(t, newCodec(t, r), ports.OrderCreatedTopic, with(created, datum...)).(ports.OrderCreated)
	want := ports.OrderItem{SKU: "S", Quantity: 3}
	if len(e.Items) != 2 || e.Items[0] != want || e.Items[1] != want {
		t.Errorf("got %+v", e.Items)
	}
}

// A writer's schema may contain itself, or have values without bytes: what its records can
// make this program do stays bounded.
func TestRecordsCannotMakeReadingCostMoreThanTheirBytes(t *testing.T) {
	const head = `{"type":"record","name":"OrderCancelled","fields":[
		{"name":"event_id","type":"string"},{"name":"order_id","type":"string"},{"name":"occurred_at","type":"long"},`
	for name, test := range map[string]struct {
		field string
		extra []byte
		says  string
	}{
		"a list in a list in a list": {
			`{"name":"more","type":{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}}`,
			append(bytes.Repeat([]byte{2}, 1e6), 0), "64 deep",
		},
		"2^40 nulls": {
			`{"name":"more","type":{"type":"array","items":"null"}}`,
			append(binary.AppendVarint(nil, 1<<40), 0), "take no bytes",
		},
		"2^40 empty records": {
			`{"name":"more","type":{"type":"array","items":{"type":"record","name":"E","fields":[]}}}`,
			append(binary.AppendVarint(nil, 1<<40), 0), "than its bytes justify",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			c := newCodec(t, r)
			id := r.add("order.cancelled.v1-value", head+test.field+"]}")
			_, err := c.Decode(t.Context(), ports.OrderCancelledTopic, with(id, append([]byte{2, 'e', 2, 'o', 2}, test.extra...)...))
			if !errors.Is(err, ports.ErrUnreadable) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want it to say %q", err, test.says)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	r := full(f)
	c := newCodec(f, r)
	topics := ports.OrderEventTopics()
	ids := make([]int, len(topics))
	for i, topic := range topics {
		ids[i] = r.find(topic+"-value", newest(topic))
		golden := with(ids[i], readGolden(f, topic)...)
		if _, err := c.Decode(f.Context(), topic, golden); err != nil { // its schema is known from here on
			f.Fatal(err)
		}
		f.Add(uint8(i), golden)
		f.Add(uint8(i), with(ids[i], bytes.Repeat([]byte{0xff}, 40)...))
	}
	f.Add(uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, which uint8, value []byte) {
		topic := topics[int(which)%len(topics)]
		var e ports.OrderEvent
		var err error
		leanDatum(t, value, func() { e, err = c.Decode(t.Context(), topic, value) })
		switch {
		case err == nil && e == nil:
			t.Error("neither an event nor an error")
		case err == nil:
			e.About()
		case !errors.Is(err, ports.ErrUnreadable) && !errors.Is(err, ports.ErrUnknownSchema):
			t.Errorf("class of %v", err)
		}
	})
}

// Whatever a registry calls a schema is read or refused.
func FuzzWriterSchema(f *testing.F) {
	for _, topic := range ports.OrderEventTopics() {
		f.Add(newest(topic), readGolden(f, topic))
	}
	f.Add(`{"type":"record","name":"OrderCancelled","fields":[{"name":"a","type":{"type":"map","values":"OrderCancelled"}}]}`, []byte{2, 2, 'a'})
	c := newCodec(f, newRegistry())
	f.Fuzz(func(t *testing.T, schema string, datum []byte) {
		for _, topic := range ports.OrderEventTopics() {
			var w *writer
			var err error
			leanSchema(t, schema, func() { w, err = c.inputs[topic].newWriter(schema) })
			if err == nil {
				leanDatum(t, datum, func() { _, err = w.decode(datum) })
			}
			if err != nil && !errors.Is(err, ports.ErrUnreadable) && !errors.Is(err, ports.ErrIncompatibleSchema) {
				t.Errorf("class of %v", err)
			}
		}
	})
}

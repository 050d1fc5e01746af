package avro

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	twmb "github.com/twmb/avro"

	"inventory/ports"
)

// cancelledBy is a schema of cancelled orders with these fields.
func cancelledBy(fields ...string) string {
	return `{"type":"record","name":"OrderCancelled","namespace":"shop.orders","fields":[` + strings.Join(fields, ",") + `]}`
}

const (
	eventID    = `{"name":"event_id","type":"string"}`
	orderID    = `{"name":"order_id","type":"string"}`
	occurredAt = `{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-millis"}}`
)

func TestWritersMayDifferWhereAvroLetsThem(t *testing.T) {
	want := ports.OrderCancelled{EventID: "e", OrderID: "o", OccurredAt: at}
	reasoned := want
	reasoned.Reason = "PAYMENT_FAILED"
	ms := at.UnixMilli()
	for name, test := range map[string]struct {
		schema string
		native map[string]any
		want   ports.OrderEvent
	}{
		"leaves out what is optional": {cancelledBy(eventID, orderID, occurredAt), map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms}, want},
		"has another order":           {cancelledBy(occurredAt, orderID, eventID), map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms}, want},
		"adds fields of its own": {
			cancelledBy(`{"name":"shop","type":{"type":"map","values":["null","double",{"type":"enum","name":"E","symbols":["A","B"]}]}}`, eventID,
				`{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}`, orderID, occurredAt, `{"name":"flag","type":"boolean"}`),
			map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms, "flag": true, "price": []byte{1}, "shop": map[string]any{"x": nullable("shop.orders.E", "B"), "y": nil}},
			want,
		},
		"always gives what is optional": {cancelledBy(eventID, orderID, occurredAt, `{"name":"reason","type":"string"}`), map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms, "reason": "PAYMENT_FAILED"}, reasoned},
		"has null last":                 {cancelledBy(eventID, orderID, occurredAt, `{"name":"reason","type":["string","null"]}`), map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms, "reason": nullable("string", "PAYMENT_FAILED")}, reasoned},
		"has bytes for text":            {cancelledBy(`{"name":"event_id","type":"bytes"}`, orderID, occurredAt, `{"name":"reason","type":["null","bytes"]}`), map[string]any{"event_id": []byte("e"), "order_id": "o", "occurred_at": ms, "reason": nullable("bytes", []byte("PAYMENT_FAILED"))}, reasoned},
		"has a time without a unit":     {cancelledBy(eventID, orderID, `{"name":"occurred_at","type":"long"}`), map[string]any{"event_id": "e", "order_id": "o", "occurred_at": ms}, want},
		"has a union of one":            {cancelledBy(`{"name":"event_id","type":["string"]}`, orderID, occurredAt), map[string]any{"event_id": nullable("string", "e"), "order_id": "o", "occurred_at": ms}, want},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			value := written(t, r, "order.cancelled.v1-value", test.schema, test.native)
			if got := decoded(t, newCodec(t, r), ports.OrderCancelledTopic, value); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestItemsMayBeWrittenInOtherWays(t *testing.T) {
	const schema = `{"type":"record","name":"OrderCreated","fields":[` + orderID + `,
		{"name":"items","type":{"type":"array","items":[{"type":"record","name":"OrderCreatedItem","fields":[
			{"name":"quantity","type":"int"},{"name":"colour","type":"string"},{"name":"sku","type":"bytes"}]}]}},
		{"name":"ttl_seconds","type":"int"},` + occurredAt + `,` + eventID + `]}`
	item := nullable("OrderCreatedItem", map[string]any{"quantity": int32(4), "colour": "red", "sku": []byte("S")})
	r := newRegistry()
	value := written(t, r, "order.created.v1-value", schema, map[string]any{"order_id": "o", "event_id": "e", "occurred_at": at.UnixMilli(), "ttl_seconds": int32(60), "items": []any{item, item}})
	want := ports.OrderCreated{EventID: "e", OrderID: "o", OccurredAt: at, TTLSeconds: seconds(60), Items: []ports.OrderItem{{SKU: "S", Quantity: 4}, {SKU: "S", Quantity: 4}}}
	if got := decoded(t, newCodec(t, r), ports.OrderCreatedTopic, value); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestSchemasThatCannotBeReadAreRefusedByField(t *testing.T) {
	for name, test := range map[string]struct{ schema, says string }{
		"a required field is missing":  {cancelledBy(eventID, occurredAt), "field order_id"},
		"a required field may be null": {cancelledBy(eventID, `{"name":"order_id","type":["null","string"]}`, occurredAt), "field order_id"},
		"a number for a text":          {cancelledBy(eventID, `{"name":"order_id","type":"long"}`, occurredAt), "field order_id: incompatible types: expected string, found long"},
		"a double for a whole number":  {cancelledBy(eventID, orderID, `{"name":"occurred_at","type":"double"}`), "field occurred_at"},
		"a time in microseconds":       {cancelledBy(eventID, orderID, `{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-micros"}}`), "field occurred_at: expected timestamp-millis, found timestamp-micros"},
		"another record":               {strings.Replace(cancelledBy(eventID, orderID, occurredAt), "OrderCancelled", "PaymentFailed", 1), "PaymentFailed"},
		"no record":                    {`"string"`, "expected record, found string"},
		"no schema":                    {`{"type":"recor"}`, "it is no Avro schema"},
		"no JSON":                      {`<html>`, "it is no Avro schema"},
		"a type that is not there":     {cancelledBy(eventID, orderID, occurredAt, `{"name":"more","type":"Nowhere"}`), "it is no Avro schema"},
		"more than is read":            {cancelledBy(eventID, orderID, occurredAt, `{"name":"more","type":"int","doc":"`+strings.Repeat("x", mostSchemaBytes)+`"}`), "at most 262144"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRegistry()
			c := newCodec(t, r)
			id := r.add("order.cancelled.v1-value", test.schema)
			for range 2 {
				_, err := c.Decode(t.Context(), ports.OrderCancelledTopic, with(id, 2, 'e'))
				if !errors.Is(err, ports.ErrIncompatibleSchema) || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "schema 1 of order.cancelled.v1-value") {
					t.Errorf("got %v\nwant it to say %q", err, test.says)
				}
			}
			if byID, _ := r.calls(); byID != 1 {
				t.Errorf("the registry was asked %d times", byID)
			}
		})
	}
}

// What reading rests on: what a writer leaves out is null, and no field has two names.
func TestOurInputsHaveNoDefaultButNullAndNoAliases(t *testing.T) {
	for _, topic := range ports.OrderEventTopics() {
		checkPlain(t, topic, twmb.MustParse(newest(topic)).Root())
	}
}

func checkPlain(t *testing.T, path string, n *twmb.SchemaNode) {
	for _, f := range n.Fields {
		if len(f.Aliases) > 0 || f.HasDefault && f.Default != nil {
			t.Errorf("%s.%s: record reads neither aliases nor defaults", path, f.Name)
		}
		for _, b := range append([]twmb.SchemaNode{f.Type}, f.Type.Branches...) {
			if b.Items != nil {
				checkPlain(t, path+"."+f.Name, b.Items)
			}
		}
	}
}

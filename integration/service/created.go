package service

import (
	"context"
	"encoding/binary"
	"time"

	twmb "github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/registry"
	"inventory/ports"
	"inventory/schemas"
)

// CreatedItem is an item of an order.created event; nil: the service chooses the warehouse.
type CreatedItem struct {
	SKU         string  `avro:"sku"`
	WarehouseID *string `avro:"warehouse_id"`
	Quantity    int64   `avro:"quantity"`
}

// created is an order.created event. Source: its schema.
type created struct {
	EventID    string        `avro:"event_id"`
	OrderID    string        `avro:"order_id"`
	OccurredAt time.Time     `avro:"occurred_at"`
	Region     *string       `avro:"region"`
	TTLSeconds *int64        `avro:"ttl_seconds"`
	Items      []CreatedItem `avro:"items"`
}

// CreatedEvents makes the records of order.created events as an upstream service does.
type CreatedEvents struct {
	topic  string
	schema *twmb.Schema
	header []byte // of each value
}

// NewCreatedEvents asks a registry for the id of the newest schema, under topics with a prefix.
func NewCreatedEvents(ctx context.Context, reg *registry.Client, prefix string) (*CreatedEvents, error) {
	subject := schemas.Avro()[ports.OrderCreatedTopic]
	_, text := subject.Newest()
	id, err := reg.IDOf(ctx, subject.Name(prefix), text)
	if err != nil {
		return nil, err
	}
	schema, err := twmb.Parse(text)
	if err != nil {
		return nil, err
	}
	return &CreatedEvents{prefix + ports.OrderCreatedTopic, schema, binary.BigEndian.AppendUint32([]byte{0}, uint32(id))}, nil
}

// Record makes the record of an order for an item. Its event id is the order's.
func (c *CreatedEvents) Record(order string, item CreatedItem) (*kgo.Record, error) {
	value, err := c.schema.AppendEncode(c.header[:len(c.header):len(c.header)], created{
		EventID: order, OrderID: order, OccurredAt: time.Now(), Items: []CreatedItem{item},
	})
	if err != nil {
		return nil, err
	}
	return &kgo.Record{Topic: c.topic, Key: []byte(order), Value: value}, nil
}

package ports

import (
	"context"
	"errors"
	"time"
)

// Topics that order events come in on, without the deployment's prefix. Source: spec S4.
const (
	OrderCreatedTopic     = "order.created.v1"
	OrderCancelledTopic   = "order.cancelled.v1"
	FulfilmentPickedTopic = "fulfillment.picked.v1"
)

// DeadLetterSuffix comes after a topic's name in that of its dead letters.
const DeadLetterSuffix = ".dlq"

// OrderEventTopics lists the topics of order events.
func OrderEventTopics() []string {
	return []string{OrderCreatedTopic, OrderCancelledTopic, FulfilmentPickedTopic}
}

// OrderEvent is an OrderCreated, OrderCancelled or FulfilmentPicked, as it was decoded:
// its values are still to be checked.
type OrderEvent interface {
	// About returns the order id that the event names.
	About() string
}

// OrderCreated asks to hold stock for an order.
type OrderCreated struct {
	EventID    string
	OrderID    string
	OccurredAt time.Time
	Region     string // empty: the deployment's default
	TTLSeconds *int64 // nil: the deployment's
	Items      []OrderItem
}

// OrderCancelled says that an order will not be picked.
type OrderCancelled struct {
	EventID    string
	OrderID    string
	OccurredAt time.Time
	Reason     string // PAYMENT_FAILED, or text for people, or empty
}

// FulfilmentPicked says that an order's goods have left.
type FulfilmentPicked struct {
	EventID     string
	OrderID     string
	OccurredAt  time.Time
	WarehouseID string      // empty: all warehouses
	Items       []OrderItem // empty: all that was held; their WarehouseID is empty
}

// OrderItem is a number of units of a SKU; WarehouseID is empty where none is named.
type OrderItem struct {
	SKU         string
	Quantity    int64
	WarehouseID string
}

// About implements OrderEvent.
func (e OrderCreated) About() string { return e.OrderID }

// About implements OrderEvent.
func (e OrderCancelled) About() string { return e.OrderID }

// About implements OrderEvent.
func (e FulfilmentPicked) About() string { return e.OrderID }

// Why a record is no order event: it never will be one, and goes to the dead letters.
var (
	// ErrUnreadable: its bytes are not in the wire format, or not what its schema says.
	ErrUnreadable = errors.New("unreadable record")
	// ErrUnknownSchema: the registry does not know the schema of its id for this topic.
	ErrUnknownSchema = errors.New("unknown schema")
	// ErrIncompatibleSchema: its schema, or what the registry gives for it, can't be read as
	// the event of this topic.
	ErrIncompatibleSchema = errors.New("incompatible schema")
)

// OrderEventDecoder reads the value of a record of an order event topic.
type OrderEventDecoder interface {
	// Decode gives the event. topic is without prefix. Errors: ErrUnreadable,
	// ErrUnknownSchema, ErrIncompatibleSchema; ErrTransient where the registry has to be asked
	// about the schema and can't be: the same record may be read later. It may take as long
	// as asking the registry does.
	Decode(ctx context.Context, topic string, value []byte) (OrderEvent, error)
}

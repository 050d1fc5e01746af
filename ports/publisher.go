package ports

import (
	"context"
	"time"

	"inventory/domain/ledger"
)

// Publisher publishes what a relay tells the world.
type Publisher interface {
	// Publish publishes events of one ledger's relay, which are in the order in which they
	// happened. Durable on nil; after an error any of them may be published, and the call is
	// made again with the same events, or the first of them. Events with the same Key are published in order: the
	// first occurrences of OutcomeEvents even when calls fail, those of StockLevel and GlobalStock
	// unless calls fail (their Version tells which is newer). ErrPermanent where an event can't ever be
	// published as it is: a person has to see to it, and nothing after it is published.
	Publish(ctx context.Context, events []PublicEvent) error
}

// PublicEvent is one of the events of this file. The same event has the same ID, and but
// for Trace the same content, however often it is published. Source: spec S4.
type PublicEvent interface {
	// Topic is where it is published, without the deployment's prefix.
	Topic() string
	// Key is the record's: events with the same key keep their order.
	Key() string
	// Header has what every event has.
	Header() EventHeader
}

// EventHeader is what every public event has.
type EventHeader struct {
	ID         ledger.UUID
	OccurredAt time.Time // the entry's, to the millisecond
	Trace      string    // W3C traceparent of the command that caused it, may be empty
}

// Header implements PublicEvent.
func (h EventHeader) Header() EventHeader { return h }

// Topics of public events, without the deployment's prefix.
const (
	ReservedTopic    = "inventory.reserved.v1"
	RejectedTopic    = "inventory.rejected.v1"
	ConfirmedTopic   = "inventory.confirmed.v1"
	ReleasedTopic    = "inventory.released.v1"
	ExpiringTopic    = "inventory.expiring.v1"
	AdjustedTopic    = "inventory.adjusted.v1"
	StockLevelTopic  = "inventory.stock_level.v1"
	GlobalStockTopic = "inventory.global_stock.v1"
	ThresholdTopic   = "inventory.threshold.v1"
)

// PublicEventTopics lists the topics of public events.
func PublicEventTopics() []string {
	return []string{ReservedTopic, RejectedTopic, ConfirmedTopic, ReleasedTopic, ExpiringTopic, AdjustedTopic, StockLevelTopic, GlobalStockTopic, ThresholdTopic}
}

// PublicItem is a number of units of a SKU in a warehouse.
type PublicItem struct {
	SKU         string
	WarehouseID string
	Quantity    int64
}

// RejectedItem says what was asked of a SKU and what there was, in units.
type RejectedItem struct {
	SKU       string
	Requested int64
	Available int64
}

// Reserved says that stock is held for an order until TTLExpire.
type Reserved struct {
	EventHeader
	ReservationID ledger.UUID
	OrderID       string
	Items         []PublicItem
	TTLExpire     time.Time
}

// Rejected says that an order holds nothing and never will. Items are those there was not
// enough of.
type Rejected struct {
	EventHeader
	OrderID string
	Reason  string // INSUFFICIENT_STOCK, ALREADY_CANCELLED or INVALID_ORDER
	Detail  string // for people, may be empty
	Items   []RejectedItem
}

// Confirmed says that an order's goods have left.
type Confirmed struct {
	EventHeader
	ReservationID ledger.UUID
	OrderID       string
	Items         []PublicItem
	Late          bool // picked after the hold had ended
}

// Released says that what was held for an order is available again.
type Released struct {
	EventHeader
	ReservationID ledger.UUID
	OrderID       string
	Reason        string // spec S2.6
	Items         []PublicItem
}

// Expiring says that a hold ends soon, at TTLExpire, unless it is extended or picked.
type Expiring struct {
	EventHeader
	ReservationID ledger.UUID
	OrderID       string
	TTLExpire     time.Time
}

// DeadLetter is the record of a pick that was parked and can't be acted on: it goes to the
// dead letters as it came, and is no Avro event.
type DeadLetter struct {
	EventHeader
	OrderID string
	Letter  []byte // the record, as whoever took it in wrote it
	Code    string // why, as Detail says for people
	Detail  string
	Since   time.Time // it was parked
}

// Adjusted says that what is on hand changed other than by a pick. Quantities are units,
// after the change.
type Adjusted struct {
	EventHeader
	SKU            string
	WarehouseID    string
	AdjustmentType string
	QtyDelta       int64
	OnHand         int64
	Held           int64
	Short          int64
	Version        int64 // of the ledger's entry
	Actor          string
	Reason         string // may be empty, as Reference may
	Reference      string
}

// StockLevel is how much there is of a SKU in a warehouse after an entry of its ledger, in
// units.
type StockLevel struct {
	EventHeader
	SKU         string
	WarehouseID string
	Region      string
	OnHand      int64
	Held        int64
	Available   int64
	Version     int64 // of the ledger's entry: grows with each event of a key
}

// Threshold says that what is available of a SKU in a warehouse crossed its low mark, or came
// to nothing, with an entry of its ledger. Quantities are units, after the entry.
type Threshold struct {
	EventHeader
	SKU         string
	WarehouseID string
	Region      string
	Threshold   string // LOW, OUT or BACK
	LowMark     int64
	OnHand      int64
	Held        int64
	Available   int64
	Version     int64 // of the ledger's entry: grows with each event of a key
}

// GlobalStock is how much there is of a SKU in all warehouses of a region, in units. OccurredAt
// is when the newest change that is in it happened. It follows from StockLevels alone: other
// programs may publish it, too, as a Flink job does.
type GlobalStock struct {
	EventHeader
	SKU        string
	Region     string
	OnHand     int64 // each quantity is the sum of the warehouses'
	Held       int64
	Available  int64
	Version    int64  // the sum of the warehouses' newest: grows with each change
	Aggregator string // id of the aggregator that added it up; no part of the value
}

// Topic implements PublicEvent, as the other methods of this name do.
func (Reserved) Topic() string { return ReservedTopic }

// Key implements PublicEvent, as the other methods of this name do.
func (e Reserved) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (Rejected) Topic() string { return RejectedTopic }

// Key implements PublicEvent.
func (e Rejected) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (Confirmed) Topic() string { return ConfirmedTopic }

// Key implements PublicEvent.
func (e Confirmed) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (Released) Topic() string { return ReleasedTopic }

// Key implements PublicEvent.
func (e Released) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (Expiring) Topic() string { return ExpiringTopic }

// Key implements PublicEvent.
func (e Expiring) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (DeadLetter) Topic() string { return FulfilmentPickedTopic + DeadLetterSuffix }

// Key implements PublicEvent.
func (e DeadLetter) Key() string { return e.OrderID }

// Topic implements PublicEvent.
func (Adjusted) Topic() string { return AdjustedTopic }

// Key implements PublicEvent.
func (e Adjusted) Key() string { return e.SKU }

// Topic implements PublicEvent.
func (StockLevel) Topic() string { return StockLevelTopic }

// Key implements PublicEvent.
func (e StockLevel) Key() string { return e.SKU + ":" + e.WarehouseID }

// Topic implements PublicEvent.
func (Threshold) Topic() string { return ThresholdTopic }

// Key implements PublicEvent.
func (e Threshold) Key() string { return e.SKU + ":" + e.WarehouseID }

// Topic implements PublicEvent.
func (GlobalStock) Topic() string { return GlobalStockTopic }

// Key implements PublicEvent.
func (e GlobalStock) Key() string { return e.SKU + ":" + e.Region }

// PublicEventEncoder gives the record values of public events.
type PublicEventEncoder interface {
	// Encode gives the value. ErrTransient where the registry has to be asked for the id of
	// the schema and can't be, or does not have the schema yet; ErrPermanent where the event
	// does not fit the schema.
	Encode(ctx context.Context, e PublicEvent) ([]byte, error)
}

// SchemaRegistry keeps the schemas of records. Subjects are `<topic>-value`, the topic with
// the deployment's prefix.
type SchemaRegistry interface {
	// ByID returns the schema with an id, and whether it is one of the subject's. A subject
	// or an id that the registry does not know: ErrUnknownSchema. ErrTransient where it can't
	// be asked; ErrIncompatibleSchema where its answer makes no sense.
	ByID(ctx context.Context, subject string, id int) (schema string, err error)
	// IDOf returns the id that a subject has a schema under. ErrUnknownSchema where it has
	// not; ErrTransient where the registry can't be asked.
	IDOf(ctx context.Context, subject, schema string) (id int, err error)
	// Register gives the subject the compatibility mode FULL_TRANSITIVE and the schema, and
	// returns its id. Idempotent. ErrIncompatibleSchema where the registry refuses it.
	Register(ctx context.Context, subject, schema string) (id int, err error)
}

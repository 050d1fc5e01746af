package ports

import (
	"context"
	"time"

	"inventory/domain/ledger"
)

// Tables takes the rows that a relay derives from journal entries.
type Tables interface {
	// Write stores all rows of one ledger's relay: durable on nil; after an error any part
	// may be stored. It is idempotent, and rows may come again in any later order: of two
	// rows with the same key the one with the later time stays (each row's own time is the
	// write's). Rows of one call have different keys.
	Write(ctx context.Context, rows Rows) error
}

// Rows is what a relay writes at once.
type Rows struct {
	Events       []EventRow
	Levels       []LevelRow
	Reservations []ReservationRow
	Adjustments  []AdjustmentRow
	Outbox       []OutboxRow
}

// Len is the number of rows.
func (r Rows) Len() int {
	return len(r.Events) + len(r.Levels) + len(r.Reservations) + len(r.Adjustments) + len(r.Outbox)
}

// EventRow is a row of inventory.events: one change of stock or, where publishing is left to
// capture, one event of an order. Source: design, "Relay".
type EventRow struct {
	EventID     ledger.UUID
	SKU         string
	WarehouseID string
	EventType   string // HELD, RELEASED, CONFIRMED, ADJUSTED, CORRECTED, MARKED; of an order's event its topic
	Quantity    int64  // units, signed where ADJUSTED or CORRECTED; fits 32 bits
	Source      string
	OccurredAt  time.Time // the entry's, to the millisecond
	Metadata    string    // JSON
}

// LevelRow is a row of inventory.stock_level: one SKU in one warehouse in one ISO week,
// as it stands after the entry Version. Quantities are units.
type LevelRow struct {
	SKU         string
	WarehouseID string
	ISOWeek     string // "2026-W48"
	Opening     int64
	Received    int64
	Adjusted    int64
	Picked      int64
	OnHand      int64
	Held        int64
	Version     int64
	At          time.Time // the entry's
}

// ReservationRow is a row of inventory.reservation: an order whole, after the entry
// Version. It expires the table's time to live after it was written last.
type ReservationRow struct {
	ReservationID ledger.UUID
	OrderID       string
	Status        string
	Items         string    // JSON, for people
	ExpiresAt     time.Time // zero where nothing was held
	Version       int64
	At            time.Time // the entry's
	Body          []byte    // the record whole, for Archive.Recall
}

// AdjustmentRow is a row of inventory.adjustment: what an Idempotency-Key did. It expires
// after seven days.
type AdjustmentRow struct {
	ID     ledger.UUID // of ledger, actor and key
	Ledger ledger.ID
	Actor  string
	Key    string
	At     time.Time // the entry's
	Body   []byte    // the record whole, for Archive.Recall
}

// Archive gives back records that a ledger has forgotten.
type Archive interface {
	// Recall looks up, at once, the bodies of the rows that were written for a ledger of
	// this kind: reservations by reservation id, or adjustments by id. A key without a row
	// is absent from the result. It sees every row whose Write has returned.
	Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error)
}

// Books reads the derived tables back, for queries and for reconciliation. It may be a
// little old.
type Books interface {
	// Events calls take for each row of a SKU in a warehouse that occurred at or before
	// upto, newest first (in no order those of the same time), and stops at the first error
	// of take, which it returns. It reads little more than what take has seen.
	Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(EventRow) error) error
	// EventsBetween is Events of the rows that occurred after one time, and at or before upto.
	EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(EventRow) error) error
	// Levels returns the rows of a SKU in a warehouse, newest week first, at most limit.
	Levels(ctx context.Context, sku, warehouseID string, limit int) ([]LevelRow, error)
	// Reservation returns the row of a reservation; ok is false where there is none.
	Reservation(ctx context.Context, id ledger.UUID) (row ReservationRow, ok bool, err error)
}

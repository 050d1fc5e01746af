package ports

import (
	"context"
	"time"

	"inventory/domain/ledger"
)

// OutboxRow is a row of inventory.outbox: what a ledger's relay appended to inventory.events
// for others to publish. All public events of the entries First to Last are in rows of Parts,
// and those rows occurred from Since to Until. It is written after them.
type OutboxRow struct {
	Ledger ledger.ID
	First  int64 // version of an entry; there may be no event of it
	Last   int64 // version of the newest entry that has any
	Since  time.Time
	Until  time.Time
	Parts  []OutboxPart
}

// OutboxPart is a partition of inventory.events.
type OutboxPart struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
}

// Outbox says what relays left to be published, ledger by ledger. Rows come in by
// Tables.Write.
type Outbox interface {
	// Pending returns rows of a ledger whose Last is above a version, by Last and then by
	// First, at most limit. It sees every row whose Write has returned before the call.
	Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]OutboxRow, error)
	// Published returns the version up to which all public events of a ledger's entries are
	// published, as it was noted last; 0 where it never was. It may be too low, never too
	// high.
	Published(ctx context.Context, id ledger.ID) (int64, error)
	// NotePublished notes that version, and removes the rows whose Last is not above it.
	// Idempotent; of notes that are made at once any may stay.
	NotePublished(ctx context.Context, id ledger.ID, version int64) error
}

package ports

import (
	"context"
	"time"

	"inventory/domain/ledger"
)

// PublishedLevel is a record of the topic of stock levels. Level is nil where the record
// deletes its key, or can't be read, for which Err is the reason.
type PublishedLevel struct {
	Key       string // as StockLevel.Key gives it
	Partition int32
	Level     *StockLevel // its header's ID and Trace are empty
	Err       error
}

// LevelTopic reads the topic of stock levels back: what anybody learns who starts to read
// it now.
type LevelTopic interface {
	// Read hands over what came since the last call, or all there is the first time, up to
	// what the topic has when it is called; that includes all whose Publish has returned. The
	// records of a partition come in order. After an error it may be called again and goes
	// on where it was. One call at a time. ErrTransient where the brokers can't be reached.
	Read(ctx context.Context, take func(PublishedLevel)) error
}

// StockLevelDecoder reads the value of a record of the topic of stock levels.
type StockLevelDecoder interface {
	// DecodeLevel gives the level. Errors: as of OrderEventDecoder.
	DecodeLevel(ctx context.Context, value []byte) (StockLevel, error)
}

// The kinds of differences.
const (
	DifferentMemory     = "memory"      // an owner's memory and its journal
	DifferentInvariants = "invariants"  // a ledger in itself
	DifferentEvents     = "events"      // inventory.events and the journal
	DifferentLevelRow   = "level_row"   // inventory.stock_level and the journal
	DifferentOrderRow   = "order_row"   // inventory.reservation and the journal
	DifferentHolds      = "holds"       // what stock ledgers hold and the orders
	DifferentTopic      = "level_topic" // inventory.stock_level.v1 and the journal
)

// DifferenceKinds lists them.
func DifferenceKinds() []string {
	return []string{
		DifferentMemory, DifferentInvariants, DifferentEvents, DifferentLevelRow, DifferentOrderRow, DifferentHolds, DifferentTopic,
	}
}

// Audited says that the auditor has looked at everything that it looks at in one pass.
type Audited struct {
	At        time.Time
	Took      time.Duration
	Reads     int            // of the tables
	Different map[string]int // present differences, by kind
}

// AuditTrouble says that a pass of the auditor could not be finished; the next one comes.
type AuditTrouble struct{ Err error }

// AuditStopped says that this process audits no more: it owns the ledgers no longer.
type AuditStopped struct{}

// DifferenceFound says that something is not what the journals say, and was so each time
// that it was looked at. It is told once, when it appears.
type DifferenceFound struct {
	Kind    string
	Ledger  ledger.ID
	Subject string // "sku SKU-1", "order o-1", …
	What    string
	Journal string // what follows from the journal
	Found   string
}

// DifferenceGone says that a difference that was told is there no more.
type DifferenceGone struct {
	Kind    string
	Ledger  ledger.ID
	Subject string
	What    string
}

// LevelRepublished says that the topic of stock levels did not have the newest level, and
// that it was published again.
type LevelRepublished struct {
	Ledger      ledger.ID
	SKU         string
	WarehouseID string
	Version     int64
	Found       string // what the topic had
}

// Repaired says that a labelled correction was made. Err is nil where it succeeded.
type Repaired struct {
	Kind    string
	Ledger  ledger.ID
	Subject string
	Step    string // what was done
	Actor   string
	Reason  string
	Err     error
}

func (Audited) event()          {}
func (AuditTrouble) event()     {}
func (AuditStopped) event()     {}
func (DifferenceFound) event()  {}
func (DifferenceGone) event()   {}
func (LevelRepublished) event() {}
func (Repaired) event()         {}

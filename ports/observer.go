package ports

import (
	"time"

	"inventory/domain/ledger"
)

// Observer is told what happens; logs, metrics and tests are made of it. Observe returns
// at once and may be called from many goroutines.
type Observer interface {
	Observe(Event)
}

// Event is one of the types of this file.
type Event interface{ event() }

// Committed says that an entry is durable.
type Committed struct {
	Ledger   ledger.ID
	Version  int64
	Commands int
	Changes  int
	Bytes    int
	Took     time.Duration
}

// CommitTrouble says that a write failed or its outcome is unknown; it will be made again.
type CommitTrouble struct {
	Ledger  ledger.ID
	Version int64
	Try     int
	Err     error
}

// TookOver says that this process owns the ledger from now on.
type TookOver struct {
	Ledger  ledger.ID
	Epoch   int64
	Version int64
	Entries int // replayed after the snapshot
	Took    time.Duration
}

// Lost says that this process owns the ledger no longer. Err is nil where it was given up.
type Lost struct {
	Ledger ledger.ID
	Epoch  int64
	Err    error
}

// Refused says that a command could not be decided at all, because a change of it would
// have broken an invariant. This is a defect, not bad input.
type Refused struct {
	Ledger ledger.ID
	Err    error
}

// RelayTrouble says that rows of entries up to Version could not be written; they will be
// written again.
type RelayTrouble struct {
	Ledger  ledger.ID
	Version int64
	Err     error
}

// SnapshotTaken says that a snapshot is stored and old entries are trimmed.
type SnapshotTaken struct {
	Ledger  ledger.ID
	Version int64
	Bytes   int
	Took    time.Duration
}

// SnapshotTrouble says that a snapshot could not be stored; a later one will be.
type SnapshotTrouble struct {
	Ledger ledger.ID
	Err    error
}

// DirectoryTrouble says that warehouses that other processes added could not be looked
// for.
type DirectoryTrouble struct{ Err error }

// What an OrderDecided is about.
const (
	ReserveCommand = "reserve"
	ReleaseCommand = "release"
	ConfirmCommand = "confirm"
	ExtendCommand  = "extend"
)

// The ways that a command comes in.
const (
	ViaHTTP  = "http"
	ViaKafka = "kafka"
	ViaScan  = "scan"  // a stream of scans
	ViaOther = "other" // such as the command line
)

// ParkedOutcome is the Outcome of a confirm whose order was never seen: it is waited for.
const ParkedOutcome = "PARKED"

// OrderDecided says what became of a command about an order. A command that is asked again
// is told again.
type OrderDecided struct {
	Command       string // one of the constants above, as Via is
	Via           string
	Outcome       string // the order's status as the API writes it, or a failure's code
	Reason        string // of a rejection, else empty
	Repeated      bool   // a reserve of an order that had its outcome before
	OrderID       string // as it was asked; empty where only ReservationID was given
	ReservationID ledger.UUID
	Trace         string // W3C traceparent, may be empty
	// Took is the time from intake to the outcome. Of an order event's reserve, whose outcome
	// comes after its answer, it counts from when the order was planned.
	Took time.Duration
}

// AdjustmentMade is the Outcome of an AdjustmentDecided that succeeded.
const AdjustmentMade = "MADE"

// AdjustmentDecided says what became of an adjustment. One that is asked again is told
// again. What was asked is as it came from outside, checked or not.
type AdjustmentDecided struct {
	Type        string
	Via         string // as of OrderDecided
	Outcome     string // AdjustmentMade or a failure's code
	SKU         string
	WarehouseID string
	Actor       string
	Trace       string // W3C traceparent, may be empty
	Took        time.Duration
}

// PickBuried says that a pick that was parked can't be acted on, and goes to the dead
// letters.
type PickBuried struct {
	Ledger  ledger.ID
	OrderID string
	Code    string // a failure's
	Detail  string
}

// HoldsExpired says that an entry ended orders whose hold had lapsed.
type HoldsExpired struct {
	Ledger ledger.ID
	Late   []time.Duration // of each order, at least one: from the end of its hold to now
}

// ClockCompared says what a comparison with the store's clock gave. A process whose clock is
// not trusted owns nothing.
type ClockCompared struct {
	Offset  time.Duration // of this process's clock to the store's, more than 0: ahead
	Trusted bool
	Err     error // why it is not trusted, or why it could not be compared this time
}

func (Committed) event()         {}
func (CommitTrouble) event()     {}
func (TookOver) event()          {}
func (Lost) event()              {}
func (Refused) event()           {}
func (RelayTrouble) event()      {}
func (SnapshotTaken) event()     {}
func (SnapshotTrouble) event()   {}
func (DirectoryTrouble) event()  {}
func (OrderDecided) event()      {}
func (AdjustmentDecided) event() {}
func (HoldsExpired) event()      {}
func (PickBuried) event()        {}
func (ClockCompared) event()     {}

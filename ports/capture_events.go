package ports

import (
	"time"

	"inventory/domain/ledger"
)

// What publishes an event that its relay left to capture.
const (
	ByCapture = "capture"
	ByTable   = "table" // it was read from inventory.events: capture was late with it, or lost it
)

// CapturePublished says that events were published that their relay had left to capture.
type CapturePublished struct {
	Ledger ledger.ID
	By     string // one of the constants above
	Events int
	Oldest time.Duration // age of the oldest of them, from its entry
}

// CaptureRepeated says that capture brought rows again that are published.
type CaptureRepeated struct{ Rows int }

// CaptureDropped says that rows came too far ahead of what was missing to be kept: they are
// read from inventory.events when their turn comes.
type CaptureDropped struct{ Rows int }

// CaptureStands says how far publishing is, now and then, while this process does it.
type CaptureStands struct {
	Pending int           // rows of the outbox that were looked at and are not published whole
	Lag     time.Duration // age of the oldest of what they stand for; 0 where nothing is pending
}

// CaptureLed says that this process publishes what is left to capture from now on, or that
// it does no longer.
type CaptureLed struct{ Leads bool }

// CaptureTrouble says what failed and will be done again. Ledger is empty where it concerns
// all.
type CaptureTrouble struct {
	Ledger ledger.ID
	Err    error
}

func (CapturePublished) event() {}
func (CaptureRepeated) event()  {}
func (CaptureDropped) event()   {}
func (CaptureStands) event()    {}
func (CaptureLed) event()       {}
func (CaptureTrouble) event()   {}

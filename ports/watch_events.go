package ports

import (
	"time"

	"inventory/domain/ledger"
)

// WatchBegan says that somebody watches a warehouse; Resumed: from a revision.
type WatchBegan struct{ Resumed bool }

// WatchEnded says that a watch is over. Each that began ends once.
type WatchEnded struct{ Outcome string } // one of the constants below

// What ends a watch.
const (
	WatchLeft       = "left"         // the watcher went
	WatchBehind     = "behind"       // it was too slow, or this process was cut off from the journal
	WatchOutOfRange = "out_of_range" // its revision is not kept any more
	WatchClosing    = "closing"      // this process ended
	WatchFailed     = "failed"       // the journal could not be read
)

// WatchOutcomes lists what can end a watch.
func WatchOutcomes() []string {
	return []string{WatchLeft, WatchBehind, WatchOutOfRange, WatchClosing, WatchFailed}
}

// WatchTold says that a watcher is told of changes.
type WatchTold struct {
	Changes int
	Delay   time.Duration // since the entry of the first one was made
}

// WatchTrouble says that a follower can't keep up with a ledger for now; it tries again.
type WatchTrouble struct {
	Ledger ledger.ID
	Err    error
}

func (WatchBegan) event()   {}
func (WatchEnded) event()   {}
func (WatchTold) event()    {}
func (WatchTrouble) event() {}

package ports

import "time"

// Clock tells the time and waits. The monotonic part of its times counts where durations
// are measured.
type Clock interface {
	Now() time.Time
	// NewTimer returns a timer that fires once after d; d ≤ 0 fires at once.
	NewTimer(d time.Duration) Timer
}

// Timer is a time.Timer behind an interface, with its semantics of Go 1.23 and later: no
// stale time is received after Reset or Stop.
type Timer interface {
	C() <-chan time.Time
	Reset(d time.Duration)
	Stop()
}

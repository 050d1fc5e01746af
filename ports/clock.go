package ports

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Clock tells the time and waits. The monotonic part of its times counts where durations
// are measured.
type Clock interface {
	Now() time.Time
	// NewTimer returns a timer that fires once after d; d ≤ 0 fires at once.
	NewTimer(d time.Duration) Timer
	// Steady is the time since some moment that never changes, on a clock that nobody sets. It
	// may stand still while the machine sleeps.
	Steady() time.Duration
}

// Timer is a time.Timer behind an interface, with its semantics of Go 1.23 and later: no
// stale time is received after Reset or Stop.
type Timer interface {
	C() <-chan time.Time
	Reset(d time.Duration)
	Stop()
}

// Sleep waits for d, not at all where it is 0 or less, and returns why ctx ended, if it has.
func Sleep(ctx context.Context, c Clock, d time.Duration) error { return SleepUnless(ctx, c, d, nil) }

// SleepUnless is Sleep that something received from wake ends early.
func SleepUnless(ctx context.Context, c Clock, d time.Duration, wake <-chan struct{}) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C():
	case <-wake:
	}
	return nil
}

// Lasting gives a context for what is to be done though ctx ended: it lasts for d, or until end is
// called, which has to be.
func Lasting(ctx context.Context, c Clock, d time.Duration) (lasting context.Context, end func()) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	var timing sync.WaitGroup
	timing.Go(func() {
		_ = SleepUnless(lasting, c, d, done)
		cancel()
	})
	return lasting, func() { close(done); timing.Wait() }
}

// ErrClock is of whatever is not done because this process's clock is off the store's, or
// was not compared with it.
var ErrClock = errors.New("this machine's clock is not trusted")

// StoreClock is the clock that all processes on a store go by.
type StoreClock interface {
	// Offset is how far this process's clock (Clock.Now) is ahead of the store's, below 0 where
	// it is behind, to within half a second. ErrTransient where that can't be told now.
	Offset(ctx context.Context) (time.Duration, error)
}

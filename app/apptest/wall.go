package apptest

import (
	"context"
	"sync/atomic"
	"time"

	"inventory/ports"
)

// skew is how far the clocks of a history's processes may be off the store's.
const skew = 100 * time.Millisecond

// wall is a process's clock, which may be set, and what the store, whose clock is right,
// makes of it. It is only ever set forward: the tests' times carry their steady part with
// them, which a clock that is really set back does not touch.
type wall struct {
	ports.Clock
	ahead atomic.Int64 // nanoseconds
}

// Now implements ports.Clock.
func (w *wall) Now() time.Time { return w.Clock.Now().Add(time.Duration(w.ahead.Load())) }

// Offset implements ports.StoreClock.
func (w *wall) Offset(context.Context) (time.Duration, error) {
	return time.Duration(w.ahead.Load()), nil
}

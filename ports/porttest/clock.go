package porttest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"inventory/ports"
)

var _ ports.Clock = (*Clock)(nil)

// Clock is a ports.Clock that stands still until it is told to move on. It is safe for
// concurrent use. Make it with NewClock.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	steady  time.Duration
	armed   []*timer      // by due time; of the same time, in the order of arming
	changed chan struct{} // closed when armed changes
}

// NewClock returns a clock that says now until it is moved.
func NewClock(now time.Time) *Clock {
	return &Clock{now: now, changed: make(chan struct{})}
}

// Now implements ports.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Steady implements ports.Clock: it goes on with Advance.
func (c *Clock) Steady() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steady
}

// NewTimer implements ports.Clock.
func (c *Clock) NewTimer(d time.Duration) ports.Timer {
	t := &timer{clock: c, fired: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

// Advance moves the clock on by d. The timers that are due by then fire first, in order,
// each with its own due time; one that is armed in answer to them is armed at the new
// time, so where a loop arms its timer again and again, advance in steps and wait for it
// by WaitTimers.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.steady = c.now.Add(d), c.steady+d
	for len(c.armed) > 0 && !c.armed[0].due.After(c.now) {
		first := c.armed[0]
		c.disarm(first)
		first.fired <- first.due
	}
}

// Next returns how long it is until the next timer is due; ok is false where none is armed.
func (c *Clock) Next() (d time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.armed) == 0 {
		return 0, false
	}
	return c.armed[0].due.Sub(c.now), true
}

// WaitTimers returns once at least n timers are armed, or with the context's error.
func (c *Clock) WaitTimers(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		enough, changed := len(c.armed) >= n, c.changed
		c.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// arm puts a timer in its place; c.mu is held.
func (c *Clock) arm(t *timer) {
	i, _ := slices.BinarySearchFunc(c.armed, t, func(other, t *timer) int {
		return cmp.Or(other.due.Compare(t.due), -1) // behind those of the same time
	})
	c.armed = slices.Insert(c.armed, i, t)
	c.tell()
}

// disarm takes a timer out, if it is armed; c.mu is held.
func (c *Clock) disarm(t *timer) {
	if i := slices.Index(c.armed, t); i >= 0 {
		c.armed = slices.Delete(c.armed, i, i+1)
		c.tell()
	}
}

// tell wakes those who wait for armed to change; c.mu is held.
func (c *Clock) tell() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// timer is a ports.Timer of a Clock, whose lock guards it.
type timer struct {
	clock *Clock
	due   time.Time
	fired chan time.Time // holds the time from firing to receiving
}

// C implements ports.Timer.
func (t *timer) C() <-chan time.Time { return t.fired }

// Reset implements ports.Timer.
func (t *timer) Reset(d time.Duration) {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	t.clear()
	t.due = t.clock.now.Add(d)
	if d <= 0 {
		t.fired <- t.clock.now
		return
	}
	t.clock.arm(t)
}

// Stop implements ports.Timer.
func (t *timer) Stop() {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	t.clear()
}

// clear disarms the timer and takes back a time that nobody has received; the clock's
// lock is held.
func (t *timer) clear() {
	t.clock.disarm(t)
	select {
	case <-t.fired:
	default:
	}
}

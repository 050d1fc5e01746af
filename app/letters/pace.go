package letters

import (
	"context"
	"sync"
	"time"

	"inventory/ports"
)

// leastRate is the lowest rate of a job, in letters a second: a little under four an hour.
const leastRate = 0.001

// spell is how much of what was missed is made up for: so long a stall makes the letters of that
// time come at once, and no more than these.
const spell = 100 * time.Millisecond

// pace spreads letters over time. The moments of a rate are given out one by one, so that
// what a timer is late by does not add up.
type pace struct {
	clock ports.Clock
	each  time.Duration // 0: no limit
	mu    sync.Mutex
	next  time.Duration
}

func newPace(clock ports.Clock, rate float64) *pace {
	p := &pace{clock: clock, next: clock.Steady()}
	if rate > 0 {
		p.each = time.Duration(float64(time.Second) / rate)
	}
	return p
}

// wait waits for the next moment, or returns why ctx ended.
func (p *pace) wait(ctx context.Context) error {
	if p.each == 0 {
		return context.Cause(ctx)
	}
	p.mu.Lock()
	now := p.clock.Steady()
	at := max(p.next, now-spell)
	p.next = at + p.each
	p.mu.Unlock()
	return ports.Sleep(ctx, p.clock, at-now)
}

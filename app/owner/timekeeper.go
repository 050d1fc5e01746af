package owner

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inventory/ports"
)

// worstDrift is how much a clock that nobody sets may gain or lose, as a divisor of the time
// that passes: a crystal that is off by 500 millionths would be broken.
const worstDrift = 2000

// errNotCompared is why nothing is decided at first.
var errNotCompared = fmt.Errorf("%w: %w: it was not compared with the store's yet", ErrNotOwner, ports.ErrClock)

// timekeeper gives the time that decisions go by, as long as it is known to be right. Between
// two comparisons with the store's clock it knows what this process's clock has been set by,
// from a steady clock beside it: so no deadline is ever decided by a clock that was set
// forward a moment ago.
type timekeeper struct {
	clock    ports.Clock
	store    ports.StoreClock // nil: the store has no clock but this process's
	observer ports.Observer
	bound    time.Duration

	mu   sync.Mutex
	last *comparison // nil: none yet
}

// comparison is the newest one with the store's clock.
type comparison struct {
	reading
	offset time.Duration // of our clock to the store's
}

// reading is one look at both of our clocks.
type reading struct {
	wall   time.Time
	steady time.Duration
}

// setSince is what the clock has been set by since an earlier reading; more than 0: forward.
func (r reading) setSince(before reading) time.Duration {
	return r.wall.Sub(before.wall) - (r.steady - before.steady)
}

func (k *timekeeper) read() reading {
	steady := k.clock.Steady()
	return reading{k.clock.Now().Round(0), steady} // without its monotonic part, which nobody sets
}

// now gives the time, or an ErrClock.
func (k *timekeeper) now() (time.Time, error) {
	if k.store == nil {
		return k.clock.Now(), nil
	}
	r := k.read()
	_, err := k.judge(r)
	if err != nil { // a pause between the two clocks looks like one that was set: look again
		r = k.read()
		_, err = k.judge(r)
	}
	return r.wall, err
}

// trust is nil, or says why the clock is not trusted.
func (k *timekeeper) trust() error {
	_, err := k.now()
	return err
}

// judge estimates how far the clock is off, and says whether that is too far.
func (k *timekeeper) judge(r reading) (offset time.Duration, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil {
		return 0, errNotCompared
	}
	age := r.steady - k.last.steady
	offset = k.last.offset + r.setSince(k.last.reading)
	if offset.Abs() <= k.bound-age/worstDrift {
		return offset, nil
	}
	return offset, &clockError{offset: offset, bound: k.bound, age: age}
}

// compare compares the clock with the store's, and returns why it is not trusted, if it is not.
func (k *timekeeper) compare(ctx context.Context) error {
	if k.store == nil {
		return nil
	}
	failed := k.ask(ctx)
	offset, err := k.judge(k.read())
	if err != nil && failed != nil {
		err = fmt.Errorf("%w (comparing it again: %w)", err, failed)
	}
	if ctx.Err() == nil {
		k.observer.Observe(ports.ClockCompared{Offset: offset, Err: errors.Join(err, failed), Trusted: err == nil})
	}
	return err
}

// ask makes a new comparison, unless the clock was set meanwhile.
func (k *timekeeper) ask(ctx context.Context) error {
	before := k.read()
	offset, err := k.store.Offset(ctx)
	if err != nil {
		return fmt.Errorf("asking the store for the time: %w", err)
	}
	after := k.read()
	if set := after.setSince(before); set.Abs() > k.bound/10 {
		return fmt.Errorf("%w: it was set by %s while it was compared with the store's", ports.ErrClock, set)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = &comparison{after, offset}
	return nil
}

// clockError says by how much a clock is off.
type clockError struct{ offset, bound, age time.Duration }

func (e *clockError) Error() string {
	way := "ahead of"
	if e.offset < 0 {
		way = "behind"
	}
	off := e.offset.Abs().Round(time.Millisecond)
	if off <= e.bound {
		return fmt.Sprintf("%v: it was last compared with the store's %s ago, and may be more than %s off by now (by our own clocks it is %s %s)",
			ports.ErrClock, e.age.Round(time.Second), e.bound, off, way)
	}
	return fmt.Sprintf("%v: it is %s %s the store's, at most %s is allowed: synchronise it", ports.ErrClock, off, way, e.bound)
}

// Is makes it an ErrClock, and an ErrNotOwner: whoever has such a clock owns nothing.
func (e *clockError) Is(target error) bool { return target == ports.ErrClock || target == ErrNotOwner }

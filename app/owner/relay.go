package owner

import (
	"context"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// relayQueue brings committed entries, in order, from a ledger's loop to its relay: first
// they are published, then written.
type relayQueue struct {
	mu      sync.Mutex
	lag     int             // changes
	behind  int             // changes of the entries that are not relayed
	fresh   []*ledger.Entry // to be published
	telling int             // entries being published
	entries []*ledger.Entry // published, to be written
	busy    int             // entries being written, or written but for what is held back
	writing int             // their changes
	relayed int64           // version up to which all is published and written
	closing bool            // the ledger is being given up
	clock   ports.Clock
	moving  time.Time     // when something was published or written last, or was first to wait
	news    chan struct{} // has room for one sign, as the others have
	work    chan struct{}
	hurry   chan struct{} // enough waits to be written
	moved   chan struct{}
}

func newRelayQueue(lag int, relayed int64, clock ports.Clock) *relayQueue {
	return &relayQueue{
		lag: lag, relayed: relayed, clock: clock,
		news: make(chan struct{}, 1), work: make(chan struct{}, 1), hurry: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
}

func (q *relayQueue) add(entries ...*ledger.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting() == 0 {
		q.moving = q.clock.Now()
	}
	q.fresh = append(q.fresh, entries...)
	q.behind += changesOf(entries)
	sign(q.news)
}

// unpublished removes the first entries that wait to be published. After a backlog these
// are not all: their events take memory, and what is published can be written meanwhile.
func (q *relayQueue) unpublished() (taken []*ledger.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken, q.fresh = cut(q.fresh, withChanges(q.fresh, q.lag/16))
	q.telling = len(taken)
	if len(q.fresh) > 0 {
		sign(q.news)
	}
	return taken
}

func (q *relayQueue) published(entries []*ledger.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.telling, q.moving = 0, q.clock.Now()
	q.entries = append(q.entries, entries...)
	sign(q.work)
	if q.behind >= q.lag/2 {
		sign(q.hurry)
	}
}

// full tells whether the relay is so far behind that the ledger is to wait.
func (q *relayQueue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.behind >= q.lag
}

// stuckAfter is how long a relay rests whose entries nothing takes.
const stuckAfter = 10 * time.Second

// stuck tells for how long nothing has moved although the ledger waits for it, 0 where that
// is no trouble: a ledger under load waits for moments.
func (q *relayQueue) stuck() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if rests := q.clock.Now().Sub(q.moving); q.behind >= q.lag && rests >= stuckAfter {
		return rests
	}
	return 0
}

// waiting counts the entries that are not relayed; q.mu is held.
func (q *relayQueue) waiting() int { return len(q.fresh) + q.telling + len(q.entries) + q.busy }

// done is the version up to which all entries are written.
func (q *relayQueue) done() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.relayed
}

// take removes all entries that wait.
func (q *relayQueue) take() []*ledger.Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.entries
	q.entries, q.busy, q.writing = nil, q.busy+len(taken), q.writing+changesOf(taken)
	return taken
}

// pressed tells whether rows are to be written as fast as they can.
func (q *relayQueue) pressed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closing || q.behind >= q.lag/2
}

func (q *relayQueue) wrote(upto int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.behind -= q.writing
	q.busy, q.writing, q.relayed, q.moving = 0, 0, upto, q.clock.Now()
	sign(q.moved)
}

// publish publishes entries as they come, until ctx ends. What fails is published again:
// nothing is skipped.
func (q *relayQueue) publish(ctx context.Context, t *tenure, relay Relay) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.news:
		}
		entries := q.unpublished()
		if len(entries) == 0 {
			continue
		}
		upto := entries[len(entries)-1].Version
		if !q.try(ctx, t, upto, func() error { return relay.Publish(ctx, entries) }) {
			return
		}
		q.published(entries)
	}
}

// write writes published entries until ctx ends. What fails is written again. Some rows are
// held back while the ledger is busy.
func (q *relayQueue) write(ctx context.Context, t *tenure, relay Relay) {
	var written int64 // version up to which all but what is held back is written
	var since time.Time
	for ctx.Err() == nil {
		entries := q.next(ctx, t, written > 0)
		if len(entries) > 0 {
			if written == 0 {
				since = t.world.Clock.Now()
			}
			written = entries[len(entries)-1].Version
			if !q.try(ctx, t, written, func() error { return relay.Write(ctx, entries) }) {
				return
			}
		}
		if written > 0 && (len(entries) == 0 || q.heldEnough(t, since)) {
			if !q.try(ctx, t, written, func() error { return relay.Flush(ctx) }) {
				return
			}
			q.wrote(written)
			written = 0
		}
	}
}

// next waits for entries and lets some more gather: nobody waits for the tables, and rows
// cost much less in numbers. Where rows are held back, it gives up after a quiet moment.
func (q *relayQueue) next(ctx context.Context, t *tenure, holding bool) []*ledger.Entry {
	var quiet <-chan time.Time
	if holding {
		timer := t.world.Clock.NewTimer(2 * t.cfg.RelayLinger)
		defer timer.Stop()
		quiet = timer.C()
	}
	select {
	case <-ctx.Done():
		return nil
	case <-quiet:
	case <-q.work:
		q.linger(ctx, t)
	}
	return q.take()
}

// linger lets entries gather, for longer while deadlines wait: those who wait for stock that
// is given back wait for the journal, and what the store does for rows it does not do for that.
func (q *relayQueue) linger(ctx context.Context, t *tenure) {
	since := t.world.Clock.Now()
	for !q.pressed() {
		if ports.SleepUnless(ctx, t.world.Clock, t.cfg.RelayLinger, q.hurry) != nil { // write sees the end of ctx
			return
		}
		if !t.demand.deadlinesWait() || t.world.Clock.Now().Sub(since) >= t.cfg.HoldBack {
			return
		}
	}
}

// heldEnough tells whether what is held back since then is to be written now.
func (q *relayQueue) heldEnough(t *tenure, since time.Time) bool {
	return q.pressed() || t.world.Clock.Now().Sub(since) >= t.cfg.HoldBack
}

// try makes a write until it succeeds or ctx ends.
func (q *relayQueue) try(ctx context.Context, t *tenure, version int64, write func() error) (ok bool) {
	pause := newBackoff(t.world.Clock)
	for {
		err := write()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		t.world.Observer.Observe(ports.RelayTrouble{Ledger: t.id, Version: version, Err: err})
		if pause.wait(ctx) != nil {
			return false
		}
	}
}

// hasten has all written as fast as it can be, from now on.
func (q *relayQueue) hasten() {
	q.mu.Lock()
	q.closing = true
	q.mu.Unlock()
	sign(q.hurry)
	sign(q.work)
}

// drain waits until all is written or ctx ends. The loop must have stopped adding.
func (q *relayQueue) drain(ctx context.Context) {
	q.hasten()
	for q.pending() {
		select {
		case <-ctx.Done():
			return
		case <-q.moved:
		}
	}
}

func (q *relayQueue) pending() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.waiting() > 0
}

func sign(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

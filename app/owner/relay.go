package owner

import (
	"context"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// relayQueue brings committed entries, in order, from a ledger's loop to its relay.
type relayQueue struct {
	mu      sync.Mutex
	lag     int
	entries []*ledger.Entry
	busy    int           // entries being written, or written but for what is held back
	relayed int64         // version up to which all is written
	closing bool          // nothing is added any more
	work    chan struct{} // has room for one sign, as the others have
	hurry   chan struct{} // enough waits to be written
	moved   chan struct{}
}

func newRelayQueue(lag int, relayed int64) *relayQueue {
	return &relayQueue{
		lag: lag, relayed: relayed,
		work: make(chan struct{}, 1), hurry: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
}

func (q *relayQueue) add(entries ...*ledger.Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries = append(q.entries, entries...)
	sign(q.work)
	if len(q.entries) >= q.lag/2 {
		sign(q.hurry)
	}
}

// full tells whether the relay is so far behind that the ledger is to wait.
func (q *relayQueue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.entries)+q.busy >= q.lag
}

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
	q.entries, q.busy = nil, q.busy+len(taken)
	return taken
}

func (q *relayQueue) wrote(upto int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy, q.relayed = 0, upto
	sign(q.moved)
}

// run writes entries until ctx ends. What fails is written again: nothing is skipped. Some
// rows are held back while the ledger is busy.
func (q *relayQueue) run(ctx context.Context, t *tenure) {
	relay := t.world.Relay(t.id)
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

func (q *relayQueue) linger(ctx context.Context, t *tenure) {
	if t.cfg.RelayLinger <= 0 || q.hasEnough() {
		return
	}
	timer := t.world.Clock.NewTimer(t.cfg.RelayLinger)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C():
	case <-q.hurry:
	}
}

func (q *relayQueue) hasEnough() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closing || len(q.entries) >= q.lag/2
}

// heldEnough tells whether what is held back since then is to be written now.
func (q *relayQueue) heldEnough(t *tenure, since time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closing || q.busy >= q.lag/2 || t.world.Clock.Now().Sub(since) >= t.cfg.HoldBack
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

// drain waits until all is written or ctx ends. The loop must have stopped adding.
func (q *relayQueue) drain(ctx context.Context) {
	q.mu.Lock()
	q.closing = true
	q.mu.Unlock()
	sign(q.hurry)
	sign(q.work)
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
	return len(q.entries)+q.busy > 0
}

func sign(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

package owner

import (
	"sync/atomic"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// How long after a command a process counts as asked by callers, and after a deadline that had
// to wait for another entry as behind with them.
const (
	askedLately  = time.Second
	behindLately = 100 * time.Millisecond
)

// demand knows who waits for this process: deadlines leave room for callers, and rows can wait
// for both.
type demand struct {
	clock  ports.Clock
	asked  atomic.Pointer[time.Duration] // Clock.Steady of the last command; nil: none yet
	behind atomic.Pointer[time.Duration] // and when deadlines had to wait
}

func (d *demand) ask() { d.mark(&d.asked) }

func (d *demand) callersWait() bool { return d.lately(&d.asked, askedLately) }

func (d *demand) fallBehind() { d.mark(&d.behind) }

func (d *demand) deadlinesWait() bool { return d.lately(&d.behind, behindLately) }

func (d *demand) mark(at *atomic.Pointer[time.Duration]) {
	now := d.clock.Steady()
	at.Store(&now)
}

func (d *demand) lately(at *atomic.Pointer[time.Duration], within time.Duration) bool {
	last := at.Load()
	return last != nil && d.clock.Steady()-*last < within
}

// What callers leave to deadlines of a batch: half of it at most, and never nothing: the last
// hold ends, too, whatever else there is to do.
const (
	dueAtMost  = 2
	dueAtLeast = 32
	dueAtFirst = 8
)

// dueShare finds how many deadlines an entry may have while callers wait: so many that a commit
// takes, on average, up to slower times as long as without them. An order waits for three
// commits, one after the other; of a hundred orders the slowest takes some four times as long
// as most do, and is to take no more than twice that.
type dueShare struct {
	size  int           // deadlines; 0: none were decided yet
	quiet time.Duration // a commit without deadlines, on average
	busy  time.Duration // a commit with deadlines, lately
}

const slower = 4

// note takes in a commit. A share that is too large shrinks faster than one that is too small
// grows. Single commits tell little: any may have met a pause of the store.
func (s *dueShare) note(due int, took time.Duration, batch int) {
	switch {
	case due == 0:
		s.quiet += (took - s.quiet) / 16
		return
	case s.busy == 0:
		s.busy = took
	}
	s.busy += (took - s.busy) / 8
	switch {
	case s.busy > slower*s.quiet:
		s.size = max(batch/dueAtLeast, s.of(batch)*3/4, 1)
	case due >= s.of(batch):
		s.size = min(batch/dueAtMost, s.of(batch)*9/8+1)
	}
}

func (s *dueShare) of(batch int) int {
	if s.size == 0 {
		return max(1, batch/dueAtFirst)
	}
	return s.size
}

// due takes the deadlines of the next entry from the agenda.
func (t *tenure) due(now int64) []ledger.UUID {
	if at, ok := t.agenda.first(); !ok || at > now {
		return nil // as mostly: how many it might be need not be counted
	}
	keys := t.agenda.take(now, t.deadlines())
	if at, ok := t.agenda.first(); ok && at <= now {
		t.demand.fallBehind()
	}
	return keys
}

// deadlines is how many deadlines the next entry decides. A thousand holds that lapse at once
// would fill one entry after the other, each of which a caller would have to wait for. There
// are fewer where mail of more than a batch is under way to a ledger: new orders' mail has to
// wait behind it.
func (t *tenure) deadlines() int {
	if !t.demand.callersWait() {
		return t.cfg.Batch
	}
	least := max(1, t.cfg.Batch/dueAtLeast)
	var under int64 // way to the peer that is furthest behind
	for _, peer := range t.state.Post().Peers() {
		under = max(under, t.state.Post().Peer(peer).Sent-t.ackedBy(peer))
	}
	return max(least, min(t.dueShare.of(t.cfg.Batch), 2*t.cfg.Batch-int(under)))
}

// changesOf counts the changes of entries, and an entry at least as one.
func changesOf(entries []*ledger.Entry) (n int) {
	for _, e := range entries {
		n += max(1, len(e.Changes))
	}
	return n
}

// withChanges is the number of the first entries that have n changes, 1 at least where there
// is one.
func withChanges(entries []*ledger.Entry, n int) (first int) {
	for first < len(entries) && n > 0 {
		n -= changesOf(entries[first : first+1])
		first++
	}
	return first
}

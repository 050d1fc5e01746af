package watch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// follower keeps up with one ledger, whoever owns it.
type follower struct {
	inbox
	h  *Hub
	id ledger.ID

	holders int       // watches; h.mu guards it, as the next
	left    time.Time // when a watch ended last

	mu       sync.Mutex
	built    chan struct{} // closed when there is something to tell
	levels   map[stock.SKU]Level
	ring     ring
	asOf     time.Time       // all that was durable then is in the ring
	snapshot *Snapshot       // the last one that was made
	made     time.Time       // when
	shared   map[int64]*Span // by From: those that watches of all SKUs are told now
	watchers map[*Watcher]struct{}
}

func newFollower(h *Hub, id ledger.ID) *follower {
	return &follower{inbox: newInbox(), h: h, id: id, built: make(chan struct{}), shared: map[int64]*Span{}, watchers: map[*Watcher]struct{}{}}
}

// run follows the ledger until ctx ends or nobody watches it.
func (f *follower) run(ctx context.Context) {
	clock, cfg := f.h.w.Ledgers.Clock, f.h.cfg
	looked := clock.Now().Add(-cfg.Poll)
	for {
		began, before := clock.Now(), f.version()
		look := began.Sub(looked) >= cfg.Poll
		if look {
			looked = began
		}
		if err := f.keepUp(ctx, look); err != nil && ctx.Err() == nil {
			f.h.observe(ports.WatchTrouble{Ledger: f.id, Err: err})
		}
		if f.version() != before {
			f.tell()
			if ports.Sleep(ctx, clock, cfg.Gather) != nil {
				return
			}
		}
		if ports.SleepUnless(ctx, clock, max(time.Millisecond, cfg.Poll-clock.Now().Sub(looked)), f.wake) != nil || f.h.retire(f) {
			return
		}
	}
}

func (f *follower) version() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ring.upto()
}

// keepUp takes in what there is of the ledger. look says whether to look for more than what
// this process committed itself.
func (f *follower) keepUp(ctx context.Context, look bool) error {
	began := f.h.now()
	if f.levels == nil {
		if err := f.build(ctx); err != nil {
			return err
		}
	}
	newest, sure := f.h.newest(f.id) // before the entries are taken, which then are no older
	entries, nudged := f.take()
	gap := false
	for _, e := range entries {
		gap = !f.add(e)
	}
	if !gap && !nudged && !look {
		return nil
	}
	if !sure {
		head, err := f.h.w.Ledgers.Journal.Head(ctx, f.id)
		if err != nil {
			return fmt.Errorf("looking for more of %s: %w", f.id, err)
		}
		newest = head.Version
	}
	if err := f.read(ctx, newest); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ring.upto() >= newest {
		f.asOf = began
	}
	return nil
}

// read takes in entries from the store. Where they are trimmed the follower begins anew, and
// who watches it has to go on from elsewhere.
func (f *follower) read(ctx context.Context, upto int64) error {
	at := f.version()
	if at >= upto {
		return nil
	}
	err := f.h.entries(ctx, f.id, at, upto, func(e *ledger.Entry) error { f.add(e); return nil })
	if ports.ClassOf(err) == ports.Permanent {
		return f.build(ctx)
	}
	return err
}

// build begins anew, with the levels as some entry left them.
func (f *follower) build(ctx context.Context) error {
	began := f.h.now()
	levels, version, err := f.h.state(ctx, f.id)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.levels == nil {
		close(f.built)
	}
	f.levels, f.ring, f.snapshot, f.asOf = levels, ring{from: version}, nil, began
	clear(f.shared)
	return nil
}

// add takes in an entry; false where those before it are missing.
func (f *follower) add(e *ledger.Entry) bool {
	changes := changesOf(e)
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.ring.upto()
	if e.Version > at+1 {
		return false
	}
	if e.Version <= at {
		return true
	}
	for _, c := range changes {
		f.levels[c.After.SKU] = c.After
	}
	f.ring.add(changes, f.h.cfg.Recent)
	clear(f.shared)
	return true
}

// tell wakes all watchers.
func (f *follower) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for w := range f.watchers {
		sign(w.wake)
	}
}

// join lets a watcher be woken, leave ends that.
func (f *follower) join(w *Watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers[w] = struct{}{}
}

func (f *follower) leave(w *Watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
}

// freshFor is how long watches that begin share a snapshot while there are changes: so few are
// in memory however many begin at once, and however slowly they read.
const freshFor = 100 * time.Millisecond

// shoot gives a snapshot from which the ring goes on.
func (f *follower) shoot() *Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.h.now()
	s := f.snapshot
	switch {
	case s == nil || s.Version < f.ring.from:
	case s.Version == f.ring.upto():
		return &Snapshot{Version: s.Version, AsOf: f.asOf, Levels: s.Levels}
	case now.Sub(f.made) < freshFor:
		return s
	}
	levels := slices.SortedFunc(maps.Values(f.levels), func(a, b Level) int { return cmp.Compare(a.SKU, b.SKU) })
	f.snapshot, f.made = &Snapshot{Version: f.ring.upto(), AsOf: f.asOf, Levels: levels}, now
	return f.snapshot
}

// mostShared bounds the spans that are kept to be shared. Watches are at few places: those that
// keep up are all at one, and others where they were told of something last.
const mostShared = 64

// since gives what changed after an entry; ok is false where that is not in memory any more.
func (f *follower) since(after int64, wanted map[stock.SKU]bool) (s *Span, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s = f.shared[after]; s == nil {
		if s, ok = f.ring.since(after, most); !ok {
			return nil, false
		}
		if len(f.shared) < mostShared {
			f.shared[after] = s
		}
	}
	return s.only(wanted), true
}

// oldest is the version after which changes are in memory.
func (f *follower) oldest() (from, upto int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ring.from, f.ring.upto()
}

func (f *follower) freshness() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asOf
}

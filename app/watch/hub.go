package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// Config bounds what watches cost.
type Config struct {
	// Watches bounds the watches of this process.
	Watches int
	// Recent bounds what is remembered of each ledger that is watched: changes, and entries.
	Recent int
	// Gather is the least time between two times that watchers are told: what changes meanwhile
	// is told together.
	Gather time.Duration
	// Poll is how often the journal of a ledger is looked at that another process owns.
	Poll time.Duration
	// Heartbeat is how long a watch may be silent.
	Heartbeat time.Duration
	// Patience is how long a watch waits for what its revision says there is.
	Patience time.Duration
	// Linger is how long a ledger is followed that nobody watches any more: most come back.
	Linger time.Duration
	// Readers bounds the watches that read what they missed from the store at once.
	Readers int
}

// DefaultConfig has the values for production. What is remembered of a ledger takes some 10 MB
// at most.
func DefaultConfig() Config {
	return Config{
		Watches: 10_000, Recent: 32 << 10, Gather: 20 * time.Millisecond, Poll: 100 * time.Millisecond,
		Heartbeat: 5 * time.Second, Patience: 2 * time.Second, Linger: 30 * time.Second, Readers: 4,
	}
}

// most bounds the changes that are told together, and part the levels.
const (
	most = 1000
	part = 1000
)

// Owners is what a Hub needs of an owner.Host, whose methods say what they do.
type Owners interface {
	Glance(id ledger.ID, see func(ledger.Machine, ledger.Stamp)) (owned bool)
	Sure(ledger.ID) bool
}

// World is what a Hub needs of its surroundings.
type World struct {
	Ledgers owner.World // for reading journals, the clock and the observer
	Owners  Owners
}

// Hub has the watches of this process, and followers of the ledgers that they are of.
type Hub struct {
	cfg     Config
	w       World
	readers chan struct{} // has a token for each watch that reads from the store
	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup

	mu        sync.RWMutex
	followers map[ledger.ID]*follower
	watches   int
}

// New makes a hub that follows nothing. Close it.
func New(cfg Config, w World) *Hub {
	ctx, end := context.WithCancel(context.Background())
	return &Hub{cfg: cfg, w: w, readers: make(chan struct{}, cfg.Readers), ctx: ctx, end: end, followers: map[ledger.ID]*follower{}}
}

// End ends all watches with ErrClosing, and takes no other.
func (h *Hub) End() { h.end() }

// Close is End, and waits until nothing is followed any more.
func (h *Hub) Close() {
	h.end()
	h.running.Wait()
}

// Note takes in an entry that this process committed. It returns at once: a ledger's owner
// calls it.
func (h *Hub) Note(id ledger.ID, e *ledger.Entry) {
	if f := h.follower(id); f != nil {
		f.push(e)
	}
}

// Nudge says that a ledger that another process owns has changed. It returns at once.
func (h *Hub) Nudge(id ledger.ID) {
	if f := h.follower(id); f != nil {
		f.nudge()
	}
}

func (h *Hub) follower(id ledger.ID) *follower {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.followers[id]
}

// hold has ledgers followed until release, for one watch.
func (h *Hub) hold(ids []ledger.ID) ([]*follower, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ctx.Err() != nil:
		return nil, ErrClosing
	case h.watches >= h.cfg.Watches:
		return nil, fmt.Errorf("%w: %d", ErrCrowded, h.cfg.Watches)
	}
	h.watches++
	held := make([]*follower, 0, len(ids))
	for _, id := range ids {
		f := h.followers[id]
		if f == nil {
			f = newFollower(h, id)
			h.followers[id] = f
			h.running.Go(func() { f.run(h.ctx) })
		}
		f.holders++
		held = append(held, f)
	}
	return held, nil
}

func (h *Hub) release(held []*follower) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches--
	for _, f := range held {
		f.holders--
		f.left = h.now()
	}
}

// retire forgets a follower that nobody has watched for a while; false where somebody does.
func (h *Hub) retire(f *follower) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.holders > 0 || h.now().Sub(f.left) < h.cfg.Linger {
		return false
	}
	delete(h.followers, f.id)
	return true
}

func (h *Hub) now() time.Time { return h.w.Ledgers.Clock.Now() }

func (h *Hub) observe(e ports.Event) { h.w.Ledgers.Observer.Observe(e) }

// newest is the version of a ledger's newest entry, where this process is sure to own it.
func (h *Hub) newest(id ledger.ID) (version int64, sure bool) {
	owned := h.w.Owners.Glance(id, func(_ ledger.Machine, at ledger.Stamp) { version = at.Version })
	return version, owned && h.w.Owners.Sure(id)
}

// state reads a ledger's levels: from its owner's memory, if that is this process, or from the
// store. In both they are what some entry left.
func (h *Hub) state(ctx context.Context, id ledger.ID) (levels map[stock.SKU]Level, version int64, err error) {
	if h.w.Owners.Glance(id, func(m ledger.Machine, at ledger.Stamp) { levels, version = levelsOf(m), at.Version }) {
		return levels, version, nil
	}
	for range rebuildTries {
		head, err := h.w.Ledgers.Journal.Head(ctx, id)
		if err != nil {
			return nil, 0, err
		}
		m, at, err := h.w.Ledgers.Replay(ctx, id, head, head.Version)
		if err == nil {
			return levelsOf(m), at.Version, nil
		}
		if ports.ClassOf(err) != ports.Permanent {
			return nil, 0, err
		}
	}
	return nil, 0, fmt.Errorf("%s: %w: it was trimmed each time that it was read", id, ports.ErrTransient)
}

// rebuildTries: between reading the head and the entries the journal may be trimmed.
const rebuildTries = 3

func levelsOf(m ledger.Machine) map[stock.SKU]Level {
	levels := map[stock.SKU]Level{}
	for sku, l := range m.(*stock.State).Levels() {
		levels[sku] = LevelOf(sku, l)
	}
	return levels
}

package cache

import (
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// mostNoted bounds the levels that are noted: beyond it all are taken to be in the cache.
const mostNoted = 1 << 16

// noted are the levels of this process's ledgers that may be in the cache: those that others asked
// for lately, and all of a ledger that was taken over lately, whose last owner was asked.
type noted struct {
	lasts time.Duration

	mu         sync.Mutex
	turned     time.Time // when young began
	young, old map[ports.LevelKey]struct{}
	taken      map[ledger.ID]time.Time
}

func newNoted(lasts time.Duration, now time.Time) *noted {
	return &noted{lasts: lasts, turned: now, young: map[ports.LevelKey]struct{}{}, taken: map[ledger.ID]time.Time{}}
}

// note notes that levels were asked for.
func (n *noted) note(now time.Time, keys []ports.LevelKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn(now)
	for _, k := range keys {
		if len(n.young) >= mostNoted {
			return
		}
		n.young[k] = struct{}{}
	}
}

// took notes that a ledger was taken over.
func (n *noted) took(now time.Time, id ledger.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.taken[id] = now
}

// none tells whether nothing of a ledger can be in the cache, as far as that is quickly told.
func (n *noted) none(now time.Time, id ledger.ID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn(now)
	_, taken := n.taken[id]
	return !taken && len(n.young) == 0 && len(n.old) == 0
}

// of gives those of keys that may be in the cache.
func (n *noted) of(now time.Time, id ledger.ID, keys []ports.LevelKey) (may []ports.LevelKey) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.turn(now)
	if at, ok := n.taken[id]; ok {
		if now.Sub(at) < n.lasts {
			return keys
		}
		delete(n.taken, id)
	}
	if len(n.young) >= mostNoted || len(n.old) >= mostNoted {
		return keys
	}
	for _, k := range keys {
		_, young := n.young[k]
		if _, old := n.old[k]; young || old {
			may = append(may, k)
		}
	}
	return may
}

// turn forgets what was asked for before the last time and the one before it; n.mu is held.
func (n *noted) turn(now time.Time) {
	past := now.Sub(n.turned)
	if past < n.lasts {
		return
	}
	n.old = n.young
	if past >= 2*n.lasts {
		n.old = nil
	}
	n.young, n.turned = map[ports.LevelKey]struct{}{}, now
}

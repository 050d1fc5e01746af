package fleet

import (
	"sync"

	"inventory/domain/ledger"
)

// routes remembers which member owns which ledger, as members and the store tell it. It may be
// wrong: whoever is asked says so.
type routes struct {
	mu      sync.Mutex
	known   map[ledger.ID]route
	changed chan struct{} // closed, and made anew, with each change
}

type route struct {
	member string // its id
	epoch  int64
}

func newRoutes() *routes {
	return &routes{known: map[ledger.ID]route{}, changed: make(chan struct{})}
}

// of is the id of the member that owns a ledger; empty: not known.
func (r *routes) of(id ledger.ID) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[id].member
}

// set notes that a member took a ledger, unless a later owner is known. It tells whether that
// is news.
func (r *routes) set(id ledger.ID, member string, epoch int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.known[id]; now.epoch > epoch || now == (route{member, epoch}) {
		return false
	}
	r.known[id] = route{member, epoch}
	r.tell()
	return true
}

// drop notes that a member does not own a ledger (any more).
func (r *routes) drop(id ledger.ID, member string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.known[id]; now.member == member && member != "" {
		r.known[id] = route{"", now.epoch}
		r.tell()
	}
}

// news is closed when something changes from now on.
func (r *routes) news() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}

// tell wakes who waits for news; r.mu is held.
func (r *routes) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// wake wakes who waits for news of another sort.
func (r *routes) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell()
}

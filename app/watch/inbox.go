package watch

import (
	"sync"

	"inventory/domain/ledger"
)

// mostPushed bounds the entries that wait for a follower: beyond it they are read back from
// the store.
const mostPushed = 1024

// inbox takes in what a ledger's owner commits, without ever holding it up.
type inbox struct {
	wake chan struct{} // has room for one sign

	mu      sync.Mutex
	entries []*ledger.Entry
	look    bool // there is more in the store
}

func newInbox() inbox { return inbox{wake: make(chan struct{}, 1)} }

func (b *inbox) push(e *ledger.Entry) {
	b.mu.Lock()
	if len(b.entries) < mostPushed {
		b.entries = append(b.entries, e)
	} else {
		b.entries, b.look = nil, true
	}
	b.mu.Unlock()
	sign(b.wake)
}

func (b *inbox) nudge() {
	b.mu.Lock()
	b.look = true
	b.mu.Unlock()
	sign(b.wake)
}

func (b *inbox) take() (entries []*ledger.Entry, look bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	entries, look = b.entries, b.look
	b.entries, b.look = nil, false
	return entries, look
}

func sign(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // there is one already
	}
}

package owner

import (
	"context"
	"sync"

	"inventory/domain/ledger"
)

// recaller looks up records that commands need and memory has not: all that wait at once.
type recaller struct {
	mu   sync.Mutex
	box  *mailbox
	wait []*request
	work chan struct{}
	find func(context.Context, []ledger.UUID) (map[ledger.UUID][]byte, error)
}

func newRecaller(box *mailbox, find func(context.Context, []ledger.UUID) (map[ledger.UUID][]byte, error)) *recaller {
	return &recaller{box: box, work: make(chan struct{}, 1), find: find}
}

// ask leaves commands whose pin names the record; they come back through the mailbox.
func (c *recaller) ask(rs []*request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait = append(c.wait, rs...)
	sign(c.work)
}

func (c *recaller) take() []*request {
	c.mu.Lock()
	defer c.mu.Unlock()
	rs := c.wait
	c.wait = nil
	return rs
}

// run looks up until ctx ends.
func (c *recaller) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			answerAll(c.take(), ErrNotOwner)
			return
		case <-c.work:
			if rs := c.take(); len(rs) > 0 {
				c.lookUp(ctx, rs)
			}
		}
	}
}

func (c *recaller) lookUp(ctx context.Context, rs []*request) {
	keys := make([]ledger.UUID, 0, len(rs))
	seen := map[ledger.UUID]bool{}
	for _, r := range rs {
		if !seen[r.pin] {
			seen[r.pin] = true
			keys = append(keys, r.pin)
		}
	}
	found, err := c.find(ctx, keys)
	for _, r := range rs {
		r.err = err
		r.recalled = ledger.Recalled{Asked: true, Body: found[r.pin]}
	}
	c.box.giveBack(rs...)
}

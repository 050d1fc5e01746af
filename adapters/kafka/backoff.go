package kafka

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is how long to wait before a next try: it doubles from least to most, and half of
// it is left to chance.
type backoff struct {
	least, most time.Duration
	next        time.Duration
}

// pause gives the next wait.
func (b *backoff) pause() time.Duration {
	b.next = min(max(b.next*2, b.least), b.most)
	return b.next/2 + rand.N(b.next/2+1)
}

// wait waits as long as pause says. It returns false, at once, when ctx or stop ends; a nil
// stop never does.
func (b *backoff) wait(ctx context.Context, stop <-chan struct{}) bool {
	t := time.NewTimer(b.pause())
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-stop:
	}
	return false
}

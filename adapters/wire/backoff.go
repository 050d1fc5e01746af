package wire

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	leastPause = 20 * time.Millisecond
	mostPause  = time.Second
)

// backoff is how long to wait before the next try to connect: it doubles, and half of it is
// left to chance.
type backoff struct{ next time.Duration }

// wait returns false, at once, when ctx ends.
func (b *backoff) wait(ctx context.Context) bool {
	b.next = min(max(b.next*2, leastPause), mostPause)
	t := time.NewTimer(b.next/2 + rand.N(b.next/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

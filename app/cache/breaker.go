package cache

import (
	"sync"
	"time"
)

const (
	// failures in a row after which the cache is left alone.
	failures = 3
	// rest is for how long, before one call tries again.
	rest = time.Second
)

// breaker keeps calls from a cache that does not answer: each would wait for its time-out.
type breaker struct {
	mu      sync.Mutex
	failed  int // in a row
	until   time.Time
	probing bool
}

// allow tells whether a call may be made; note is to be called after it.
func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed < failures {
		return true
	}
	if b.probing || now.Before(b.until) {
		return false
	}
	b.probing = true
	return true
}

// note notes how a call went. It tells whether the cache is away, and whether that is news.
func (b *breaker) note(now time.Time, ok bool) (away, news bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.failed >= failures
	b.probing = false
	if b.failed++; ok {
		b.failed = 0
	}
	away = b.failed >= failures
	if away {
		b.until = now.Add(rest)
	}
	return away, away != was
}

// leave says that a call came to nothing that says anything.
func (b *breaker) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.probing = false
}

package telemetry

import (
	"sync"
	"time"
)

// troubleWindow is how long repeats of one trouble are counted before they are told.
const troubleWindow = 10 * time.Second

// limiter lets the first of equal messages through and counts those that follow within a
// window; at its end the newest of them is written with the count, and another window
// begins. A window without repeats is the last. No first message and no count is lost.
type limiter struct {
	window time.Duration

	mu     sync.Mutex
	bursts map[string]*burst // by key: callers keep their number small
	closed bool
}

// burst is a message that was written less than a window ago.
type burst struct {
	timer   *time.Timer
	repeats int
	newest  func(repeats int)
}

func newLimiter(window time.Duration) *limiter {
	return &limiter{window: window, bursts: map[string]*burst{}}
}

// tell has write called with 0 at once, or later, perhaps, with the number of messages
// that it stands for.
func (l *limiter) tell(key string, write func(repeats int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, ok := l.bursts[key]; ok && !l.closed {
		b.repeats++
		b.newest = write
		return
	}
	write(0)
	if !l.closed {
		l.bursts[key] = &burst{timer: time.AfterFunc(l.window, func() { l.windowOver(key) })}
	}
}

func (l *limiter) windowOver(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.bursts[key]
	if !ok || l.closed {
		return
	}
	if b.repeats == 0 {
		delete(l.bursts, key)
		return
	}
	b.flush()
	b.timer.Reset(l.window)
}

func (b *burst) flush() {
	if b.repeats > 0 {
		b.newest(b.repeats)
		b.repeats, b.newest = 0, nil
	}
}

// close writes the counts that are open; what is told later is written at once.
func (l *limiter) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, b := range l.bursts {
		b.timer.Stop()
		b.flush()
	}
	clear(l.bursts)
}

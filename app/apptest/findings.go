package apptest

import (
	"sync"
	"testing"
)

// maxFindings is how many violations are told before a history is given up.
const maxFindings = 12

// findings collects what was wrong; any goroutine may add to it.
type findings struct {
	t      testing.TB
	mu     sync.Mutex
	n      int
	failed chan struct{} // closed by the first
}

func newFindings(t testing.TB) *findings { return &findings{t: t, failed: make(chan struct{})} }

// add notes a violation.
func (f *findings) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.n++; f.n == 1 {
		close(f.failed)
	}
	if f.n <= maxFindings {
		f.t.Errorf(format, args...)
	}
}

// any tells whether there was a violation.
func (f *findings) any() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.n > 0
}

// Package parallel does many things of one kind several at once: look-ups that would wait for
// ledgers, the store or the network most of the time. Packages of app may import it.
package parallel

import (
	"sync"
	"sync/atomic"
)

// Do calls do for 0 to n-1, most of them at once, and returns when all calls have. It begins no
// more after an error, and returns the first one.
func Do(n, most int, do func(i int) error) error {
	var next atomic.Int64
	var failing sync.Once
	var failed atomic.Bool
	var fault error
	var working sync.WaitGroup
	for range min(n, most) {
		working.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !failed.Load(); i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					failing.Do(func() { fault = err })
					failed.Store(true)
				}
			}
		})
	}
	working.Wait()
	return fault
}

// Each is Do of what can't fail.
func Each(n, most int, do func(i int)) {
	_ = Do(n, most, func(i int) error { do(i); return nil })
}

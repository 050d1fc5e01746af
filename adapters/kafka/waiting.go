package kafka

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	waitsLong      = 3 * time.Second // what is shorter is nothing to tell
	maxWaiting     = 10              // records that are told of
	maxWaitingText = 200             // bytes of each reason
)

// waiting knows which records failed and are still tried.
type waiting struct {
	mu      sync.Mutex
	records map[*consumption]failure
}

// failure is why a record waits, and since when.
type failure struct {
	since time.Time
	why   string
}

// put says that a record failed, again perhaps.
func (w *waiting) put(c *consumption, err error) {
	why, _, _ := strings.Cut(err.Error(), "\n")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.records == nil {
		w.records = map[*consumption]failure{}
	}
	w.records[c] = failure{c.first, bounded(why, maxWaitingText)}
}

// remove says that a record is done with, or somebody else's.
func (w *waiting) remove(c *consumption) {
	if c.attempts == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.records, c)
}

// list describes those that have waited long, the longest first.
func (w *waiting) list(now time.Time) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var long []*consumption
	for c, f := range w.records {
		if now.Sub(f.since) >= waitsLong {
			long = append(long, c)
		}
	}
	slices.SortFunc(long, func(a, b *consumption) int { return w.records[a].since.Compare(w.records[b].since) })
	var lines []string
	for _, c := range long[:min(len(long), maxWaiting)] {
		f := w.records[c]
		lines = append(lines, fmt.Sprintf("%s: %s (for %v)", c.where(), f.why, now.Sub(f.since).Round(time.Second)))
	}
	if more := len(long) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

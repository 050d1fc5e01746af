package kafkatest

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"inventory/adapters/kafka"
)

// watch sees every record being handled, by whichever member.
type watch struct {
	mu      sync.Mutex
	inHand  map[string]string // key to member
	last    map[string]int    // key to what was handled last
	most    map[string]int    // key to the highest
	repeats int
	count   int
	faults  []string

	seen map[string]time.Time     // partition to when a record of it was handled last
	gap  map[string]time.Duration // partition to the longest without any
}

func newWatch() *watch {
	return &watch{inHand: map[string]string{}, last: map[string]int{}, most: map[string]int{}, seen: map[string]time.Time{}, gap: map[string]time.Duration{}}
}

// handle lets a member act on a record: nobody else may have one of its key at the time.
func (w *watch) handle(member string, rec kafka.Record, act func() error) error {
	key := string(rec.Key)
	w.begin(member, key)
	err := act()
	w.end(key, rec, err)
	return err
}

func (w *watch) begin(member, key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if other := w.inHand[key]; other != "" {
		w.fault("%s: %s has it while %s does", key, member, other)
	}
	w.inHand[key] = member
}

func (w *watch) end(key string, rec kafka.Record, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.inHand, key)
	if err != nil {
		return
	}
	n, _ := strconv.Atoi(string(rec.Value))
	w.done(key, n)
	at, now := fmt.Sprintf("%s[%d]", rec.Topic, rec.Partition), time.Now()
	if before, ok := w.seen[at]; ok {
		w.gap[at] = max(w.gap[at], now.Sub(before))
	}
	w.seen[at] = now
}

// done checks the order: the next of a key, or again from an earlier one on.
func (w *watch) done(key string, n int) {
	if n > w.last[key]+1 {
		w.fault("%s: %d after %d", key, n, w.last[key])
	}
	if n <= w.most[key] {
		w.repeats++
	}
	w.last[key] = n
	w.most[key] = max(w.most[key], n)
	w.count++
}

func (w *watch) fault(format string, args ...any) {
	if len(w.faults) < 10 {
		w.faults = append(w.faults, fmt.Sprintf(format, args...))
	}
}

// missing names a key of which not all is handled.
func (w *watch) missing(sent map[string]int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, n := range sent {
		if w.last[key] != n || w.inHand[key] != "" {
			return fmt.Sprintf("%s: %d of %d", key, w.last[key], n)
		}
	}
	return ""
}

// handled counts what was handled.
func (w *watch) handled() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// fresh forgets the gaps up to now.
func (w *watch) fresh() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.gap)
}

// longest is the longest time that nothing of a partition (its topic in full) was handled.
func (w *watch) longest(topic string, partition int32) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gap[fmt.Sprintf("%s[%d]", topic, partition)]
}

func (w *watch) report(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Logf("%d handled, %d of them again", w.count, w.repeats)
	for _, f := range w.faults {
		t.Error(f)
	}
}

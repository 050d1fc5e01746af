package fleet

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"inventory/integration/crash"
)

// sample is a request that was decided in the end.
type sample struct {
	what     string
	began    time.Time
	took     time.Duration // from when it was asked first
	again    time.Duration // from the first answer that was none
	tries    [failed + 1]int
	first    time.Time // the first answer that was none
	firstWhy string
}

func (s *sample) add(a attempt) {
	s.tries[a.how]++
	if a.how == decided && !s.first.IsZero() {
		s.again = time.Since(s.first)
	}
	if a.how != decided && s.first.IsZero() {
		s.first, s.firstWhy = time.Now(), a.why
	}
}

// tally is what became of all requests.
type tally struct {
	mu       sync.Mutex
	samples  []sample
	failures []string
}

func (t *tally) add(s sample) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.samples = append(t.samples, s)
}

func (t *tally) fail(r crash.Request, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, fmt.Sprintf("%s: %s", r, why))
}

// span is what became of the requests that began in a time.
type span struct {
	samples  []sample
	tries    [failed + 1]int
	repeated int           // requests that were asked more than once
	longest  sample        // of those, the one that was decided last after the first answer that was none
	p50, p99 time.Duration // to the decision
	slowest  time.Duration
}

// between adds up what began from a time until another.
func (t *tally) between(from, to time.Time) (s span) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var took []time.Duration
	for _, one := range t.samples {
		if one.began.Before(from) || !one.began.Before(to) {
			continue
		}
		s.samples = append(s.samples, one)
		took = append(took, one.took)
		for how, n := range one.tries {
			s.tries[how] += n
		}
		if one.again > 0 {
			s.repeated++
		}
		if one.again > s.longest.again {
			s.longest = one
		}
	}
	if slices.Sort(took); len(took) > 0 {
		s.p50, s.p99, s.slowest = took[len(took)/2], took[len(took)*99/100], took[len(took)-1]
	}
	return s
}

func (s span) String() string {
	return fmt.Sprintf("%d requests, p50 %s, p99 %s, slowest %s; %d asked again: %d times after 503, %d after a refused or closed connection of a member that was leaving, %d after silence; decided at most %s later",
		len(s.samples), ms(s.p50), ms(s.p99), ms(s.slowest), s.repeated, s.tries[undecided], s.tries[unreachable], s.tries[silent], ms(s.longest.again))
}

func ms(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }

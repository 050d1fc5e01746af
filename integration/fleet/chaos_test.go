package fleet

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const chaosLease = 2 * time.Second

// chaos is what happens to members, each in its turn: never to more than two of them at once.
type chaos struct {
	f      *fleet
	until  time.Time
	room   chan struct{} // of those to whom something may happen
	mu     sync.Mutex
	counts map[string]int
}

// Whatever happens to processes, in whichever order, what was answered is true, and the books
// agree in the end.
func TestNothingIsLostOrDoneTwiceInChaos(t *testing.T) {
	f := newFleet(t, chaosLease)
	f.start()
	seed := newSeed(t)
	fourth := f.place("d")
	l := f.newLoad(seed, pace{requests: 60, orders: 25}, *chaosFlag, fourth)
	c := &chaos{f: f, until: time.Now().Add(*chaosFlag), room: make(chan struct{}, 2), counts: map[string]int{}}
	l.start()
	c.run(seed, fourth)
	t.Logf("%s: %s", *chaosFlag, c)
	f.parallel(func(m *member) { m.awaitReady(f.ctx) })
	f.awaitShared()
	l.stop()
	t.Logf("through it all: %s", l.balancer.tally.between(time.Time{}, time.Now()))
	for _, failure := range l.balancer.tally.failures {
		t.Error(failure)
	}
	if len(c.counts) < 5 {
		t.Errorf("not everything happened: %s", c)
	}
	l.audit(*chaosFlag) // auditors are killed, too
}

// String counts what happened.
func (c *chaos) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		all = append(all, fmt.Sprintf("%d times %s", c.counts[what], what))
	}
	return strings.Join(all, ", ")
}

func (c *chaos) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

// run lets things happen until it is time, and ends with the three that stay.
func (c *chaos) run(seed uint64, fourth *member) {
	var all sync.WaitGroup
	for n, m := range append(slices.Clone(c.f.members), fourth) {
		r := rand.New(rand.NewPCG(seed, uint64(1000+n)))
		all.Go(func() {
			for time.Now().Before(c.until) && !c.f.t.Failed() {
				wait(c.f.ctx, upTo(r, 6*time.Second))
				c.room <- struct{}{}
				if m == fourth {
					c.visit(m, r)
				} else {
					c.happen(m, r)
				}
				<-c.room
			}
		})
	}
	all.Wait()
}

// upTo is a random time.
func upTo(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(most)))
}

// happen lets something happen to a member, which is ready afterwards.
func (c *chaos) happen(m *member, r *rand.Rand) {
	c.f.t.Helper()
	switch what, moment := r.IntN(4), upTo(r, chaosLease); what {
	case 0:
		c.count("killed")
		m.kill()
		wait(c.f.ctx, moment)
		m.launch()
	case 1:
		c.count("ended and restarted")
		m.terminate()
		wait(c.f.ctx, moment)
		m.launch()
	case 2:
		c.count("paused for less than the lease")
		m.pause(c.f.ctx, moment)
	default:
		c.count("paused for longer than the lease")
		m.pause(c.f.ctx, chaosLease+2*moment)
	}
	m.awaitReady(c.f.ctx)
}

// visit has a member join, and leave again.
func (c *chaos) visit(m *member, r *rand.Rand) {
	c.f.t.Helper()
	m.launch()
	m.awaitReady(c.f.ctx)
	wait(c.f.ctx, upTo(r, 8*time.Second))
	if r.IntN(2) == 0 {
		c.count("joined and left")
		m.terminate()
		return
	}
	c.count("joined and killed")
	m.kill()
}

package apptest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/app"
	"inventory/ports/porttest"
)

// cluster is several processes on one store, and the trouble they are in.
type cluster struct {
	t         testing.TB
	cfg       Config
	dice      *dice
	faults    *porttest.Faults
	found     *findings
	chronicle *chronicle
	world     *world
	slots     []*slot

	spawning sync.Mutex     // held to begin something that calm hastens, and to close calm
	calm     chan struct{}  // closed when the trouble is over
	later    sync.WaitGroup // what calm hastens
	running  sync.WaitGroup // processes
	counts   struct {
		sync.Mutex
		of map[string]int
	}
}

func newCluster(t testing.TB, cfg Config) *cluster {
	c := &cluster{
		t: t, cfg: cfg, dice: newDice(cfg.Seed, 1), faults: porttest.NewFaults(cfg.Seed, cfg.Calls),
		found: newFindings(t), world: &world{}, calm: make(chan struct{}),
	}
	c.chronicle = newChronicle(c.found, cfg.Clock)
	c.counts.of = map[string]int{}
	for n := range cfg.Processes {
		c.slots = append(c.slots, &slot{c: c, name: fmt.Sprintf("process %d", n), store: c.kept()})
	}
	return c
}

// kept opens a handle without faults.
func (c *cluster) kept() app.Store { return &keeper{c.cfg.Open(c.t), c.chronicle} }

// storeOf makes the store of one incarnation of a process.
func (s *slot) storeOf(l *link) app.Store {
	return &handle{link: l, journal: s.c.faults.Journal(s.store), tables: s.c.faults.Tables(s.store), directory: s.store, members: s.store}
}

func (c *cluster) isCalm() bool {
	select {
	case <-c.calm:
		return true
	default:
		return false
	}
}

// mail gives the chances of mail as they now are.
func (c *cluster) mail() MailChances {
	if c.isCalm() {
		return MailChances{}
	}
	return c.cfg.Mail
}

// slowRecall is the chance that a look-up takes long.
func (c *cluster) slowRecall() float64 {
	if c.isCalm() || c.cfg.Calls == (porttest.Chances{}) {
		return 0
	}
	return 0.2
}

func (c *cluster) latency() time.Duration {
	if c.cfg.Latency == 0 || c.isCalm() {
		return 0
	}
	return c.dice.upto(c.cfg.Latency)
}

// after does something after a while, or when the trouble is over.
func (c *cluster) after(d time.Duration, do func()) {
	ok := c.spawn(func() {
		timer := c.cfg.Clock.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C():
		case <-c.calm:
		}
		do()
	})
	if !ok {
		do()
	}
}

// spawn begins something that endStorm waits for; false where that is over.
func (c *cluster) spawn(do func()) bool {
	c.spawning.Lock()
	defer c.spawning.Unlock()
	if c.isCalm() {
		return false
	}
	c.later.Go(do)
	return true
}

// storm troubles the processes until calm: again and again something happens to one of
// them at one of its next points.
func (c *cluster) storm() {
	mean := c.cfg.OwnerChange
	for mean > 0 {
		timer := c.cfg.Clock.NewTimer(c.dice.around(mean))
		select {
		case <-c.calm:
			timer.Stop()
			return
		case <-timer.C():
		}
		pick(c.dice, c.slots).arm(1+c.dice.below(60), c.strike())
	}
}

// strike chooses what happens to a process.
func (c *cluster) strike() func(*process) {
	some := c.dice.upto(4 * c.cfg.Lease)
	switch c.dice.below(6) {
	case 0, 1:
		return func(p *process) { p.kill(some) }
	case 2, 3:
		return func(p *process) { p.freeze(some) }
	case 4:
		return func(p *process) { p.setClock(some) }
	default:
		return (*process).restart
	}
}

// endStorm ends all trouble: every process runs, nothing fails, and what was under way
// has arrived.
func (c *cluster) endStorm() {
	for _, s := range c.slots {
		s.mu.Lock()
		s.trigger = nil
		s.mu.Unlock()
	}
	c.faults.SetChances(porttest.Chances{})
	c.spawning.Lock()
	close(c.calm)
	c.spawning.Unlock()
	c.later.Wait()
	c.faults.Settle()
}

// stop ends all processes in good order.
func (c *cluster) stop() {
	for _, s := range c.slots {
		if p := s.now(); p != nil {
			p.stop()
		}
	}
	c.running.Wait()
}

// ready waits until some process knows an owner of everything.
func (c *cluster) ready(ctx context.Context) *process {
	for ctx.Err() == nil && !c.found.any() {
		for _, s := range c.slots {
			if p := s.now(); p != nil && p.in.Ready(ctx) == nil {
				return p
			}
		}
		_ = c.pause(ctx, c.cfg.Lease/10) // the loop sees the end of ctx
	}
	if !c.found.any() {
		c.found.add("no process is ready: %v", c.states(ctx))
	}
	return nil
}

// states says what each process owns.
func (c *cluster) states(ctx context.Context) []string {
	var all []string
	for _, s := range c.slots {
		state := "down"
		if p := s.now(); p != nil {
			state = fmt.Sprintf("%v, owns %+v", p.in.Ready(context.WithoutCancel(ctx)), p.in.Status())
		}
		all = append(all, s.name+": "+state)
	}
	return all
}

func (c *cluster) count(what string, n ...int) {
	c.counts.Lock()
	defer c.counts.Unlock()
	if len(n) == 0 {
		c.counts.of[what]++
	}
	for _, n := range n {
		c.counts.of[what] += n
	}
}

// happened says how often something did.
func (c *cluster) happened(what string) int {
	c.counts.Lock()
	defer c.counts.Unlock()
	return c.counts.of[what]
}

// counted says how often things happened.
func (c *cluster) counted() string {
	c.counts.Lock()
	defer c.counts.Unlock()
	var s []string
	for _, what := range slices.Sorted(maps.Keys(c.counts.of)) {
		s = append(s, fmt.Sprintf("%s %d", strings.TrimPrefix(what, "ports."), c.counts.of[what]))
	}
	return strings.Join(s, ", ")
}

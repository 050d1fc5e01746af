package apptest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/ports"
)

// slot is the place of one process; its incarnations follow one another.
type slot struct {
	c     *cluster
	name  string
	store app.Store // without faults

	mu      sync.Mutex
	current *process // nil while none runs
	points  int      // calls and deliveries so far, counted before and after
	trigger *trigger
}

// trigger is what is to happen to a process at a point to come.
type trigger struct {
	at     int
	strike func(*process)
}

// process is one incarnation of a process, from its start to its end.
type process struct {
	slot  *slot
	in    *app.Inventory
	link  *link
	wall  *wall
	stop  context.CancelFunc
	ended chan struct{} // closed when it has run to its end
}

// start begins a new incarnation.
func (s *slot) start() {
	p := &process{slot: s, link: newLink(), wall: &wall{Clock: s.c.cfg.Clock}, ended: make(chan struct{})}
	p.link.process = p
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	cfg := s.c.cfg.app()
	cfg.Owner.Owner = s.c.dice.uuid().String()
	cfg.Member.Name, cfg.Member.Addr = s.name, cfg.Owner.Owner
	in, err := app.New(ctx, cfg, s.storeOf(p.link), app.Outside{
		Clock: p.wall, StoreClock: p.wall, Observer: p, CommitID: s.c.dice.uuid, Publisher: &speaker{p.link, s.c.world},
		LevelTopic: &listener{link: p.link, from: s.c.world},
		Wire:       &network{p},
		Carry:      func(next owner.Carrier) owner.Carrier { return &carrier{p, next} },
	})
	if err != nil {
		stop()
		s.c.found.add("%s does not start: %v", s.name, err)
		return
	}
	p.in = in
	s.c.running.Go(func() { p.run(ctx) })
	s.mu.Lock()
	s.current = p
	s.mu.Unlock()
}

func (p *process) run(ctx context.Context) {
	defer close(p.ended)
	var auditing sync.WaitGroup
	defer auditing.Wait()
	auditing.Go(func() {
		if err := p.in.Audit(ctx); err != nil {
			p.slot.c.found.add("%s: the auditor ended by itself: %v", p.slot.name, err)
		}
	})
	if err := p.in.Run(ctx); err != nil && !p.link.killed() {
		p.slot.c.found.add("%s ended by itself: %v", p.slot.name, err)
	}
}

// now returns the incarnation that runs, nil where none does.
func (s *slot) now() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// forget makes clients look elsewhere; false where p is not the incarnation that runs.
func (s *slot) forget(p *process) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != p {
		return false
	}
	s.current, s.trigger = nil, nil
	return true
}

// arm has strike happen at the nth point from now.
func (s *slot) arm(nth int, strike func(*process)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trigger = &trigger{s.points + nth, strike}
}

// atPoint counts a point, and lets happen there what is to happen.
func (p *process) atPoint() {
	s := p.slot
	s.mu.Lock()
	var strike func(*process)
	if s.current == p {
		s.points++
		if s.trigger != nil && s.points >= s.trigger.at {
			strike, s.trigger = s.trigger.strike, nil
		}
	}
	s.mu.Unlock()
	if strike != nil {
		strike(p)
	}
}

// kill ends a process at once: nothing that it still does has any effect outside, save
// what is under way already. It starts again some time later.
func (p *process) kill(down time.Duration) {
	if p.slot.forget(p) {
		p.slot.c.count("killed")
		p.link.kill()
		p.stop()
		p.slot.c.after(down, p.slot.start)
	}
}

// freeze stops a process for a while, which it does not notice.
func (p *process) freeze(d time.Duration) {
	p.slot.c.count("frozen")
	p.link.freeze()
	p.slot.c.after(d, p.link.thaw)
}

// restart stops a process in good order and starts it again.
func (p *process) restart() {
	p.slot.c.spawn(func() {
		if p.slot.forget(p) {
			p.slot.c.count("stopped")
			p.stop()
			<-p.ended
			p.slot.start()
		}
	})
}

// setClock sets a process's clock forward by more than it may be off; some time later it is
// killed, and starts again with one that is right. It is not set by much more, since leases
// are measured by the same times here, and would look like lapsed ones.
func (p *process) setClock(wrong time.Duration) {
	p.slot.c.count("clocks set")
	p.wall.ahead.Store(int64(3 * skew))
	p.slot.c.after(wrong, func() { p.kill(0) })
}

// Observe implements ports.Observer.
func (p *process) Observe(e ports.Event) {
	c := p.slot.c
	c.count(fmt.Sprintf("%T", e))
	switch e := e.(type) {
	case ports.Refused:
		c.found.add("%s: %s: a defect: %v", p.slot.name, e.Ledger, e.Err)
	case ports.Committed:
		c.count("commands committed", e.Commands)
	case ports.DifferenceFound:
		p.audited(e)
	case ports.TookOver, ports.Lost, ports.CommitTrouble, ports.RelayTrouble, ports.SnapshotTaken, ports.SnapshotTrouble, ports.DirectoryTrouble:
	}
}

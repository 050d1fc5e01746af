package apptest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inventory/app"
	"inventory/domain/stock"
)

// longest is the longest time to live that orders of a history have.
const longest = 2 * time.Second

// history is one run of random commands.
type history struct {
	c       *cluster
	dice    *dice // of the commands
	moments moments
	likely  atomic.Pointer[slot] // that answered last

	mu     sync.Mutex // guards all below
	made   int        // commands so far
	known  []stock.Warehouse
	orders []*orderBook
	keys   []*keyBook
}

// Result says what a history was like.
type Result struct {
	Interrupted bool // Config.Interrupt came to pass
	Audits      int  // passes of auditors that came to their end
}

// History drives random commands through the processes until Config.Commands have their
// answers, lets everything settle, and checks all that is promised.
func History(t testing.TB, cfg Config) Result {
	t.Logf("history of %d commands with seed %d", cfg.Commands, cfg.Seed)
	h := &history{c: newCluster(t, cfg), dice: newDice(cfg.Seed, 2), moments: moments{clock: cfg.Clock}}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute+time.Duration(cfg.Commands)*10*time.Millisecond)
	defer cancel()
	began := cfg.Clock.Now()
	for _, s := range h.c.slots {
		s.start()
	}
	interrupted := h.open(ctx)
	if cfg.Story != nil {
		h.tell(ctx)
	} else {
		h.drive(ctx)
	}
	h.c.endStorm()
	h.settle(ctx)
	h.readAll(ctx)
	h.checkRunning(ctx)
	h.c.stop()
	if !h.c.found.any() {
		h.check(ctx)
	}
	t.Logf("%d commands in %s of the history's time: %s", h.made, cfg.Clock.Now().Sub(began).Round(time.Millisecond), h.c.counted())
	return Result{Interrupted: interrupted.Load(), Audits: h.c.happened("ports.Audited")}
}

// open adds the warehouses and the first goods. The trouble begins after that.
func (h *history) open(ctx context.Context) (interrupted *atomic.Bool) {
	interrupted = new(atomic.Bool)
	p := h.c.ready(ctx)
	if p == nil {
		return interrupted
	}
	if h.c.cfg.Story == nil {
		h.c.armInterrupt(interrupted)
	}
	for _, w := range warehouses {
		h.carryOut(ctx, h.put(w))
	}
	h.known = warehouses
	if h.c.cfg.Story != nil {
		h.stockStory(ctx)
		h.c.armInterrupt(interrupted)
		return interrupted
	}
	for _, w := range warehouses {
		for _, sku := range skus {
			req := app.AdjustRequest{
				SKU: sku, WarehouseID: string(w.ID), Type: string(stock.Receipt), Quantity: int64(1 + h.dice.below(10)),
				Actor: "opening", Key: fmt.Sprintf("opening-%s-%s", w.ID, sku),
			}
			h.carryOut(ctx, h.adjust(req, h.newKey(req)))
		}
	}
	return interrupted
}

// armInterrupt has Config.Interrupt happen.
func (c *cluster) armInterrupt(interrupted *atomic.Bool) {
	i := c.cfg.Interrupt
	if i.Nth == 0 {
		return
	}
	c.slots[i.Slot].arm(i.Nth, func(p *process) {
		interrupted.Store(true)
		if i.Freeze {
			p.freeze(5 * c.cfg.Lease)
			return
		}
		p.kill(c.cfg.Lease)
	})
}

// drive has the clients carry out commands, through all trouble.
func (h *history) drive(ctx context.Context) {
	var storm, clients sync.WaitGroup
	storm.Go(h.c.storm)
	for range h.c.cfg.Clients {
		clients.Go(func() {
			for !h.c.found.any() {
				cmd, ok := h.next()
				if !ok {
					return
				}
				h.carryOut(ctx, cmd)
			}
		})
	}
	clients.Wait()
	h.c.after(0, storm.Wait) // joined when the trouble ends
}

// settle waits until all orders have ended, all mail is taken and all rows are written.
func (h *history) settle(ctx context.Context) {
	p := h.c.ready(ctx)
	if p == nil {
		return
	}
	live := longest
	if h.c.cfg.Story != nil {
		live = 0 // it ends its order itself
	}
	_ = h.c.pause(ctx, live+10*h.c.cfg.Lease)
	for still, before := 0, ""; still < 4; {
		now := ""
		quiet := true
		if p = h.c.ready(ctx); p == nil {
			return
		}
		all, err := p.in.Everywhere(ctx)
		quiet = quiet && err == nil
		for _, s := range all {
			now += fmt.Sprint(s.Ledger, s.Epoch, s.Version, ";")
			quiet = quiet && s.Relayed == s.Version && s.Waiting == 0
		}
		if still++; !quiet || now != before {
			still, before = 0, now
		}
		_ = h.c.pause(ctx, h.c.cfg.Lease)
	}
}

// checkRunning compares what the processes say with each other while they still run.
func (h *history) checkRunning(ctx context.Context) {
	for _, s := range h.c.slots { // each with its own memory
		p := s.now()
		if p == nil {
			continue
		}
		r, err := p.in.Reconcile(ctx)
		if err != nil {
			h.c.found.add("%s reconciles: %v", s.name, err)
		}
		for _, d := range r.Differences {
			h.c.found.add("%s reconciles: %s", s.name, d)
		}
		if r.Holds > 0 || r.InFlight > 0 {
			h.c.found.add("%s reconciles: when all has ended there are %d holds, %d with mail under way", s.name, r.Holds, r.InFlight)
		}
	}
}

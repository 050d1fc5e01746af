package owner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Host runs the ledgers of one process. Of several processes on one store one reigns: the
// owner of the first ledger, the lead, owns all the others too; the rest stand by.
type Host struct {
	cfg     Config
	world   World
	carrier Carrier
	time    *timekeeper
	callers *callers
	lead    ledger.ID
	ids     func(context.Context) ([]ledger.ID, error)

	mu      sync.RWMutex
	tenures map[ledger.ID]*tenure
	reign   *reign        // nil while standing by
	news    chan struct{} // closed, and made anew, when a reign has opened
}

// reign is one time of owning all ledgers.
type reign struct {
	ctx   context.Context
	end   context.CancelCauseFunc
	group sync.WaitGroup
	open  chan struct{} // has room for one opener at a time
	whole bool          // all ledgers that were listed are owned; guarded by Host.mu
}

// NewHost makes a host of the ledgers that ids lists; lead is one of them and always the
// same.
func NewHost(cfg Config, world World, lead ledger.ID, ids func(context.Context) ([]ledger.ID, error)) *Host {
	h := &Host{cfg: cfg, world: world, lead: lead, ids: ids, tenures: map[ledger.ID]*tenure{}, news: make(chan struct{})}
	h.carrier = h
	h.callers = &callers{clock: world.Clock}
	h.time = &timekeeper{clock: world.Clock, store: world.StoreClock, observer: world.Observer, bound: cfg.MaxSkew}
	if world.Carry != nil {
		h.carrier = world.Carry(h)
	}
	return h
}

// Run owns the ledgers whenever it may, until ctx ends (nil, with all of them given up) or
// something needs a person.
func (h *Host) Run(ctx context.Context) error {
	watched, stop := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { h.watchClock(watched) })
	defer watch.Wait()
	defer stop()
	for ctx.Err() == nil {
		head, err := h.standBy(ctx, h.lead)
		if err != nil {
			break // ctx ended
		}
		if h.compareClock(ctx) != nil {
			_ = h.sleep(ctx, h.cfg.Lease/10) // ends with ctx, as the loop does
			continue
		}
		lead, err := h.takeOver(ctx, h.lead, head)
		if errors.Is(err, ErrNotOwner) {
			continue
		}
		if err == nil {
			err = h.rule(ctx, lead)
		}
		switch {
		case err == nil || ctx.Err() != nil || errors.Is(err, ErrNotOwner):
		case hopeless(err):
			return err
		default:
			h.world.Observer.Observe(ports.Lost{Ledger: h.lead, Err: err})
			_ = h.sleep(ctx, h.cfg.Lease/10) // ends with ctx, as the loop does
		}
	}
	return nil
}

// hopeless tells whether a person has to see to an error before it makes sense to go on.
func hopeless(err error) bool {
	return errors.Is(err, ports.ErrPermanent) || errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, ErrDefect)
}

// rule runs all ledgers until one is lost or ctx ends. Whoever lost one has to stand by
// for all: two processes that owned some each could not bring each other's mail.
func (h *Host) rule(ctx context.Context, lead *tenure) error {
	rctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	r := &reign{ctx: rctx, end: end, open: make(chan struct{}, 1)}
	h.begin(r, lead)
	if err := h.Open(ctx); err != nil {
		end(err)
	} else {
		h.announce(r)
	}
	<-rctx.Done()
	h.mu.Lock()
	h.reign = nil
	h.mu.Unlock()
	r.open <- struct{}{} // an opener that is under way finishes first
	r.group.Wait()
	<-r.open
	h.mu.Lock()
	clear(h.tenures)
	h.mu.Unlock()
	return context.Cause(rctx)
}

func (h *Host) begin(r *reign, lead *tenure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reign = r
	h.start(r, lead)
}

// announce tells those who wait for a reign that it is whole.
func (h *Host) announce(r *reign) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r.whole = true
	close(h.news)
	h.news = make(chan struct{})
}

// WhileReigning runs f whenever this process owns all ledgers, one run after the other; the
// context of a run ends with the reign. It returns when ctx ends (nil), or with the first
// error of f, which should end with its context.
func (h *Host) WhileReigning(ctx context.Context, f func(context.Context) error) error {
	for ctx.Err() == nil {
		h.mu.RLock()
		r, news := h.reign, h.news
		whole := r != nil && r.whole && r.ctx.Err() == nil
		h.mu.RUnlock()
		if !whole {
			select {
			case <-ctx.Done():
			case <-news:
			}
			continue
		}
		run, stop := context.WithCancelCause(ctx)
		unhook := context.AfterFunc(r.ctx, func() { stop(context.Cause(r.ctx)) })
		err := f(run)
		unhook()
		stop(nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// start runs a tenure; h.mu is held.
func (h *Host) start(r *reign, t *tenure) {
	h.tenures[t.id] = t
	r.group.Go(func() {
		if err := t.run(r.ctx); err != nil {
			r.end(err)
		}
	})
}

// Open takes over the ledgers that are listed and not yet owned: at the start of a reign,
// and when a warehouse was added. ErrNotOwner while standing by.
func (h *Host) Open(ctx context.Context) error {
	h.mu.RLock()
	r := h.reign
	h.mu.RUnlock()
	if r == nil {
		return ErrNotOwner
	}
	ids, err := h.ids(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	select {
	case r.open <- struct{}{}:
		defer func() { <-r.open }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() { errs <- h.openOne(r, id) }()
	}
	for range ids {
		err = errors.Join(err, <-errs)
	}
	return err
}

func (h *Host) openOne(r *reign, id ledger.ID) error {
	if h.tenure(id) != nil {
		return nil
	}
	t, err := h.seize(r.ctx, id)
	switch {
	case err != nil && r.ctx.Err() != nil: // of whoever asked nothing was wrong
		return fmt.Errorf("opening %s: %w: %w", id, ErrNotOwner, context.Cause(r.ctx))
	case err != nil:
		return fmt.Errorf("opening %s: %w", id, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.ctx.Err() != nil {
		return fmt.Errorf("opening %s: %w: %w", id, ErrNotOwner, context.Cause(r.ctx))
	}
	h.start(r, t)
	return nil
}

// seize takes over a ledger of whoever had the lead before. A conflict shows a head that was
// read a little old, or an owner that goes on because it has not yet heard that the lead is
// lost: the head is read again, as long as this process has the lead itself.
func (h *Host) seize(ctx context.Context, id ledger.ID) (*tenure, error) {
	pause := newBackoff(h.world.Clock)
	for try := 1; ; try++ {
		head, err := h.world.Journal.Head(ctx, id)
		if err == nil {
			var t *tenure
			if t, err = h.takeOver(ctx, id, head); err == nil {
				return t, nil
			}
		}
		if try >= 5 && !errors.Is(err, ErrNotOwner) {
			return nil, err
		}
		if err := pause.wait(ctx); err != nil {
			return nil, err
		}
	}
}

func (h *Host) tenure(id ledger.ID) *tenure {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.tenures[id]
}

// Standing tells whether this process stands by, while another one owns the ledgers or
// none does.
func (h *Host) Standing() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.reign == nil
}

// Owned lists the ledgers that this process owns, in order.
func (h *Host) Owned() []ledger.ID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Sorted(maps.Keys(h.tenures))
}

// Ready is nil while this process owns all ledgers that are listed and they take commands;
// else it says what is missing.
func (h *Host) Ready(ctx context.Context) error {
	ids, err := h.ids(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	if h.Standing() {
		if err := h.time.trust(); err != nil && !errors.Is(err, errNotCompared) {
			return fmt.Errorf("%w: standing by: %w", ErrNotOwner, err)
		}
		return fmt.Errorf("%w: standing by", ErrNotOwner)
	}
	var missing []ledger.ID
	var faults []error
	for _, id := range ids {
		if t := h.tenure(id); t == nil {
			missing = append(missing, id)
		} else {
			faults = append(faults, t.ready())
		}
	}
	if len(missing) > 0 {
		faults = append(faults, fmt.Errorf("%w: %v", ErrNotOwner, missing))
	}
	return errors.Join(faults...)
}

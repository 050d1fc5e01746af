package owner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Host runs those ledgers that this process is told to take.
type Host struct {
	cfg     Config
	world   World
	carrier Carrier
	ended   func(ledger.ID, error)
	time    *timekeeper
	demand  *demand

	mu      sync.RWMutex
	tenures map[ledger.ID]*tenure
	group   sync.WaitGroup // of tenures
}

// NewHost makes a host that owns nothing. carrier brings mail to ledgers wherever they are.
// ended is told each time that a ledger is owned no longer: nil where it was given up.
func NewHost(cfg Config, world World, carrier Carrier, ended func(ledger.ID, error)) *Host {
	h := &Host{cfg: cfg, world: world, carrier: carrier, ended: ended, tenures: map[ledger.ID]*tenure{}}
	h.demand = &demand{clock: world.Clock}
	h.time = &timekeeper{clock: world.Clock, store: world.StoreClock, observer: world.Observer, bound: cfg.MaxSkew}
	return h
}

// Hopeless tells whether a person has to see to an error before it makes sense to take the
// ledger again.
func Hopeless(err error) bool {
	return errors.Is(err, ports.ErrPermanent) || errors.Is(err, ledger.ErrCorrupt) || errors.Is(err, ErrDefect)
}

// Take takes a ledger over, whose head was seen to be free, and runs it until it is released
// or lost. ErrNotOwner: another process was first, or the owner lives after all.
func (h *Host) Take(ctx context.Context, id ledger.ID, seen ports.Head) (epoch int64, err error) {
	work, stop := outlive(ctx, h.world.Clock, h.cfg.CommitTimeout) // what is begun keeps others away
	defer stop()
	t, err := h.takeOver(work, id, seen)
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tenures[id] = t
	h.group.Go(func() { h.run(t) })
	return t.epoch, nil
}

func (h *Host) run(t *tenure) {
	err := t.run(t.ctx)
	h.mu.Lock()
	delete(h.tenures, t.id)
	h.mu.Unlock()
	h.ended(t.id, err)
	close(t.over)
}

// Release gives a ledger up in good order: what waits is decided, and what is decided is
// published and written, as far as that goes in time. When it returns others may take the
// ledger, if the store took the word of it.
func (h *Host) Release(id ledger.ID) {
	t := h.tenure(id)
	if t == nil {
		return
	}
	t.ease()
	t.end()
	<-t.over
}

// Wait waits until no ledger is run any more.
func (h *Host) Wait() { h.group.Wait() }

// Resend sends unacknowledged mail for a ledger again: it has a new owner.
func (h *Host) Resend(to ledger.ID) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for id, t := range h.tenures {
		if id != to {
			t.box.resendTo(to)
		}
	}
}

// outlive returns a context for work that is under way when ctx ends: it ends with stop, or
// some time after ctx, so that outcomes can be learnt.
func outlive(ctx context.Context, clock ports.Clock, grace time.Duration) (work context.Context, stop func()) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		timer := clock.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C():
			cancel()
		case <-work.Done():
		}
	})
	return work, func() { unhook(); cancel() }
}

func (h *Host) tenure(id ledger.ID) *tenure {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.tenures[id]
}

// Owns tells whether this process owns a ledger.
func (h *Host) Owns(id ledger.ID) bool { return h.tenure(id) != nil }

// Owned lists the ledgers that this process owns, in order.
func (h *Host) Owned() []ledger.ID {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Sorted(maps.Keys(h.tenures))
}

// Ready is nil while this process owns a ledger and it takes commands; else it says why not.
func (h *Host) Ready(id ledger.ID) error {
	t := h.tenure(id)
	if t == nil {
		return fmt.Errorf("%w: %s", ErrNotOwner, id)
	}
	return t.ready()
}

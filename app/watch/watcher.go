package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/domain/stock"
	"inventory/ports"
)

// Event is what a watcher is told next: a part of a snapshot, changes, or neither, a
// heartbeat.
type Event struct {
	// Revision is the one from which to go on after this event; nil within a snapshot.
	Revision Revision
	Part     bool    // of a snapshot, whose last one has a Revision
	Levels   []Level // of a part
	Changes  *Span
	// AsOf is of heartbeats and of the end of a snapshot: all that was durable then was told.
	AsOf time.Time
}

// Watcher is one watch. One that was up to date and then reads so slowly that it falls out of
// what is in memory is cut off; one that goes on from an older revision reads from the store
// first. It is used by one goroutine at a time.
type Watcher struct {
	h       *Hub
	held    []*follower
	wanted  map[stock.SKU]bool // nil: all
	at      Revision
	missing []bool // of each ledger: what comes next is read from the store
	first   []*Snapshot
	shown   int       // levels of first[0] that were told
	asOf    time.Time // of the oldest snapshot
	turn    int       // the ledger that is looked at next
	told    time.Time
	wake    chan struct{} // has room for one sign
}

// Watch begins a watch. It waits until the ledgers are followed. Errors: ErrOutOfRange,
// ErrCrowded, ErrClosing, and what reading the journals gives. End the watch.
func (h *Hub) Watch(ctx context.Context, r Request) (*Watcher, error) {
	held, err := h.hold(r.Ledgers)
	if err != nil {
		return nil, err
	}
	w := &Watcher{h: h, held: held, missing: make([]bool, len(held)), wake: make(chan struct{}, 1)}
	for _, f := range held {
		f.join(w)
	}
	h.observe(ports.WatchBegan{Resumed: r.From != nil})
	if len(r.SKUs) > 0 {
		w.wanted = make(map[stock.SKU]bool, len(r.SKUs))
		for _, sku := range r.SKUs {
			w.wanted[sku] = true
		}
	}
	if err := w.begin(ctx, r.From); err != nil {
		w.End(err)
		return nil, err
	}
	return w, nil
}

func (w *Watcher) begin(ctx context.Context, from Revision) error {
	for _, f := range w.held {
		select {
		case <-f.built:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-w.h.ctx.Done():
			return ErrClosing
		}
	}
	if from != nil { // with a heartbeat at once where there is nothing else to tell
		w.at = from.clone()
		return w.checkRange(ctx)
	}
	w.at = make(Revision, len(w.held))
	for i, f := range w.held {
		s := f.shoot()
		w.first, w.at[i] = append(w.first, s), s.Version
		if i == 0 || s.AsOf.Before(w.asOf) {
			w.asOf = s.AsOf
		}
	}
	return nil
}

// End ends the watch; why is what it ended with, if anything.
func (w *Watcher) End(why error) {
	for _, f := range w.held {
		f.leave(w)
	}
	w.h.release(w.held)
	w.h.observe(ports.WatchEnded{Outcome: outcomeOf(why)})
}

func outcomeOf(err error) string {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return ports.WatchLeft
	case errors.Is(err, ErrBehind):
		return ports.WatchBehind
	case errors.Is(err, ErrOutOfRange):
		return ports.WatchOutOfRange
	case errors.Is(err, ErrClosing):
		return ports.WatchClosing
	}
	return ports.WatchFailed
}

// Revision is the one after what was told last.
func (w *Watcher) Revision() Revision {
	if len(w.first) > 0 {
		return nil
	}
	return w.at.clone()
}

// Next waits for what comes next: at the latest a heartbeat. After an error the watch is over.
// Errors: ErrBehind, ErrOutOfRange, ErrClosing, why ctx ended, and what reading a journal gives.
func (w *Watcher) Next(ctx context.Context) (Event, error) {
	if len(w.first) > 0 {
		return w.nextPart(), nil
	}
	timer := w.h.w.Ledgers.Clock.NewTimer(w.h.cfg.Heartbeat - w.h.now().Sub(w.told))
	defer timer.Stop()
	for {
		span, err := w.more(ctx)
		if err != nil {
			return Event{}, err
		}
		if span != nil {
			w.tell(span)
			return Event{Revision: w.at.clone(), Changes: span}, nil
		}
		select {
		case <-w.wake:
		case <-timer.C():
			w.told = w.h.now()
			return Event{Revision: w.at.clone(), AsOf: w.freshness()}, nil
		case <-ctx.Done():
			return Event{}, context.Cause(ctx)
		case <-w.h.ctx.Done():
			return Event{}, ErrClosing
		}
	}
}

func (w *Watcher) tell(s *Span) {
	w.told = w.h.now()
	w.h.observe(ports.WatchTold{Changes: len(s.Changes), Delay: w.told.Sub(s.Changes[0].At)})
}

// nextPart gives the next levels of the snapshots, one ledger after the other.
func (w *Watcher) nextPart() Event {
	e := Event{Part: true}
	for len(w.first) > 0 && len(e.Levels) < part {
		s := w.first[0]
		for ; w.shown < len(s.Levels) && len(e.Levels) < part; w.shown++ {
			if l := s.Levels[w.shown]; w.wanted == nil || w.wanted[l.SKU] {
				e.Levels = append(e.Levels, l)
			}
		}
		if w.shown == len(s.Levels) {
			w.first, w.shown = w.first[1:], 0
		}
	}
	if len(w.first) == 0 {
		e.Revision, e.AsOf = w.at.clone(), w.asOf
	}
	w.told = w.h.now()
	return e
}

// freshness is the time up to which everything was told.
func (w *Watcher) freshness() time.Time {
	var oldest time.Time
	for _, f := range w.held {
		if at := f.freshness(); oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// more gives what changed in one of the ledgers; nil where nothing has that is wanted.
func (w *Watcher) more(ctx context.Context) (*Span, error) {
	for range w.held {
		i := w.turn
		w.turn = (w.turn + 1) % len(w.held)
		span, err := w.moreOf(ctx, i)
		if err != nil || span != nil {
			return span, err
		}
	}
	return nil, nil
}

func (w *Watcher) moreOf(ctx context.Context, i int) (*Span, error) {
	f := w.held[i]
	for {
		span, ok := f.since(w.at[i], w.wanted)
		switch {
		case ok:
			w.missing[i] = false
		case !w.missing[i]:
			return nil, fmt.Errorf("%w: go on from revision %s", ErrBehind, w.at)
		default:
			var err error
			if span, err = w.h.history(ctx, w, i); err != nil {
				return nil, err
			}
		}
		if span.To == w.at[i] {
			return nil, nil
		}
		w.at[i] = span.To
		if len(span.Changes) > 0 {
			return span, nil
		}
	}
}

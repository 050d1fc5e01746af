package watch

import (
	"context"
	"errors"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

// mostRead bounds the entries that are read at once for a watch.
const mostRead = 256

var errEnough = errors.New("enough")

// entries reads entries of a journal back, up to the first one that the store does not show.
func (h *Hub) entries(ctx context.Context, id ledger.ID, after, upto int64, take func(*ledger.Entry) error) error {
	err := h.w.Ledgers.Entries(ctx, id, after, upto, take)
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("reading the journal of %w", err)
	}
	return nil
}

// checkRange refuses revisions that nobody can go on from, and waits a little for one that
// another process has heard of first.
func (w *Watcher) checkRange(ctx context.Context) error {
	for i, f := range w.held {
		if err := w.await(ctx, f, w.at[i]); err != nil {
			return err
		}
		if from, _ := f.oldest(); w.at[i] >= from {
			continue
		}
		head, err := w.h.w.Ledgers.Journal.Head(ctx, f.id)
		if err != nil {
			return fmt.Errorf("head of %s: %w", f.id, err)
		}
		if w.at[i] < head.Trimmed {
			return w.outOfRange(ctx)
		}
		w.missing[i] = true
	}
	return nil
}

// await waits until a follower has come to a version.
func (w *Watcher) await(ctx context.Context, f *follower, version int64) error {
	giveUp := w.h.w.Ledgers.Clock.NewTimer(w.h.cfg.Patience)
	defer giveUp.Stop()
	for {
		if f.version() >= version {
			return nil
		}
		f.nudge()
		select {
		case <-w.wake:
		case <-giveUp.C():
			return w.outOfRange(ctx)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-w.h.ctx.Done():
			return ErrClosing
		}
	}
}

// outOfRange says what is left.
func (w *Watcher) outOfRange(ctx context.Context) error {
	oldest := make(Revision, len(w.held))
	for i, f := range w.held {
		oldest[i], _ = f.oldest()
		head, err := w.h.w.Ledgers.Journal.Head(ctx, f.id)
		if err == nil {
			oldest[i] = min(oldest[i], head.Trimmed)
		}
	}
	return &RangeError{Asked: w.at.clone(), Oldest: oldest}
}

// history reads what changed after the watch's place in one ledger, some whole entries.
func (h *Hub) history(ctx context.Context, w *Watcher, i int) (*Span, error) {
	select {
	case h.readers <- struct{}{}:
		defer func() { <-h.readers }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-h.ctx.Done():
		return nil, ErrClosing
	}
	f := w.held[i]
	s := &Span{From: w.at[i], To: w.at[i]}
	_, upto := f.oldest()
	err := h.entries(ctx, f.id, s.From, min(upto, s.From+mostRead), func(e *ledger.Entry) error {
		s.To, s.Changes = e.Version, append(s.Changes, changesOf(e)...)
		if len(s.Changes) >= most {
			return errEnough
		}
		return nil
	})
	if ports.ClassOf(err) == ports.Permanent {
		return nil, w.outOfRange(ctx)
	}
	if err != nil {
		return nil, err
	}
	if s.To == s.From {
		return nil, fmt.Errorf("%w: entry %d of %s is not shown yet", ports.ErrTransient, s.From+1, f.id)
	}
	return s.only(w.wanted), nil
}

package owner

import (
	"context"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Follow brings a state of Replay on to the entry upto, without disturbing its owner, and
// returns where it then is: short of upto where the store does not show that much yet. After
// an error the state must not be used; ErrPermanent: entries in between are trimmed, and
// Replay starts anew.
func (w World) Follow(ctx context.Context, id ledger.ID, m ledger.Machine, at ledger.Stamp, upto int64) (ledger.Stamp, error) {
	err := w.Entries(ctx, id, at.Version, upto, func(e *ledger.Entry) error {
		at = e.Stamp
		return applyTo(m, e)
	})
	return at, err
}

// Entry reads one entry of a journal; nil where the store does not have it.
func (w World) Entry(ctx context.Context, id ledger.ID, version int64) (found *ledger.Entry, err error) {
	err = w.Entries(ctx, id, version-1, version, func(e *ledger.Entry) error {
		found = e
		return nil
	})
	if ports.ClassOf(err) == ports.Permanent {
		return nil, nil
	}
	return found, err
}

// Entries reads a ledger's entries after one and up to another, in order, up to the first that the
// store does not show, and stops at the first error of take. ErrPermanent: some are trimmed.
func (w World) Entries(ctx context.Context, id ledger.ID, after, upto int64, take func(*ledger.Entry) error) error {
	decode := w.Kinds[id.Kind()].DecodeChange
	err := w.Reader.Entries(ctx, id, after, upto, false, func(r ports.Record) error {
		e, err := ledger.DecodeEntry(r.Body, decode)
		if err != nil {
			return err
		}
		return take(e)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	return nil
}

// Glance is View with the stamp of the newest entry.
func (h *Host) Glance(id ledger.ID, see func(ledger.Machine, ledger.Stamp)) (ok bool) {
	t := h.tenure(id)
	if t == nil {
		return false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	see(t.state, t.at)
	return true
}

// Relayed is the version up to which all of a ledger is published and written to the
// tables; ok is false where this process does not own the ledger.
func (h *Host) Relayed(id ledger.ID) (version int64, ok bool) {
	t := h.tenure(id)
	if t == nil {
		return 0, false
	}
	return t.relay.done(), true
}

// Sure tells whether this process is certain to own the ledger, now and for a moment.
func (h *Host) Sure(id ledger.ID) bool {
	t := h.tenure(id)
	return t != nil && t.sure()
}

// Epoch is the epoch under which this process owns a ledger; ok is false where it does not.
func (h *Host) Epoch(id ledger.ID) (epoch int64, ok bool) {
	t := h.tenure(id)
	if t == nil {
		return 0, false
	}
	return t.epoch, true
}

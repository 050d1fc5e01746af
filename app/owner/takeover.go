package owner

import (
	"context"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Await waits until a ledger may be taken: it never had an owner, was given up, is this
// process's own (lost, and not given up), or shows no sign of its owner for the length of a
// lease on this process's own clock. nudge says that it may be time to look.
func (h *Host) Await(ctx context.Context, id ledger.ID, nudge <-chan struct{}) (ports.Head, error) {
	var seen ports.Head
	since := h.world.Clock.Now()
	for first := true; ; first = false {
		asked := h.world.Clock.Now()
		head, err := h.world.Journal.Head(ctx, id)
		switch {
		case err != nil:
			since = asked // knowing nothing is not a sign of death
			h.world.Observer.Observe(ports.CommitTrouble{Ledger: id, Err: fmt.Errorf("looking for its owner: %w", err)})
		case head.Owner == "" || head.Owner == h.cfg.Owner || h.cfg.Seize:
			return head, nil
		case first || head.Epoch != seen.Epoch || head.Lease != seen.Lease:
			seen, since = head, h.world.Clock.Now()
		case asked.Sub(since) >= silence(h.cfg.Lease):
			return head, nil
		}
		if err := ports.SleepUnless(ctx, h.world.Clock, h.cfg.Lease/20, nudge); err != nil {
			return ports.Head{}, err
		}
	}
}

func (h *Host) sleep(ctx context.Context, d time.Duration) error {
	return ports.Sleep(ctx, h.world.Clock, d)
}

// takeOver raises the ledger's epoch above seen's and loads its state. ErrNotOwner: another
// process was first.
func (h *Host) takeOver(ctx context.Context, id ledger.ID, seen ports.Head) (*tenure, error) {
	began := h.world.Clock.Now()
	pause := newBackoff(h.world.Clock)
	for {
		sent := h.world.Clock.Now()
		head, err := h.world.Journal.TakeOver(ctx, id, h.cfg.Owner, seen)
		switch ports.ClassOf(err) {
		case ports.None:
			return h.load(ctx, id, head, began, sent)
		case ports.Conflict:
			return nil, fmt.Errorf("%w: %w", ErrNotOwner, err)
		case ports.Permanent:
			return nil, fmt.Errorf("taking over %s: %w", id, err)
		case ports.Transient, ports.Unknown:
			h.world.Observer.Observe(ports.CommitTrouble{Ledger: id, Err: fmt.Errorf("taking over: %w", err)})
		}
		if err := pause.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// load rebuilds the state from the snapshot and what came after, and tries again where
// the store can't answer.
func (h *Host) load(ctx context.Context, id ledger.ID, head ports.Head, began, sent time.Time) (*tenure, error) {
	pause := newBackoff(h.world.Clock)
	for {
		t, entries, err := h.rebuild(ctx, id, head)
		if err == nil && h.world.Learn != nil {
			err = h.world.Learn(ctx, id)
		}
		if err == nil {
			t.sureFrom(sent)
			h.world.Observer.Observe(ports.TookOver{Ledger: id, Epoch: head.Epoch, Version: head.Version, Entries: entries, Took: h.world.Clock.Now().Sub(began)})
			return t, nil
		}
		if Hopeless(err) {
			// Whoever was paused here may have lost the ledger to an owner that trims it.
			now, headErr := h.world.Journal.Head(ctx, id)
			switch {
			case headErr == nil && now.Epoch != head.Epoch:
				return nil, fmt.Errorf("%w: while loading %s: %w", ErrNotOwner, id, ports.ErrConflict)
			case headErr == nil:
				return nil, fmt.Errorf("loading %s: %w", id, err)
			}
		}
		h.world.Observer.Observe(ports.CommitTrouble{Ledger: id, Err: fmt.Errorf("loading: %w", err)})
		if err := pause.wait(ctx); err != nil {
			return nil, err
		}
	}
}

func (h *Host) rebuild(ctx context.Context, id ledger.ID, head ports.Head) (t *tenure, entries int, err error) {
	kind, ok := h.world.Kinds[id.Kind()]
	if !ok {
		return nil, 0, fmt.Errorf("%w: no machine for the ledger %s", ports.ErrPermanent, id)
	}
	// The pointer moves only once all up to it is relayed, but a late renewal may have put
	// an older Relayed back.
	relayed := max(head.Relayed, head.Snapshot.Version)
	t = h.newTenure(id, kind, head, relayed)
	p, err := replay(ctx, h.world, kind, id, head, head.Version, true)
	if err != nil {
		return nil, 0, err
	}
	t.state, t.at = p.state, p.at
	t.snaps.tail = p.bytes
	if behind := int(head.Version - relayed); behind > 0 {
		t.relay.add(p.entries[len(p.entries)-behind:]...)
	}
	for p := range t.state.Progress() {
		t.agenda.set(p.Key, p.Due)
		if p.Ended {
			t.retired.add(p.Key, p.Version)
		}
	}
	t.retired.sort()
	return t, len(p.entries), nil
}

func (h *Host) newTenure(id ledger.ID, kind Kind, head ports.Head, relayed int64) *tenure {
	box := newMailbox(h.cfg)
	ctx, end := context.WithCancel(context.Background())
	return &tenure{
		ctx: ctx, end: end, over: make(chan struct{}),
		id: id, epoch: head.Epoch, cfg: h.cfg, world: h.world, time: h.time, demand: h.demand, kind: kind, carrier: h.carrier, box: box, head: head,
		recall: newRecaller(box, func(ctx context.Context, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
			return h.world.Archive.Recall(ctx, id.Kind(), keys)
		}),
		agenda: newAgenda(), retired: newRetirement(), waiters: newWaiters(),
		acked: map[ledger.ID]int64{}, sent: map[ledger.ID]int64{}, stuck: map[ledger.ID]int64{},
		relay: newRelayQueue(h.cfg.RelayLag, relayed, h.world.Clock),
		snaps: snapshots{steps: make(chan func(context.Context) error)},
	}
}

// replayed is a state rebuilt from a journal.
type replayed struct {
	state   ledger.Machine
	at      ledger.Stamp    // of the newest entry
	entries []*ledger.Entry // after the snapshot
	bytes   int             // of these entries
}

// replay rebuilds a ledger's state as it was after the entry upto.
func replay(ctx context.Context, w World, kind Kind, id ledger.ID, head ports.Head, upto int64, settled bool) (replayed, error) {
	p := replayed{state: kind.New(id)}
	if head.Snapshot != (ports.SnapshotRef{}) {
		body, err := w.Snapshots.ReadSnapshot(ctx, id, head.Snapshot)
		if err != nil {
			return p, err
		}
		if p.state, p.at, err = ledger.DecodeSnapshot(body, kind.DecodeState); err != nil {
			return p, err
		}
	}
	err := w.Reader.Entries(ctx, id, head.Snapshot.Version, upto, settled, func(r ports.Record) error {
		e, err := ledger.DecodeEntry(r.Body, kind.DecodeChange)
		if err != nil {
			return err
		}
		p.entries, p.bytes, p.at = append(p.entries, e), p.bytes+len(r.Body), e.Stamp
		return applyTo(p.state, e)
	})
	if err != nil {
		return p, fmt.Errorf("%s: %w", id, err)
	}
	return p, nil
}

func applyTo(m ledger.Machine, e *ledger.Entry) error {
	for _, c := range e.Changes {
		if err := m.Apply(c, e.Stamp); err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrDefect, e.Version, err)
		}
	}
	return nil
}

// Replay rebuilds a ledger's state as it was after the entry upto (from Head.Snapshot to
// Head.Version), without disturbing its owner; at is of the newest entry.
func (w World) Replay(ctx context.Context, id ledger.ID, head ports.Head, upto int64) (m ledger.Machine, at ledger.Stamp, err error) {
	p, err := replay(ctx, w, w.Kinds[id.Kind()], id, head, upto, false)
	return p.state, p.at, err
}

package owner

import (
	"context"
	"fmt"
	"time"

	"inventory/ports"
)

// commitOf makes the next conditional write of this tenure; entry nil is a renewal.
func (t *tenure) commitOf(entry *ports.Record) ports.Commit {
	return ports.Commit{
		Epoch: t.epoch, Version: t.head.Version,
		Lease: t.head.Lease + 1, Relayed: t.relay.done(), Entry: entry,
	}
}

// settle makes a commit and notes it. An error means that the ledger is lost, or that ctx
// is over and the outcome open.
func (t *tenure) settle(ctx context.Context, c ports.Commit) error {
	sent, err := t.untilKnown(ctx, c.Version+1, func(ctx context.Context) error { return t.world.Journal.Commit(ctx, t.id, c) })
	if err == nil {
		t.note(c, sent)
	}
	return err
}

// untilKnown makes a write until its outcome is known, and returns when the attempt that
// told so was sent. A write may have been applied although it failed: making the same one
// again is the only way to know, since its condition lets one of them in and the commit
// id says whose entry it is.
func (t *tenure) untilKnown(ctx context.Context, version int64, write func(context.Context) error) (sent time.Time, err error) {
	pause := newBackoff(t.world.Clock)
	open := false // an attempt may have been applied
	for try := 1; ; try++ {
		sent = t.world.Clock.Now()
		attempt, cancel := context.WithTimeout(ctx, t.cfg.CommitTimeout)
		err := write(attempt)
		cancel()
		switch ports.ClassOf(err) {
		case ports.None:
			return sent, nil
		case ports.Conflict:
			return sent, fmt.Errorf("%w: %w", ErrNotOwner, err)
		case ports.Permanent:
			if open {
				err = fmt.Errorf("%w: %w", ErrUnsettled, err)
			}
			return sent, err
		case ports.Transient, ports.Unknown:
			open = open || ports.ClassOf(err) == ports.Unknown
			t.world.Observer.Observe(ports.CommitTrouble{Ledger: t.id, Version: version, Try: try, Err: err})
		}
		if err := pause.wait(ctx); err != nil {
			return sent, fmt.Errorf("%w: %w", ErrUnsettled, err)
		}
	}
}

// note takes a write that is in. The lease counts from before it was sent.
func (t *tenure) note(c ports.Commit, sent time.Time) {
	t.head.Lease, t.head.Relayed = c.Lease, c.Relayed
	if c.Entry != nil {
		t.head.Version = c.Entry.Version
	}
	if !c.Resign {
		t.sureFrom(sent)
	}
}

// backoff spaces attempts: 5 ms at first, doubling to 500 ms.
type backoff struct {
	clock ports.Clock
	next  time.Duration
}

func newBackoff(clock ports.Clock) *backoff { return &backoff{clock, 5 * time.Millisecond} }

func (b *backoff) wait(ctx context.Context) error {
	d := b.next
	b.next = min(2*b.next, 500*time.Millisecond)
	return ports.Sleep(ctx, b.clock, d)
}

package audit

import (
	"context"
	"errors"
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// follower is a ledger's state as the fold of its journal, some way behind its owner.
type follower struct {
	id      ledger.ID
	state   ledger.Machine // nil: to be built
	at      ledger.Stamp
	relayed int64 // version up to which all is known to be in the tables and published
	told    int64 // version up to which levels are known to be on the topic
	sums    map[stock.SKU]*sums
}

func newFollower(id ledger.ID) *follower { return &follower{id: id, sums: map[stock.SKU]*sums{}} }

func (f *follower) stock() *stock.State {
	s, _ := f.state.(*stock.State)
	return s
}

func (f *follower) orders() *reservation.State {
	s, _ := f.state.(*reservation.State)
	return s
}

// keep remembers what a SKU's rows add up to; nil: as before.
func (f *follower) keep(sku stock.SKU, s *sums) {
	if s != nil {
		f.sums[sku] = s
	}
}

// follow brings the state on to a version. Where that was trimmed from the journal
// meanwhile, the state is built anew, which may be further on.
func (w World) follow(ctx context.Context, f *follower, upto int64) error {
	if f.state != nil && f.at.Version >= upto {
		return nil
	}
	if f.state != nil {
		at, err := w.Ledgers.Follow(ctx, f.id, f.state, f.at, upto)
		if err == nil {
			f.at = at
			return nil
		}
		f.state = nil
		if !errors.Is(err, ports.ErrPermanent) {
			return err
		}
	}
	var err error
	for range rebuildTries {
		if err = w.rebuild(ctx, f, upto); !errors.Is(err, ports.ErrPermanent) {
			return err
		}
	}
	return err
}

// rebuildTries: between reading the head and the entries the journal may be trimmed.
const rebuildTries = 3

func (w World) rebuild(ctx context.Context, f *follower, upto int64) error {
	head, err := w.Ledgers.Journal.Head(ctx, f.id)
	if err != nil {
		return err
	}
	m, at, err := w.Ledgers.Replay(ctx, f.id, head, max(upto, head.Snapshot.Version))
	if err != nil {
		return err
	}
	f.state, f.at, f.relayed = m, at, max(f.relayed, head.Snapshot.Version)
	return nil
}

// toRelayed brings the state on to what is in the tables. ok is false where it is ahead of
// that, and can't be compared with them.
func (w World) toRelayed(ctx context.Context, f *follower) (ok bool, err error) {
	relayed, owned := w.Host.Relayed(f.id)
	if !owned {
		head, err := w.Ledgers.Journal.Head(ctx, f.id)
		if err != nil {
			return false, fmt.Errorf("%s: %w", f.id, err)
		}
		relayed = max(head.Relayed, head.Snapshot.Version)
	}
	f.relayed = max(f.relayed, relayed)
	if err := w.follow(ctx, f, f.relayed); err != nil {
		return false, fmt.Errorf("folding the journal of %s: %w", f.id, err)
	}
	return f.at.Version <= f.relayed, nil
}

// toNewest brings the state on to the newest entry.
func (w World) toNewest(ctx context.Context, f *follower) error {
	newest, err := w.newest(ctx, f.id)
	if err == nil {
		err = w.follow(ctx, f, newest)
	}
	if err != nil {
		return fmt.Errorf("folding the journal of %s: %w", f.id, err)
	}
	return nil
}

// newest is the version of a ledger's newest entry. What this process remembers of it counts while
// it is sure to own the ledger: else another one may have gone on, whose rows are there already.
func (w World) newest(ctx context.Context, id ledger.ID) (version int64, err error) {
	if w.Host.Glance(id, func(_ ledger.Machine, at ledger.Stamp) { version = at.Version }) && w.Host.Sure(id) {
		return version, nil
	}
	head, err := w.Ledgers.Journal.Head(ctx, id)
	return head.Version, err
}

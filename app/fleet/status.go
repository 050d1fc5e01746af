package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Here lists how the ledgers of this process stand, in order.
func (f *Fleet) Here() []wire.Status {
	var all []wire.Status
	for _, s := range f.host.Status() {
		one := wire.Status{
			Ledger: s.Ledger, Owner: f.cfg.Owner.Owner, Epoch: s.Epoch, Version: s.Version, Relayed: s.Relayed, Waiting: s.Waiting, Mail: s.Mail,
		}
		f.host.View(s.Ledger, func(m ledger.Machine) { one.Holds = holdsOf(m) })
		all = append(all, one)
	}
	return all
}

// holdsOf is the number of live holds of a ledger.
func holdsOf(m ledger.Machine) int64 {
	switch m := m.(type) {
	case *stock.State:
		_, holds := m.Counts()
		return int64(holds)
	case *reservation.State:
		return int64(m.Held())
	}
	return 0
}

// Standing is how a ledger stands, wherever it is owned.
type Standing struct {
	wire.Status        // but for Ledger zero where nobody is known to own it
	Name        string // of the member that owns it; empty: nobody is known to
	Addr        string // where it is
}

// Own lists how the ledgers of this process stand, in order, as Everywhere does.
func (f *Fleet) Own() []Standing {
	here := f.Here()
	all := make([]Standing, 0, len(here))
	for _, s := range here {
		all = append(all, Standing{s, f.cfg.Name, f.cfg.Addr})
	}
	return all
}

// Everywhere lists how all ledgers stand, in order. An error says which members did not answer:
// of the ledgers of these nothing is known but what it says.
func (f *Fleet) Everywhere(ctx context.Context) (all []Standing, err error) {
	ids, err := f.world.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the ledgers: %w", err)
	}
	found := map[ledger.ID]Standing{}
	for _, s := range f.Own() {
		found[s.Ledger] = s
	}
	var mu sync.Mutex
	var faults []error
	inParallel(16, f.roster.living(), func(m ports.Member) {
		a, err := ask[wire.StatusAnswer](ctx, f, m, wire.AskStatus{})
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			faults = append(faults, err)
		}
		for _, s := range a.Ledgers {
			if old, ok := found[s.Ledger]; !ok || s.Epoch > old.Epoch {
				found[s.Ledger] = Standing{s, m.Name, m.Addr}
			}
		}
	})
	for _, id := range ids {
		s := found[id]
		s.Ledger = id
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Standing) int { return cmp.Compare(a.Ledger, b.Ledger) })
	return all, errors.Join(faults...)
}

// Unowned lists the ledgers that nobody is known to own, in the order of World.List: they take
// no commands. The store is asked about those whose owner this process has not heard of. An error
// says that it could not be, and that nothing is known.
func (f *Fleet) Unowned(ctx context.Context) (unowned []ledger.ID, err error) {
	ids, err := f.world.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the ledgers: %w", err)
	}
	for _, id := range ids {
		if f.host.Owns(id) {
			continue
		}
		if _, ok := f.ownerOf(id, false); ok && !f.alone() {
			continue
		}
		err := owner.ErrNotOwner
		if !f.alone() {
			err = f.seek(ctx, id)
		}
		switch {
		case errors.Is(err, owner.ErrNotOwner):
			unowned = append(unowned, id)
		case err != nil:
			return nil, err
		}
	}
	return unowned, nil
}

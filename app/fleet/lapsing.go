package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// Lapsing gives the holds that end first, at most most, of all reservation ledgers, and how many
// end before a time in Unix milliseconds. An error says of which ledgers nothing is known: what
// else is told holds without them.
func (f *Fleet) Lapsing(ctx context.Context, before int64, most int) (soonest []wire.Hold, all int, err error) {
	ids, err := f.world.List(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("listing the ledgers: %w", err)
	}
	found := map[ledger.ID]wire.Lapsing{}
	var mu sync.Mutex
	var faults []error
	note := func(a wire.LapsingAnswer, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			faults = append(faults, err)
		}
		for _, l := range a.Ledgers {
			found[l.Ledger] = l
		}
	}
	question := wire.AskLapsing{Before: before, Most: most}
	note(f.lapsingHere(question), nil)
	inParallel(16, f.roster.living(), func(m ports.Member) { note(ask[wire.LapsingAnswer](ctx, f, m, question)) })
	for _, id := range ids {
		l, known := found[id]
		if !known && id.Kind() == ledger.KindReservation {
			faults = append(faults, fmt.Errorf("%s: nobody who owns it has answered", id))
		}
		all += l.All
		soonest = append(soonest, l.Holds...)
	}
	slices.SortFunc(soonest, func(a, b wire.Hold) int {
		return cmp.Or(cmp.Compare(a.ExpiresAt, b.ExpiresAt), cmp.Compare(a.OrderID, b.OrderID))
	})
	return soonest[:min(len(soonest), most)], all, errors.Join(faults...)
}

// lapsingHere looks at the reservation ledgers that this process is sure to own.
func (f *Fleet) lapsingHere(r wire.AskLapsing) (a wire.LapsingAnswer) {
	for _, s := range f.host.Status() {
		if !f.host.Sure(s.Ledger) {
			continue
		}
		f.host.View(s.Ledger, func(m ledger.Machine) {
			state, ok := m.(*reservation.State)
			if !ok {
				return
			}
			l := wire.Lapsing{Ledger: s.Ledger}
			var soonest []*reservation.Order
			soonest, l.All = state.Lapsing(r.Before, r.Most)
			for _, o := range soonest {
				l.Holds = append(l.Holds, holdOf(o))
			}
			a.Ledgers = append(a.Ledgers, l)
		})
	}
	return a
}

func holdOf(o *reservation.Order) wire.Hold {
	h := wire.Hold{OrderID: o.ID, ReservationID: reservation.IDOf(o.ID), HeldAt: o.HeldAt, ExpiresAt: o.ExpiresAt, Lines: len(o.Lines)}
	for _, l := range o.Lines {
		h.Units += l.Quantity
	}
	return h
}

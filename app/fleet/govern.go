package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/ports"
)

// claim is this process on its way to own a ledger.
type claim struct {
	stop  context.CancelFunc // of the waiting; what was begun is done
	nudge chan struct{}      // has room for one sign
}

// barrier is why a ledger is not taken for a while: a person has to see to it, and other
// ledgers go on meanwhile.
type barrier struct {
	err   error
	until time.Time
}

// barredFor is how many leases long a ledger is not taken again that could not be run.
const barredFor = 5

// govern sees to it that this process owns what falls to it, until ctx ends or a ledger can't
// be run and no other process could be hurt by its end.
func (f *Fleet) govern(ctx context.Context) error {
	timer := f.world.Clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-f.fatal:
			return err
		case <-f.kicked:
		case <-timer.C():
		}
		f.arrange(ctx)
		timer.Reset(f.cfg.Owner.Lease / 20)
	}
}

// arrange compares what this process owns with what falls to it.
func (f *Fleet) arrange(ctx context.Context) {
	f.mu.Lock()
	joined := f.joined
	f.mu.Unlock()
	if !joined {
		return
	}
	if err := f.trust(ctx); err != nil {
		f.abdicate()
		return
	}
	ids, err := f.list(ctx)
	if err != nil {
		f.trouble(err)
		return
	}
	candidates, lately := f.candidates(f.roster.living()), f.candidates(f.roster.lately(f.cfg.Name))
	f.mu.Lock()
	defer f.mu.Unlock()
	plan := f.plan
	if !slices.Equal(ids, f.shared.ids) || !slices.Equal(candidates, f.shared.members) || !slices.Equal(lately, f.shared.lately) {
		plan = share(candidates, ids)
		f.plan, f.shared = plan, shared{ids, candidates, lately}
		f.firm = share(lately, ids)
		f.plans.Store(f.toPlan(plan))
		defer f.routes.wake()
	}
	for _, id := range ids {
		if plan[id] == f.cfg.Owner.Owner {
			f.begin(ctx, id)
			continue
		}
		if c := f.claims[id]; c != nil {
			c.stop()
		}
		f.herald(id, plan[id])
	}
	f.handOver(ids)
}

// toPlan tells whether a reservation ledger falls to this process.
func (f *Fleet) toPlan(plan map[ledger.ID]string) bool {
	for id, member := range plan {
		if member == f.cfg.Owner.Owner && id.Kind() == ledger.KindReservation {
			return true
		}
	}
	return false
}

// list lists all ledgers; those that another member told of, too.
func (f *Fleet) list(ctx context.Context) ([]ledger.ID, error) {
	f.mu.Lock()
	stale := f.stale
	f.stale = false
	f.mu.Unlock()
	if stale {
		if err := f.world.Relist(ctx); err != nil {
			return nil, fmt.Errorf("looking for new ledgers: %w", err)
		}
	}
	ids, err := f.world.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing the ledgers: %w", err)
	}
	return ids, nil
}

// trust compares the clock with the store's where it is not trusted (yet).
func (f *Fleet) trust(ctx context.Context) error {
	if f.host.Trust() == nil {
		return nil
	}
	return f.host.CompareClock(ctx)
}

// shared is what a plan was made of.
type shared struct {
	ids     []ledger.ID
	members []ports.Member
	lately  []ports.Member // and those that may only be paused
}

// candidates lists the members, this one and of others, that ledgers may fall to.
func (f *Fleet) candidates(others []ports.Member) []ports.Member {
	if f.standsBack() {
		return willing(others)
	}
	return append([]ports.Member{{ID: f.cfg.Owner.Owner, Name: f.cfg.Name}}, willing(others)...)
}

// willing lists those who take ledgers, by what sharing out tells them apart by.
func willing(members []ports.Member) (all []ports.Member) {
	for _, m := range members {
		if m.Willing {
			all = append(all, ports.Member{ID: m.ID, Name: m.Name})
		}
	}
	return all
}

// abdicate gives everything up.
func (f *Fleet) abdicate() {
	f.mu.Lock()
	f.stopClaims()
	f.mu.Unlock()
	f.giveUp()
}

// stopClaims ends the waiting for ledgers; f.mu is held.
func (f *Fleet) stopClaims() {
	for _, c := range f.claims {
		c.stop()
	}
}

// begin begins to take a ledger; f.mu is held.
func (f *Fleet) begin(ctx context.Context, id ledger.ID) {
	if f.claims[id] != nil || f.host.Owns(id) || f.ending {
		return
	}
	if b, ok := f.barred[id]; ok && f.world.Clock.Now().Before(b.until) {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	c := &claim{stop: stop, nudge: make(chan struct{}, 1)}
	f.claims[id] = c
	f.working.Go(func() {
		defer stop()
		f.take(ctx, id, c.nudge)
		f.mu.Lock()
		delete(f.claims, id)
		f.mu.Unlock()
		f.routes.wake()
	})
}

// take waits until a ledger is free, and takes it.
func (f *Fleet) take(ctx context.Context, id ledger.ID, nudge <-chan struct{}) {
	for ctx.Err() == nil {
		head, err := f.host.Await(ctx, id, nudge)
		if err != nil {
			return // ctx ended
		}
		epoch, err := f.host.Take(ctx, id, head)
		switch {
		case err == nil:
			f.took(id, epoch)
			return
		case errors.Is(err, owner.ErrNotOwner):
			continue
		case owner.Hopeless(err):
			f.bar(id, err)
			return
		}
		f.trouble(fmt.Errorf("taking %s over: %w", id, err))
		_ = ports.Sleep(ctx, f.world.Clock, f.cfg.Owner.Lease/10) // the loop sees the end of ctx
	}
}

// bar keeps this process from taking a ledger again and again that it can't run.
func (f *Fleet) bar(id ledger.ID, err error) {
	err = fmt.Errorf("%s can't be run: %w", id, err)
	f.trouble(err)
	f.mu.Lock()
	f.barred[id] = barrier{err, f.world.Clock.Now().Add(barredFor * f.cfg.Owner.Lease)}
	f.mu.Unlock()
	if f.alone() {
		select {
		case f.fatal <- err:
		default: // another one was first
		}
	}
}

// took tells everybody that this process owns a ledger now.
func (f *Fleet) took(id ledger.ID, epoch int64) {
	f.mu.Lock()
	delete(f.barred, id)
	f.mu.Unlock()
	f.routes.set(id, f.cfg.Owner.Owner, epoch)
	f.host.Resend(id)
	f.board.kick()
	f.tellAll(wire.Took{Ledger: id, Owner: f.cfg.Owner.Owner, Epoch: epoch})
}

// ended follows a ledger that this process owns no longer.
func (f *Fleet) ended(id ledger.ID, err error) {
	f.feeds.drop(id)
	f.routes.drop(id, f.cfg.Owner.Owner)
	if owner.Hopeless(err) {
		f.bar(id, err)
	}
	f.kick()
}

// handOver gives one ledger up that falls to another member, which is known to live, whether or
// not those are dead that are silent: where they are paused nothing is to move. f.mu is held. One
// at a time: what is handed over decides nothing for a moment.
func (f *Fleet) handOver(ids []ledger.ID) {
	if f.handing || f.ending {
		return
	}
	i := slices.IndexFunc(ids, func(id ledger.ID) bool {
		_, sure, ok := f.roster.member(f.plan[id])
		return sure && ok && f.firm[id] == f.plan[id] && f.host.Owns(id)
	})
	if i < 0 {
		return
	}
	f.handing = true
	id, to := ids[i], f.plan[ids[i]]
	f.working.Go(func() {
		f.release(id, to)
		f.mu.Lock()
		f.handing = false
		f.mu.Unlock()
		f.kick()
	})
}

// release gives a ledger up, and tells everybody who is to take it.
func (f *Fleet) release(id ledger.ID, to string) {
	began := f.world.Clock.Now()
	f.host.Release(id)
	f.routes.drop(id, f.cfg.Owner.Owner)
	if m, _, ok := f.roster.member(to); ok {
		f.world.Observer.Observe(ports.HandedOver{Ledger: id, To: m, Took: f.world.Clock.Now().Sub(began)})
	}
	f.tellAll(wire.Moved{Ledger: id, To: to})
}

// giveUp gives everything up to those to whom it falls without this process.
func (f *Fleet) giveUp() {
	owned := f.host.Owned()
	if len(owned) == 0 {
		return
	}
	ids, err := f.world.List(context.Background())
	if err != nil {
		ids = owned
	}
	plan := share(f.peers(), ids)
	inParallel(16, owned, func(id ledger.ID) { f.release(id, plan[id]) })
}

// herald tells all once that a ledger falls to a member, which may not have heard of it; f.mu
// is held.
func (f *Fleet) herald(id ledger.ID, to string) {
	if f.heralded[id] == to || f.routes.of(id) != "" {
		return
	}
	f.heralded[id] = to
	f.tellAll(wire.Moved{Ledger: id, To: to})
}

// invited begins to take a ledger that its last owner gave up for this process to take, at once:
// that one may know better, or earlier, who there is. If it falls to another member after all,
// that one gets it later.
func (f *Fleet) invited(id ledger.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, planned := f.plan[id]; !planned {
		f.stale = true // not heard of yet
		f.kick()
		return
	}
	if f.running == nil || f.running.Err() != nil || f.ending || f.host.Trust() != nil || f.reach.isCut() {
		return
	}
	f.begin(f.running, id)
	if c := f.claims[id]; c != nil {
		sign(c.nudge)
	}
}

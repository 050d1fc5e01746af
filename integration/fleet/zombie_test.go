package fleet

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/integration/service"
)

const (
	zombieLease = 3 * time.Second
	// loading is how long it may take on a busy machine to take ledgers that are free, to load
	// them, and to see that.
	loading = time.Second
)

// What a paused owner remembers is old, and it can't know: what it decides when it goes on must
// not count, and what it tells must be right, or be put right.
func TestPausedAndKilledOwnersAreFollowedWithinTheLeaseAndChangeNothingAfterwards(t *testing.T) {
	f := newFleet(t, zombieLease)
	f.start()
	l := f.newLoad(newSeed(t), pace{requests: 80, orders: 30}, 30*time.Second)
	l.start()
	wait(f.ctx, 2*time.Second)
	f.pausedShortly(f.members[0])
	f.pausedLong(f.members[1], func() { wait(f.ctx, zombieLease) })
	f.killed(f.members[1])
	// What the last one tells late nothing newer follows but what puts it right.
	f.pausedLong(f.members[2], l.stop)
	t.Logf("through it all: %s", l.balancer.tally.between(time.Time{}, time.Now()))
	for _, failure := range l.balancer.tally.failures {
		t.Error(failure)
	}
	l.audit(time.Minute)
}

// pausedShortly: nothing moves where an owner is paused for less than others take for its death.
func (f *fleet) pausedShortly(m *member) {
	f.t.Helper()
	before := f.mustKnow(f.other(m))
	m.pause(f.ctx, zombieLease/3)
	wait(f.ctx, zombieLease)
	after := f.mustKnow(f.other(m))
	for id, l := range after {
		if was := before[id]; was.Owner != l.Owner || was.Epoch != l.Epoch {
			f.t.Errorf("%s was paused for %s: %s was %q's in epoch %d, and is %q's in epoch %d", m.name, zombieLease/3, id, was.Owner, was.Epoch, l.Owner, l.Epoch)
		}
	}
}

// pausedLong: others own all that was the member's, which loses it by conflict and takes its part
// again as a new owner. Others decide, tell and write meanwhile.
func (f *fleet) pausedLong(m *member, meanwhile func()) {
	f.t.Helper()
	mine := f.ownedBy(m)
	said := len(m.p().Said())
	took := f.mustFollow(m, mine, m.stop)
	meanwhile()
	m.goOn()
	if err := eventually(func() error { return lost(m.p().Said()[said:], mine) }); err != nil {
		f.t.Errorf("%s does not know that it lost its ledgers: %v\n%s", m.name, err, m.p().Said()[said:])
	}
	m.awaitReady(f.ctx)
	f.awaitShared()
	f.t.Logf("%s was paused: %d ledgers had new owners after %s, the lease is %s", m.name, len(mine), ms(took), zombieLease)
}

// killed: others own all that was the member's within the lease.
func (f *fleet) killed(m *member) {
	f.t.Helper()
	mine := f.ownedBy(m)
	took := f.mustFollow(m, mine, m.kill)
	f.t.Logf("%s was killed: %d ledgers had new owners after %s, the lease is %s", m.name, len(mine), ms(took), zombieLease)
	m.launch()
	m.awaitReady(f.ctx)
	f.awaitShared()
}

// mustFollow makes a member go silent and waits until others own what was its, in new epochs, as
// the journals say, and as another member says a moment later.
func (f *fleet) mustFollow(m *member, mine map[string]owned, silence func()) (took time.Duration) {
	f.t.Helper()
	f.site.Read(func(store service.Store) {
		began := time.Now()
		silence()
		f.await("the ledgers of "+m.name+" have new owners", func() error {
			for id, was := range mine {
				head, err := store.Head(f.ctx, ledger.ID(id))
				if err != nil || head.Epoch <= was.Epoch {
					return fmt.Errorf("%s is in epoch %d after %d, %w", id, head.Epoch, was.Epoch, err)
				}
			}
			return nil
		})
		took = time.Since(began)
	})
	if took > zombieLease+loading {
		f.t.Errorf("the ledgers of %s had new owners after %s, the lease is %s", m.name, took, zombieLease)
	}
	other := f.other(m)
	f.await(other.name+" knows the new owners", func() error {
		all, err := f.ledgers(other)
		if err != nil {
			return err
		}
		for id, was := range mine {
			if now := all[id]; now.Owner == "" || now.Owner == m.name || now.Epoch <= was.Epoch {
				return fmt.Errorf("%s is %q's in epoch %d after %d", id, now.Owner, now.Epoch, was.Epoch)
			}
		}
		return nil
	})
	return took
}

// other is a member that is neither m nor paused.
func (f *fleet) other(m *member) *member {
	return f.members[(slices.Index(f.members, m)+1)%len(f.members)]
}

func (f *fleet) mustKnow(m *member) map[string]owned {
	f.t.Helper()
	all, err := f.ledgers(m)
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

// ownedBy lists the ledgers of a member.
func (f *fleet) ownedBy(m *member) map[string]owned {
	f.t.Helper()
	all := f.mustKnow(f.other(m))
	maps.DeleteFunc(all, func(_ string, l owned) bool { return l.Owner != m.name })
	if len(all) == 0 {
		f.t.Fatalf("%s owns nothing", m.name)
	}
	return all
}

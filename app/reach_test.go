package app_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// held lists who owns what by the journal, which anybody can ask whom others don't reach.
func (c *crew) held() map[ledger.ID]string {
	c.Helper()
	held := map[ledger.ID]string{}
	for _, h := range c.members {
		ids, err := h.Ledgers(c.Context())
		if err != nil {
			c.Fatal(err)
		}
		for _, id := range ids {
			if head, err := c.store.Head(c.Context(), id); err != nil {
				c.Fatal(err)
			} else if head.Owner == h.MemberID() {
				held[id] = h.name
			} else if _, there := held[id]; !there {
				held[id] = ""
			}
		}
	}
	return held
}

// shares counts what each member owns by the journal.
func (c *crew) shares() map[string]int {
	c.Helper()
	shares := map[string]int{}
	for _, name := range c.held() {
		shares[name]++
	}
	return shares
}

// wantCut fails the test unless a member says that it stands back, and what to do.
func (c *crew) wantCut(name string) {
	c.Helper()
	err := c.members[name].Ready(c.Context())
	if err == nil || !strings.Contains(err.Error(), "takes no ledgers") || !strings.Contains(err.Error(), "--fleet-advertise") || !strings.Contains(err.Error(), "at "+name) {
		c.Errorf("%s, to whom nobody gets, says of being ready: %v", name, err)
	}
}

// wantReady fails the test unless a member is ready.
func (c *crew) wantReady(names ...string) {
	c.Helper()
	for _, name := range names {
		if err := c.members[name].Ready(c.Context()); err != nil {
			c.Errorf("%s is not ready: %v", name, err)
		}
	}
}

// willing counts the members that take ledgers, as they say of themselves.
func (c *crew) willing() (n int) {
	c.Helper()
	all, err := c.store.Members(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	for _, m := range all {
		if m.Willing {
			n++
		}
	}
	return n
}

func (c *crew) names() []string { return slices.Sorted(maps.Keys(c.members)) }

func handedOver(h *hand) int {
	return h.seen.count(func(e ports.Event) bool { _, is := e.(ports.HandedOver); return is })
}

// As with a wrong address: it gets to the others.
func TestAMemberToWhomNobodyGetsIsGivenNothing(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		before := c.held()
		c.roads.set(true, []string{"a", "b"}, []string{"d"})
		d := c.begin("d")
		for range 100 {
			pass(fleetLease / 10)
			if now := c.held(); !maps.Equal(now, before) {
				c.Fatalf("before it came %v, now %v", before, now)
			}
		}
		c.wantCut("d")
		c.wantReady("a", "b")
		for n := range 6 {
			if err := c.reserve("d", fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
				c.Errorf("it gets to the others, and can't bring a command there: %v", err)
			}
		}
		for _, name := range []string{"a", "b"} {
			if n := c.members[name].seen.count(func(e ports.Event) bool {
				f, is := e.(ports.FleetTrouble)
				return is && strings.Contains(f.Err.Error(), "d at d")
			}); n == 0 {
				c.Errorf("%s doesn't say that it can't get to d", name)
			}
		}
		if n := d.seen.count(func(e ports.Event) bool { _, is := e.(ports.FleetTrouble); return is }); n == 0 {
			c.Error("d doesn't say that nobody gets there")
		}
		c.roads.set(false, []string{"a", "b"}, []string{"d"})
		pass(5 * fleetLease)
		if parts := c.parts(); parts["d"] < 5 {
			c.Errorf("others get there, and 16 ledgers are shared out as %v", parts)
		}
		c.wantReady("a", "b", "d")
	})
}

// As with a certificate of another CA. The first one by name stands back last, and does so.
func TestAMemberThatIsCutOffGivesEverythingToTheOthers(t *testing.T) {
	for _, name := range []string{"a", "c"} {
		crewed(t, []string{"a", "b", "c"}, func(c *crew) {
			others := slices.DeleteFunc([]string{"a", "b", "c"}, func(n string) bool { return n == name })
			c.roads.apart(true, []string{name}, others)
			pass(5 * fleetLease)
			if shares := c.shares(); shares[name] != 0 || shares[others[0]] != 8 || shares[others[1]] != 8 {
				c.Errorf("%s is cut off, and 16 ledgers are shared out as %v", name, shares)
			}
			c.wantCut(name)
			c.wantReady(others...)
			for n := range 12 {
				if err := c.reserve(others[0], fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
					c.Errorf("W%d: %v", n, err)
				}
			}
			c.roads.apart(false, []string{name}, others)
			pass(5 * fleetLease)
			if parts := c.parts(); parts[name] < 5 {
				c.Errorf("it is there again, and 16 ledgers are shared out as %v", parts)
			}
			c.wantReady("a", "b", "c")
		})
	}
}

func TestOfMembersThatGetToNobodyOneKeepsEverything(t *testing.T) {
	names := []string{"a", "b", "c"}
	for n := 2; n <= len(names); n++ {
		crewed(t, names[:n], func(c *crew) {
			c.roads.apart(true, c.names(), c.names())
			for range 100 {
				pass(fleetLease / 10)
				if c.willing() == 0 {
					c.Error("nobody takes ledgers")
				}
			}
			if shares := c.shares(); shares["a"] != 16 {
				c.Errorf("16 ledgers are shared out as %v", shares)
			}
			c.wantReady("a")
			c.wantCut("b")
			c.roads.apart(false, c.names(), c.names())
			pass(5 * fleetLease)
			for name, part := range c.parts() {
				if part < 5 {
					c.Errorf("they get to each other again, and %s owns %d ledgers of 16", name, part)
				}
			}
		})
	}
}

// Where one way alone is closed, it is the one at its end that nobody gets to.
func TestOfTwoTheOneToWhomTheOtherDoesNotGetStandsBack(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		crewed(t, []string{"a", "b"}, func(c *crew) {
			other := strings.Trim("ab", name)
			c.roads.set(true, []string{other}, []string{name})
			pass(10 * fleetLease)
			if shares := c.shares(); shares[other] != 16 {
				c.Errorf("%s does not get to %s, and 16 ledgers are shared out as %v", other, name, shares)
			}
			c.wantCut(name)
			c.wantReady(other)
		})
	}
}

func TestABreakInTheNetworkThatIsShortMovesNothing(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		before := c.owners()
		for range 5 {
			c.roads.apart(true, c.names(), c.names())
			pass(fleetLease)
			c.roads.apart(false, c.names(), c.names())
			pass(fleetLease)
		}
		if after := c.owners(); !maps.Equal(before, after) {
			c.Errorf("before %v, after %v", before, after)
		}
		for name, m := range c.members {
			if n := handedOver(m); n > 0 {
				c.Errorf("%s handed %d ledgers over", name, n)
			}
		}
	})
}

// A member that nobody could hail, since nobody could ask the store who there is, is not cut off.
func TestAfterAnOutageOfTheStoreEverybodyIsInReach(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		for _, m := range c.members {
			m.gate.hold()
		}
		pass(10 * fleetLease)
		for _, m := range c.members {
			m.gate.release()
		}
		for range 100 {
			pass(fleetLease / 20)
			if n := c.willing(); n != 3 {
				c.Fatalf("%d of 3 members take ledgers", n)
			}
		}
		c.wantReady(c.names()...)
	})
}

// The row of its last start, which looks alive for a while, keeps it from nothing.
func TestAMemberThatIsAloneNeedsNobody(t *testing.T) {
	crewed(t, []string{"a"}, func(c *crew) {
		c.crash("a")
		c.begin("a")
		pass(fleetLease * 13 / 20)
		if shares := c.shares(); shares["a"] < 8 {
			c.Errorf("soon after its ledgers' leases have ended it owns %v of 16 ledgers", shares)
		}
		pass(fleetLease * 7 / 20)
		if shares := c.shares(); shares["a"] != 16 {
			c.Errorf("a lease after it started again it owns %v of 16 ledgers", shares)
		}
		c.wantReady("a")
	})
}

// olderVersion is a member that knows of no hails.
type olderVersion struct{}

func (olderVersion) Answer(_ context.Context, request []byte) []byte {
	codec := owner.NewCodec()
	var answer wire.Message = wire.Refused{Err: wire.ErrUnknownMessage}
	if m, err := codec.Decode(request); err == nil {
		if _, ok := m.(wire.AskStatus); ok {
			answer = wire.StatusAnswer{}
		}
	}
	b, err := codec.Encode(answer)
	if err != nil {
		panic(err)
	}
	return b
}

func (olderVersion) Hear([]byte) {}

func TestAMemberTakesPartAmongThoseOfAnOlderVersion(t *testing.T) {
	crewed(t, nil, func(c *crew) {
		old := ports.Member{ID: system.NewUUID().String(), Name: "old", Addr: "old", Willing: true}
		c.network.Join("old", olderVersion{})
		beat := func() {
			old.Beat++
			if err := c.store.Beat(c.Context(), old); err != nil {
				c.Fatal(err)
			}
			pass(fleetLease / 10)
		}
		for range 5 {
			beat()
		}
		c.begin("a")
		for range 30 {
			beat()
		}
		if shares := c.shares(); shares["a"] != 2 {
			c.Errorf("of 4 ledgers, which an older member leaves half of, it owns %v", shares)
		}
	})
}

func TestALetterIsActedOnByAnOwnerOfAnOlderVersion(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		c.roads.older = "b"
		e := created(c.orderAt("b"), 1)
		e.OccurredAt = time.Now()
		did, err := c.members["a"].Act(c.Context(), letter(1, e))
		if err != nil || did.Verdict != app.Applied || did.Order == nil {
			c.Fatalf("got %+v, %v", did, err)
		}
		if c.roads.refused != 1 {
			c.Errorf("the older member was asked %d times for what it does not know", c.roads.refused)
		}
		pass(fleetLease)
		if did, err := c.members["a"].Act(c.Context(), letter(1, e)); err != nil || did.Order.Status != reservation.Held {
			c.Errorf("brought again, it is %+v, %v", did, err)
		}
	})
}

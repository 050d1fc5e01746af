package porttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"inventory/ports"
)

// Members proves that a store keeps the contract of ports.Members. Each call of open gives a
// handle on the same store, as in Journal; other members of it are left alone.
func Members(t *testing.T, open func(t *testing.T) ports.Members) {
	tests := map[string]func(*membersTest){
		"a member is listed as it tells of itself":       memberListed,
		"what it says takes the place of what it said":   memberSaysMore,
		"members are listed in the order of their ids":   membersInOrder,
		"one that has left is forgotten, and no other":   memberLeaves,
		"of twenty that beat at once each has its place": membersBeatAtOnce,
		"a cancelled call is an error":                   membersCancelled,
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			tests[name](&membersTest{T: t, ctx: t.Context(), stores: [2]ports.Members{open(t), open(t)}})
		})
	}
}

// membersTest is one test of the suite, with two handles on a store. A member beats through
// the first one, as the one process that it is.
type membersTest struct {
	*testing.T
	ctx    context.Context
	stores [2]ports.Members
	ids    []string // of this test's members
}

// member is one that is new in the store.
func (t *membersTest) member() ports.Member {
	m := ports.Member{ID: unique("member"), Name: "inventory-0", Addr: "10.0.0.7:7480", Version: "v1.2.3", Beat: 1, Willing: true}
	t.ids = append(t.ids, m.ID)
	return m
}

func (t *membersTest) beat(all ...ports.Member) {
	t.Helper()
	for _, m := range all {
		must(t.T, "Beat", func() error { return t.stores[0].Beat(t.ctx, m) })
	}
}

// wantListed fails the test unless just these of the test's members are listed, through both
// handles, in order.
func (t *membersTest) wantListed(want ...ports.Member) {
	t.Helper()
	for i, s := range t.stores {
		var all []ports.Member
		must(t.T, "Members", func() (err error) {
			all, err = s.Members(t.ctx)
			return err
		})
		if !slices.IsSortedFunc(all, byID) {
			t.Fatalf("handle %d: not in the order of ids: %+v", i, all)
		}
		got := slices.DeleteFunc(all, func(m ports.Member) bool { return !slices.Contains(t.ids, m.ID) })
		if !slices.Equal(got, want) {
			t.Fatalf("handle %d: members are\n %+v, want\n %+v", i, got, want)
		}
	}
}

func byID(a, b ports.Member) int { return cmp.Compare(a.ID, b.ID) }

func memberListed(t *membersTest) {
	m := t.member()
	t.wantListed()
	t.beat(m)
	t.wantListed(m)
	bare := ports.Member{ID: unique("member") + "-ü/:'"}
	t.ids = append(t.ids, bare.ID)
	t.beat(bare)
	both := []ports.Member{m, bare}
	slices.SortFunc(both, byID)
	t.wantListed(both...)
}

func memberSaysMore(t *membersTest) {
	m := t.member()
	t.beat(m)
	for _, next := range []ports.Member{
		{ID: m.ID, Name: m.Name, Addr: m.Addr, Version: m.Version, Beat: 2, Willing: true},
		{ID: m.ID, Name: "elsewhere", Addr: "", Version: "v2", Beat: 3},
		{ID: m.ID, Name: "", Addr: "h:1", Version: "", Beat: 4, Willing: true},
		{ID: m.ID, Name: m.Name, Addr: m.Addr, Version: m.Version, Beat: math.MaxInt64},
	} {
		t.beat(next, next) // the same again changes nothing
		t.wantListed(next)
	}
}

func membersInOrder(t *membersTest) {
	var all []ports.Member
	for beat := range int64(30) {
		m := t.member()
		m.Beat = beat
		all = append(all, m)
	}
	t.beat(all...)
	slices.SortFunc(all, byID)
	t.wantListed(all...)
}

func memberLeaves(t *membersTest) {
	a, b := t.member(), t.member()
	t.beat(a, b)
	for range 2 {
		must(t.T, "Leave", func() error { return t.stores[0].Leave(t.ctx, a.ID) })
		t.wantListed(b)
	}
	must(t.T, "Leave of nobody", func() error { return t.stores[0].Leave(t.ctx, unique("nobody")) })
	t.wantListed(b)
}

func membersBeatAtOnce(t *membersTest) {
	all := make([]ports.Member, racers)
	for i := range all {
		all[i] = t.member()
	}
	for i, err := range race(racers, func(i int) error {
		m := &all[i]
		m.Name = fmt.Sprintf("racer %d", i)
		for range 5 {
			m.Beat++
			if err := settle(func() error { return t.stores[i%2].Beat(t.ctx, *m) }); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	slices.SortFunc(all, byID)
	t.wantListed(all...)
}

func membersCancelled(t *membersTest) {
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	m := t.member()
	_, err := t.stores[0].Members(ctx)
	for call, err := range map[string]error{"Beat": t.stores[0].Beat(ctx, m), "Members": err, "Leave": t.stores[0].Leave(ctx, m.ID)} {
		if ports.ClassOf(err) != ports.Unknown {
			t.Errorf("%s with a cancelled context: got error %v", call, err)
		}
	}
}

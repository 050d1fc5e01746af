package cassandra_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"inventory/adapters/cassandra"
	"inventory/ports"
)

// region is a home region that no other test has members in.
func region(name string) func(*cassandra.Config) {
	return func(c *cassandra.Config) { c.Region = name }
}

func wantMembers(t *testing.T, s *cassandra.Store, want ...ports.Member) {
	t.Helper()
	got, err := s.Members(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("members are %+v, %v, want %+v", got, err, want)
	}
}

func beat(t *testing.T, s *cassandra.Store, m ports.Member) {
	t.Helper()
	if err := settle(t.Context(), func() error { return s.Beat(t.Context(), m) }); err != nil {
		t.Fatal(err)
	}
}

func TestMembersAreOfOneRegion(t *testing.T) {
	name := newUUID().String()
	here, there := open(t, region(name)), open(t, region(name+"-2"))
	m := ports.Member{ID: "a", Beat: 1}
	beat(t, here, m)
	wantMembers(t, here, m)
	wantMembers(t, there)
}

func TestAMemberThatIsNotHeardOfAnyMoreIsForgotten(t *testing.T) {
	name := newUUID().String()
	s := open(t, region(name), func(c *cassandra.Config) { c.MemberTTL = 90 * time.Second })
	beat(t, s, ports.Member{ID: "a", Beat: 1})
	var left [5]int
	err := admin(t, keyspace).Query(`SELECT TTL(name), TTL(addr), TTL(version), TTL(beat), TTL(willing) FROM member WHERE region = ? AND id = 'a'`, name).
		Scan(&left[0], &left[1], &left[2], &left[3], &left[4])
	if err != nil {
		t.Fatal(err)
	}
	for _, seconds := range left {
		if seconds <= 60 || seconds > 90 {
			t.Errorf("columns lapse in %v s, want up to 90", left)
		}
	}
}

// What a member said last stays, whatever lands after it.
func TestABeatThatLandsLatePutsNothingBack(t *testing.T) {
	name := newUUID().String()
	s, l := openLinked(t, region(name))
	here := open(t, region(name))     // the same member, on a way that is open
	beat(t, s, ports.Member{ID: "a"}) // what is held up later is not that this is prepared
	newer := ports.Member{ID: "a", Beat: 2}
	landLate(t, s, l, func() { beat(t, here, newer) })
	wantStill(t, s, newer)
	landLate(t, s, l, func() {
		if err := here.Leave(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
	})
	wantStill(t, s)
}

// landLate has a beat of the member a land after something else was done. It is held up for
// less time than the driver waits before it gives a connection up.
func landLate(t *testing.T, s *cassandra.Store, l *link, meanwhile func()) {
	t.Helper()
	l.holdRequests()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Beat(ctx, ports.Member{ID: "a", Beat: 1, Willing: true}); ports.ClassOf(err) != ports.Unknown {
		t.Fatalf("got error %v", err)
	}
	meanwhile()
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
}

// wantStill looks so often that what was sent before must have landed meanwhile.
func wantStill(t *testing.T, s *cassandra.Store, want ...ports.Member) {
	t.Helper()
	for range 50 {
		wantMembers(t, s, want...)
	}
}

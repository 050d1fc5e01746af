package sqlite

import (
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestRowsAreIgnoredAndRemovedWhenTheirTimeIsOver(t *testing.T) {
	clock := porttest.NewClock(now)
	s := openStore(t, t.TempDir(), Options{Clock: clock, ReservationTTL: time.Hour, AdjustmentTTL: time.Minute})
	order, renewed := ledger.UUID{1}, ledger.UUID{2}
	write := func(rows ports.Rows) { t.Helper(); want(t, s.Write(t.Context(), rows), nil) }
	write(ports.Rows{
		Reservations: []ports.ReservationRow{{ReservationID: order, At: now}, {ReservationID: renewed, At: now}},
		Adjustments:  []ports.AdjustmentRow{{ID: order, At: now}},
	})
	wantFound := func(kind ledger.Kind, n int) {
		t.Helper()
		got, err := s.Recall(t.Context(), kind, []ledger.UUID{order, renewed})
		if err != nil || len(got) != n {
			t.Fatalf("recalled %d rows, error %v; want %d", len(got), err, n)
		}
	}
	clock.Advance(time.Minute - time.Millisecond)
	wantFound(ledger.KindStock, 1)
	clock.Advance(time.Millisecond)
	wantFound(ledger.KindStock, 0)
	wantFound(ledger.KindReservation, 2)
	write(ports.Rows{Reservations: []ports.ReservationRow{{ReservationID: renewed, At: now}}}) // counts from here again
	clock.Advance(59 * time.Minute)
	wantFound(ledger.KindReservation, 1)
	if _, ok, err := s.Reservation(t.Context(), order); ok || err != nil {
		t.Fatalf("reservation found: %t, error %v; want none", ok, err)
	}
	clock.Advance(time.Second)
	if _, ok, err := s.Reservation(t.Context(), order); ok || err != nil {
		t.Fatalf("reservation found a second later: %t, error %v; want none", ok, err)
	}
	wantFound(ledger.KindReservation, 1)
	want(t, clock.WaitTimers(t.Context(), 1), nil)
	clock.Advance(cleanEvery)
	want(t, clock.WaitTimers(t.Context(), 1), nil) // the cleaner is through
	s.wantRows(t, "reservation", 1)
	s.wantRows(t, "adjustment", 0)
}

func TestAMemberThatIsNotHeardOfAnyMoreIsForgotten(t *testing.T) {
	clock := porttest.NewClock(now)
	s := openStore(t, t.TempDir(), Options{Clock: clock, MemberTTL: time.Minute})
	dead, living := ports.Member{ID: "a", Beat: 1}, ports.Member{ID: "b", Beat: 1}
	wantMembers := func(want ...ports.Member) {
		t.Helper()
		if got, err := s.Members(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Fatalf("members are %+v, error %v; want %+v", got, err, want)
		}
	}
	want(t, s.Beat(t.Context(), dead), nil)
	want(t, s.Beat(t.Context(), living), nil)
	clock.Advance(time.Minute - time.Millisecond)
	wantMembers(dead, living)
	living.Beat++
	want(t, s.Beat(t.Context(), living), nil)
	clock.Advance(time.Millisecond)
	wantMembers(living)
	want(t, clock.WaitTimers(t.Context(), 1), nil)
	clock.Advance(cleanEvery)
	want(t, clock.WaitTimers(t.Context(), 1), nil) // the cleaner is through
	s.wantRows(t, "member", 1)
	wantMembers(living)
}

func (s *Store) wantRows(t *testing.T, table string, want int) {
	t.Helper()
	var n int
	if err := s.readers.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil || n != want {
		t.Fatalf("%s has %d rows, error %v; want %d", table, n, err, want)
	}
}

func TestCleaningGoesInSmallSteps(t *testing.T) {
	clock := porttest.NewClock(now)
	s := openStore(t, t.TempDir(), Options{Clock: clock})
	head := s.mustTakeOver(t)
	const entries = 2*cleanRows + 50
	for v := int64(1); v <= entries; v++ {
		want(t, s.Commit(t.Context(), id, entry(head.Epoch, v, nil)), nil)
	}
	want(t, s.Trim(t.Context(), id, ports.Trim{Epoch: head.Epoch, Snapshot: ports.SnapshotRef{Version: entries}, Upto: entries - 10}), nil)
	s.wantRows(t, "ledger", entries)
	for _, left := range []int{entries - cleanRows, entries - 2*cleanRows, 10} {
		more, err := s.cleanStep(t.Context())
		if err != nil || more != (left != 10) {
			t.Fatalf("more is %t, error %v, with %d to be left", more, err, left)
		}
		s.wantRows(t, "ledger", left)
	}
}

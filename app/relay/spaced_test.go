package relay_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/system"
	"inventory/app/relay"
	"inventory/ports"
)

// slowly is a store's tables, where a write takes a while.
type slowly struct {
	parts []int
	began []time.Time
	seen  []string
}

func (s *slowly) Write(_ context.Context, rows ports.Rows) error {
	s.parts, s.began = append(s.parts, rows.Len()), append(s.began, time.Now())
	for _, e := range rows.Events {
		s.seen = append(s.seen, e.SKU+e.Metadata)
	}
	<-time.After(10 * time.Millisecond)
	return nil
}

func TestRowsLeaveTheStoreHalfOfTheTimeWhileCallersWait(t *testing.T) {
	for _, spaced := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			tables := &slowly{}
			r := relay.New(relay.To{Ledger: id, Tables: tables, Spaced: func() bool { return spaced }, Clock: system.Clock{}})
			if err := r.Write(t.Context(), entries(t, 300)); err != nil { // an adjustment's row each
				t.Fatal(err)
			}
			want := []int{300}
			if spaced {
				want = []int{128, 128, 44}
			}
			if !slices.Equal(tables.parts, want) {
				t.Fatalf("spaced %t: rows written at once: %v, expected %v", spaced, tables.parts, want)
			}
			for i := 1; i < len(tables.began); i++ {
				if apart := tables.began[i].Sub(tables.began[i-1]); apart != 20*time.Millisecond {
					t.Errorf("a part that took 10 ms, and the next began %s after it", apart)
				}
			}
		})
	}
}

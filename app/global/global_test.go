package global_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/memory"
	"inventory/app/global"
	domain "inventory/domain/global"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 26, 3, 4, 5, 0, time.UTC)

// site is the topics, the table and a clock, and what was told.
type site struct {
	*testing.T
	*memory.Publisher
	clock *porttest.Clock
	table *memory.Store

	mu   sync.Mutex
	told []ports.Event
	fail error // of publishing and of writing
}

func newSite(t *testing.T) *site {
	return &site{T: t, Publisher: &memory.Publisher{}, clock: porttest.NewClock(start), table: memory.New()}
}

// Observe implements ports.Observer.
func (s *site) Observe(e ports.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, e)
}

func (s *site) world() global.World {
	return global.World{Levels: s.LevelTopic(), Totals: s.GlobalTopic(), Publisher: failing{s}, Table: failing{s}, Clock: s.clock, Observer: s}
}

// failing publishes and writes unless it is to fail.
type failing struct{ *site }

// Publish implements ports.Publisher.
func (f failing) Publish(ctx context.Context, events []ports.PublicEvent) error {
	if f.fail != nil {
		return f.fail
	}
	return f.Publisher.Publish(ctx, events)
}

// PutGlobal implements ports.GlobalTable.
func (f failing) PutGlobal(ctx context.Context, rows []ports.GlobalRow) error {
	if f.fail != nil {
		return f.fail
	}
	return f.table.PutGlobal(ctx, rows)
}

// GlobalAfter implements ports.GlobalTable.
func (f failing) GlobalAfter(ctx context.Context, after domain.Key, limit int) ([]ports.GlobalRow, error) {
	return f.table.GlobalAfter(ctx, after, limit)
}

// GlobalOf implements ports.GlobalTable.
func (f failing) GlobalOf(ctx context.Context, skus []string) ([]ports.GlobalRow, error) {
	return f.table.GlobalOf(ctx, skus)
}

const interval, bound = time.Second, 10 * time.Second

func (s *site) aggregator(id string) *global.Aggregator {
	return global.NewAggregator(s.world(), global.Config{ID: id, Interval: interval, Bound: bound})
}

func (s *site) level(warehouse string, version, onHand, held int64) {
	l := ports.StockLevel{SKU: "A", WarehouseID: warehouse, Region: "south", OnHand: onHand, Held: held, Available: max(0, onHand-held), Version: version}
	l.OccurredAt = start.Add(time.Duration(version) * time.Millisecond)
	if err := s.Publish(s.Context(), []ports.PublicEvent{l}); err != nil {
		s.Fatal(err)
	}
}

// totals lists the totals that were published.
func (s *site) totals() (all []ports.GlobalStock) {
	for _, e := range s.Published() {
		if t, ok := e.(ports.GlobalStock); ok {
			all = append(all, t)
		}
	}
	return all
}

func (s *site) round(of interface{ Round(context.Context) error }) {
	s.Helper()
	if err := of.Round(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func TestLevelsBecomeTotalsAndRows(t *testing.T) {
	s := newSite(t)
	a, p := s.aggregator("a"), global.NewProjector(s.world(), global.Config{})
	s.level("W1", 3, 2, 5)
	s.level("W2", 9, 4, 1)
	s.level("W1", 2, 90, 90) // late
	s.round(a)
	s.round(p)
	want := ports.GlobalStock{SKU: "A", Region: "south", OnHand: 6, Held: 6, Available: 3, Version: 12, Aggregator: "a"}
	want.OccurredAt = start.Add(9 * time.Millisecond)
	all := s.totals()
	if len(all) != 1 {
		t.Fatalf("published %+v", all)
	}
	id := all[0].ID
	if want.ID = id; all[0] != want {
		t.Errorf("published %+v, expected %+v", all[0], want)
	}
	row := ports.GlobalRow{SKU: "A", Region: "south", OnHand: 6, Held: 6, Available: 3, Version: 12, AsOf: want.OccurredAt}
	if got, err := s.table.GlobalOf(t.Context(), []string{"A"}); err != nil || !slices.Equal(got, []ports.GlobalRow{row}) {
		t.Errorf("the table has %+v, %v; expected %+v", got, err, row)
	}
	s.round(s.aggregator("b")) // the topic lacks nothing
	if all := s.totals(); len(all) != 1 {
		t.Errorf("published again: %+v", all)
	}
	s.level("W1", 4, 2, 4)
	s.round(a)
	if all := s.totals(); len(all) != 2 || all[1].ID == id || all[1].Version != 13 {
		t.Errorf("published %+v", all)
	}
}

func TestWhatCantBePublishedOrWrittenIsTriedAgain(t *testing.T) {
	s := newSite(t)
	a, p := s.aggregator("a"), global.NewProjector(s.world(), global.Config{})
	s.level("W1", 3, 2, 0)
	s.fail = fmt.Errorf("%w: away", ports.ErrTransient)
	for range 2 {
		if err := a.Round(t.Context()); !errors.Is(err, ports.ErrTransient) {
			t.Fatalf("found %v", err)
		}
		s.clock.Advance(3 * time.Second)
	}
	if last := s.told[len(s.told)-1]; last != (ports.Aggregated{Active: true, Lag: 3 * time.Second, Late: 1, Levels: 1}) {
		t.Errorf("told %+v", last)
	}
	s.fail = nil
	s.round(a)
	s.fail = fmt.Errorf("%w: away", ports.ErrTransient)
	if err := p.Round(t.Context()); !errors.Is(err, ports.ErrTransient) {
		t.Fatalf("found %v", err)
	}
	s.fail = nil
	s.round(p)
	if got, err := s.table.GlobalOf(t.Context(), []string{"A"}); err != nil || len(got) != 1 || got[0].Version != 3 || len(s.totals()) != 1 {
		t.Errorf("the table has %+v, %v; published %+v", got, err, s.totals())
	}
}

func TestAnAggregatorStandsByForAJobAndTakesOver(t *testing.T) {
	s := newSite(t)
	a := s.aggregator("a")
	job := func(version int64) {
		if err := s.Publish(t.Context(), []ports.PublicEvent{ports.GlobalStock{SKU: "A", Region: "south", OnHand: version, Version: version}}); err != nil {
			t.Fatal(err)
		}
	}
	s.round(a)
	s.level("W1", 3, 2, 0)
	job(3)
	s.round(a)
	s.level("W1", 4, 2, 0)
	s.round(a)
	s.clock.Advance(bound - 1)
	s.round(a)
	if all := s.totals(); len(all) != 1 {
		t.Fatalf("published too early: %+v", all)
	}
	s.clock.Advance(1)
	s.round(a)
	if all := s.totals(); len(all) != 2 || all[1].Version != 4 || all[1].Aggregator != "a" {
		t.Fatalf("published %+v", all)
	}
	var changes []ports.Event
	for _, e := range s.told {
		if c, ok := e.(ports.AggregationChanged); ok {
			changes = append(changes, c)
		}
	}
	if want := []ports.Event{ports.AggregationChanged{}, ports.AggregationChanged{Active: true, Lag: bound, Late: 1}}; !slices.Equal(changes, want) {
		t.Errorf("told %+v, expected %+v", changes, want)
	}
}

func TestRoundsGoOnUntilTheEndWhateverFails(t *testing.T) {
	s := newSite(t)
	s.fail = fmt.Errorf("%w: away", ports.ErrTransient)
	a := s.aggregator("a")
	s.level("W1", 3, 2, 0)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	for range 5 {
		s.waitTimer()
		s.clock.Advance(interval)
	}
	s.waitTimer()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	troubles := 0
	for _, e := range s.told {
		if _, ok := e.(ports.GlobalTrouble); ok {
			troubles++
		}
	}
	if troubles < 5 || s.told[len(s.told)-1] != (ports.Aggregated{}) {
		t.Errorf("told %+v", s.told)
	}
}

// waitTimer waits until somebody waits for the clock.
func (s *site) waitTimer() {
	s.Helper()
	if err := s.clock.WaitTimers(s.Context(), 1); err != nil {
		s.Fatal(err)
	}
}

// A job that starts anew, or adds up half of a change, says something older for a moment.
func TestAnOlderTotalBehindANewerOneIsNotWhatIsWritten(t *testing.T) {
	s := newSite(t)
	p := global.NewProjector(s.world(), global.Config{})
	for _, versions := range [][]int64{{5, 3}, {4}, {7, 6, 2}} {
		for _, v := range versions {
			if err := s.Publish(t.Context(), []ports.PublicEvent{ports.GlobalStock{SKU: "A", Region: "south", Version: v}}); err != nil {
				t.Fatal(err)
			}
		}
		s.round(p)
		want := max(5, versions[0])
		if got, err := s.table.GlobalOf(t.Context(), []string{"A"}); err != nil || len(got) != 1 || got[0].Version != want {
			t.Errorf("after %v the table has %+v, %v; expected version %d", versions, got, err, want)
		}
	}
}

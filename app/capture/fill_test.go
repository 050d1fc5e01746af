package capture_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app/capture"
	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

var orders = ledger.ReservationID("home", 0)

// shop is a reservation ledger that leaves publishing to capture.
type shop struct {
	*testing.T
	*memory.Store
	publisher memory.Publisher
	raw       []string
	heard     []ports.Event
	version   int64
	relay     *relay.Relay
}

func newShop(t *testing.T) *shop {
	s := &shop{T: t, Store: memory.New()}
	s.relay = relay.New(relay.To{Ledger: orders, Tables: s, Spaced: func() bool { return false }, Clock: system.Clock{}, Capture: true})
	return s
}

// Write implements ports.Tables; what it stores is captured.
func (s *shop) Write(ctx context.Context, rows ports.Rows) error {
	for _, r := range rows.Events {
		s.raw = append(s.raw, r.Metadata)
	}
	return s.Store.Write(ctx, rows)
}

// Observe implements ports.Observer.
func (s *shop) Observe(e ports.Event) { s.heard = append(s.heard, e) }

// append appends the events of orders, an entry each, to the table at once.
func (s *shop) append(orders ...stock.OrderID) {
	s.Helper()
	var entries []*ledger.Entry
	for _, o := range orders {
		s.version++
		entries = append(entries, &ledger.Entry{
			Stamp:   ledger.Stamp{Version: s.version, At: time.Now().UnixMilli()},
			Changes: []ledger.Change{reservation.Changed{Event: reservation.ReservedEvent, Order: &reservation.Order{ID: o, Status: reservation.Held}}},
		})
	}
	for _, do := range []func() error{
		func() error { return s.relay.Write(s.Context(), entries) },
		func() error { return s.relay.Flush(s.Context()) },
	} {
		if err := do(); err != nil {
			s.Fatal(err)
		}
	}
}

// Follow implements ports.Capture: it brings what the shop has captured when it begins.
func (s *shop) Follow(ctx context.Context, lead func(context.Context, <-chan string)) error {
	records := make(chan string, 100_000)
	for _, r := range s.raw {
		records <- r
	}
	lead(ctx, records)
	return nil
}

// publish lets a process publish for a while.
func (s *shop) publish(outbox ports.Outbox, while time.Duration) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), while)
	defer cancel()
	list := func(context.Context) ([]ledger.ID, error) { return []ledger.ID{orders}, nil }
	w := capture.World{Outbox: outbox, Books: s, Publisher: &s.publisher, Clock: system.Clock{}, Observer: s}
	if err := capture.New(w, s, list, capture.Config{Lateness: lateness}).Run(ctx); err != nil {
		s.Fatal(err)
	}
}

// published lists the keys of what was published.
func (s *shop) published() string {
	var keys []string
	for _, e := range s.publisher.Published() {
		keys = append(keys, e.Key())
	}
	return strings.Join(keys, " ")
}

func (s *shop) mustHavePublished(want string) {
	s.Helper()
	if got := s.published(); got != want {
		s.Errorf("published %q, expected %q", got, want)
	}
}

func TestRepeatsAndOldRowsAreDroppedAndOrderIsRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.append("a", "b")
		s.append("c", "d")
		r := s.raw
		s.raw = []string{r[2], r[1], r[2], r[0], r[0], r[1], r[3], r[0]}
		s.publish(s, 100*time.Millisecond)
		s.mustHavePublished("a b c d")
		s.publish(s, 100*time.Millisecond) // after a restart all that is published comes again
		s.mustHavePublished("a b c d")
		repeats := 0
		for _, e := range s.heard {
			if e, ok := e.(ports.CaptureRepeated); ok {
				repeats += e.Rows
			}
		}
		if repeats != 4+8 {
			t.Errorf("%d repeats were told, expected 12", repeats)
		}
	})
}

func TestWhatIsMissingBetweenRowsIsReadFromTheTableWithoutWaitingForTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.append("a", "b", "c")
		s.raw = s.raw[2:]
		s.publish(s, lateness/3)
		s.mustHavePublished("a b c")
	})
}

func TestWhatNeverCameIsPublishedWithinTheBoundAndNotBeforeItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.append("a")
		s.append("b")
		s.raw = nil
		s.publish(s, lateness/3)
		s.mustHavePublished("")
		s.publish(s, lateness-lateness/3)
		s.mustHavePublished("a b")
		rows, err := s.Pending(t.Context(), orders, 0, 10)
		if err != nil || len(rows) != 0 {
			t.Errorf("left in the outbox: %+v %v", rows, err)
		}
	})
}

func TestWhatCameTooFarAheadIsReadFromTheTable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		const n = 9000
		s.append(slices.Repeat([]stock.OrderID{"o"}, n)...)
		s.raw = s.raw[1:]
		s.publish(s, lateness)
		if got := len(s.publisher.Published()); got != n {
			t.Errorf("%d of %d were published", got, n)
		}
		if !slices.ContainsFunc(s.heard, func(e ports.Event) bool { _, ok := e.(ports.CaptureDropped); return ok }) {
			t.Error("none came too far ahead: the test proves nothing")
		}
	})
}

// holed is an outbox whose reads miss, once, the row that a quorum of the nodes had not told
// of yet when they began, though they have the one after it.
type holed struct {
	ports.Outbox
	missing int64
}

// Pending implements ports.Outbox.
func (h *holed) Pending(ctx context.Context, id ledger.ID, above int64, limit int) ([]ports.OutboxRow, error) {
	rows, err := h.Outbox.Pending(ctx, id, above, limit)
	if h.missing > 0 {
		rows = slices.DeleteFunc(rows, func(r ports.OutboxRow) bool { return r.Last == h.missing })
		h.missing = 0
	}
	return rows, err
}

func TestARowThatAReadMissedIsNotPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t)
		s.append("a")
		s.append("b")
		s.raw = nil
		<-time.After(lateness)
		s.publish(&holed{s, 1}, time.Second)
		s.mustHavePublished("a b")
	})
}

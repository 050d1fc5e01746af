package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/watch"
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// watcher is a client that watches a warehouse: it keeps the levels as it was told of them,
// and checks that no change is missing and none comes twice.
type watcher struct {
	testing.TB
	levels   map[stock.SKU]watch.Level
	types    []string // of the changes that were told
	revision string
	whole    bool // the snapshot was complete
}

func newWatcher(t testing.TB) *watcher {
	return &watcher{TB: t, levels: map[stock.SKU]watch.Level{}}
}

// take notes what was told.
func (v *watcher) take(e watch.Event) {
	v.Helper()
	if e.Revision != nil {
		v.revision, v.whole = e.Revision.String(), true
	}
	for _, l := range e.Levels {
		if _, twice := v.levels[l.SKU]; twice {
			v.Errorf("%s comes twice in a snapshot", l.SKU)
		}
		v.levels[l.SKU] = l
	}
	if e.Changes == nil {
		return
	}
	for _, c := range e.Changes.Changes {
		if was := v.levels[c.After.SKU]; c.After.Seq != was.Seq+1 {
			v.Fatalf("%s: change %d comes after %d", c.After.SKU, c.After.Seq, was.Seq)
		}
		v.levels[c.After.SKU] = c.After
		v.types = append(v.types, fmt.Sprint(c.Type, " ", c.After.SKU, " ", c.Quantity))
	}
}

// begin begins a watch where the last one ended; it is given up with the test's context.
func (v *watcher) begin(in *app.Inventory, warehouse string, skus ...string) *watch.Watcher {
	v.Helper()
	w, err := in.WatchStock(v.Context(), app.WatchRequest{WarehouseID: warehouse, SKUs: skus, From: v.revision})
	if err != nil {
		v.Fatalf("from revision %q: %v", v.revision, err)
	}
	return w
}

// drain takes all that comes within a time.
func (v *watcher) drain(w *watch.Watcher, within time.Duration) {
	v.Helper()
	ctx, cancel := context.WithTimeout(v.Context(), within)
	defer cancel()
	for {
		e, err := w.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return
		}
		if err != nil {
			v.Fatalf("after revision %q: %v", v.revision, err)
		}
		v.take(e)
	}
}

// equals compares what was told with the levels that there are.
func (v *watcher) equals(in *app.Inventory, warehouse string, skus ...string) {
	v.Helper()
	for _, sku := range skus {
		s, err := in.Stock(v.Context(), sku, "")
		if err != nil {
			v.Fatal(err)
		}
		for _, part := range s.Warehouses {
			l := v.levels[stock.SKU(sku)]
			if string(part.WarehouseID) == warehouse && (l.OnHand != part.OnHand || l.Held != part.Held || l.Available != part.Available || l.Version != part.Version) {
				v.Errorf("%s: watched %+v, there is %+v", sku, l, part)
			}
		}
	}
}

// adjust adds to what is on hand, or takes away.
func adjust(t testing.TB, in *app.Inventory, warehouse, sku string, quantity int64, key string) {
	t.Helper()
	kind := "RECEIPT"
	if quantity < 0 {
		kind = "LOSS"
	}
	_, err := in.Adjust(t.Context(), app.AdjustRequest{SKU: sku, WarehouseID: warehouse, Type: kind, Quantity: quantity, Actor: "test", Key: key, Reason: "because"})
	if err != nil {
		t.Fatal(err)
	}
}

// watched has a story happen to one process with a warehouse W1, which has ten units of A.
func watched(t *testing.T, story func(t *testing.T, in *app.Inventory), set ...func(*app.Config)) {
	synctest.Test(t, func(t *testing.T) {
		in := beginIn(t, memory.New(), app.Outside{}, set...)
		stockUp(t, in)
		story(t, in)
	})
}

func TestAWatchIsTheSnapshotAndThenEveryChange(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		v := newWatcher(t)
		w := v.begin(in, "W1")
		defer w.End(nil)
		v.drain(w, time.Second)
		if !v.whole || v.levels["A"].OnHand != 10 || len(v.types) != 0 {
			t.Fatalf("the snapshot is %v at %s, changes %v", v.levels, v.revision, v.types)
		}
		must(t)(in.Reserve(t.Context(), app.ReserveRequest{OrderID: "o", Items: []app.ReserveItem{{SKU: "A", Quantity: 3}}}))
		must(t)(in.Confirm(t.Context(), app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: "o"}, Items: []app.ReserveItem{{SKU: "A", Quantity: 2}}}))
		adjust(t, in, "W1", "B", 5, "new")
		adjust(t, in, "W1", "B", -1, "lost")
		v.drain(w, time.Second)
		v.equals(in, "W1", "A", "B")
		if got, want := fmt.Sprint(v.types), "[HELD A 3 CONFIRMED A 2 RELEASED A 1 ADJUSTED B 5 ADJUSTED B -1]"; got != want {
			t.Errorf("told of %s, expected %s", got, want)
		}
	})
}

func TestAWatchOfSomeSKUsHearsOfNoOthersAndItsRevisionMovesOn(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		v := newWatcher(t)
		w := v.begin(in, "W1", "B")
		defer w.End(nil)
		v.drain(w, time.Second)
		if len(v.levels) != 0 || !v.whole {
			t.Errorf("there is no B yet, and the snapshot is %v", v.levels)
		}
		before := v.revision
		adjust(t, in, "W1", "A", 1, "a")
		v.drain(w, time.Second)
		if v.revision != before || len(v.types) > 0 {
			t.Errorf("told of another SKU: %v", v.types)
		}
		v.drain(w, 10*time.Second)
		if v.revision == before {
			t.Errorf("no heartbeat brought the revision on from %s", before)
		}
		adjust(t, in, "W1", "B", 4, "b")
		v.drain(w, time.Second)
		v.equals(in, "W1", "B")
	})
}

func TestASilentWatchHasHeartbeatsThatSayHowFreshItIs(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		v := newWatcher(t)
		w := v.begin(in, "W1")
		defer w.End(nil)
		v.drain(w, 20*time.Second) // what was adjusted is forgotten by then, which is an entry
		for range 3 {
			began := time.Now()
			e, err := w.Next(t.Context())
			if err != nil || e.Changes != nil || e.Revision.String() != v.revision {
				t.Fatalf("%+v, %v", e, err)
			}
			if took := time.Since(began); took > 6*time.Second || time.Since(e.AsOf) > 200*time.Millisecond {
				t.Errorf("after %v it is as of %v ago", took, time.Since(e.AsOf))
			}
		}
	})
}

func few(cfg *app.Config) { cfg.Watch.Recent = 20 }

func TestASlowReaderIsCutOffAloneAndGoesOnWhereItWas(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		slow, quick := newWatcher(t), newWatcher(t)
		ws, wq := slow.begin(in, "W1"), quick.begin(in, "W1")
		defer wq.End(nil)
		slow.drain(ws, time.Second)
		quick.drain(wq, time.Second)
		for n := range 50 {
			adjust(t, in, "W1", "A", 1, fmt.Sprint(n))
			quick.drain(wq, 50*time.Millisecond)
		}
		if _, err := ws.Next(t.Context()); !errors.Is(err, watch.ErrBehind) {
			t.Fatalf("the slow one is told %v, expected to be cut off", err)
		}
		ws.End(watch.ErrBehind)
		ws = slow.begin(in, "W1")
		defer ws.End(nil)
		slow.drain(ws, time.Second)
		adjust(t, in, "W1", "A", 1, "last")
		for v, w := range map[*watcher]*watch.Watcher{slow: ws, quick: wq} {
			v.drain(w, time.Second)
			v.equals(in, "W1", "A")
			if len(v.types) != 51 {
				t.Errorf("%d changes were told, there are 51", len(v.types))
			}
		}
	}, few)
}

func TestARevisionThatIsTrimmedIsOutOfRangeAndTheOldestIsNamed(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		for n := range 400 {
			adjust(t, in, "W1", "A", 1, fmt.Sprint(n))
			pass(50 * time.Millisecond)
		}
		_, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1", From: "1"})
		out, ok := errors.AsType[*watch.RangeError](err)
		if !ok || !errors.Is(err, watch.ErrOutOfRange) {
			t.Fatalf("from what is trimmed: %v", err)
		}
		if out.Oldest[0] <= 1 {
			t.Fatalf("the oldest is %s", out.Oldest)
		}
		v := newWatcher(t)
		v.revision = out.Oldest.String()
		w, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1", From: v.revision})
		if err != nil {
			t.Fatalf("from the oldest: %v", err)
		}
		w.End(nil)
	}, few, func(cfg *app.Config) { cfg.Owner.SnapshotBytes = 2000 })
}

// A process that begins knows nothing but the journal.
func TestAWatchGoesOnAtAProcessThatBeginsFromBeforeTheLastSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		small := func(cfg *app.Config) { cfg.Owner.SnapshotBytes = 2000 }
		in, stop := beginUntil(t, store, app.Outside{}, small)
		stockUp(t, in)
		v := newWatcher(t)
		id := ledger.StockID("W1", 0)
		for n := 0; ; n++ {
			before, err := store.Head(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			w := v.begin(in, "W1")
			v.drain(w, time.Second)
			w.End(nil)
			adjust(t, in, "W1", "A", 1, fmt.Sprint(n))
			pass(time.Second)
			after, err := store.Head(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if n > 20 && after.Snapshot != before.Snapshot {
				break // a snapshot was taken since the watcher was told of something last
			}
		}
		stop()
		in, _ = beginUntil(t, store, app.Outside{}, small)
		pass(time.Second)
		w := v.begin(in, "W1")
		defer w.End(nil)
		v.drain(w, time.Second)
		v.equals(in, "W1", "A")
	})
}

func TestARevisionThatCanNotBeIsRefused(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		for from, want := range map[string]error{
			"1000": watch.ErrOutOfRange, "1.1": stock.ErrInvalid, "x": stock.ErrInvalid, "-1": stock.ErrInvalid, "01": stock.ErrInvalid, ".": stock.ErrInvalid,
		} {
			if _, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1", From: from}); !errors.Is(err, want) {
				t.Errorf("from revision %q: %v, expected %v", from, err, want)
			}
		}
		if _, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W2"}); !errors.Is(err, app.ErrUnknownWarehouse) {
			t.Errorf("no such warehouse: %v", err)
		}
	})
}

func TestALargeSnapshotComesInPartsAndChangesAfterIt(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		for n := range 2500 {
			adjust(t, in, "W1", fmt.Sprint("SKU-", n), 1, fmt.Sprint(n))
		}
		v := newWatcher(t)
		w := v.begin(in, "W1")
		defer w.End(nil)
		e, err := w.Next(t.Context())
		if err != nil || e.Revision != nil || len(e.Levels) != 1000 {
			t.Fatalf("the first part has %d levels and the revision %s, %v", len(e.Levels), e.Revision, err)
		}
		v.take(e)
		adjust(t, in, "W1", "SKU-7", 1, "meanwhile")
		v.drain(w, time.Second)
		v.equals(in, "W1", "SKU-7", "SKU-2499", "A")
		if len(v.levels) != 2501 || len(v.types) != 1 {
			t.Errorf("%d levels, %v", len(v.levels), v.types)
		}
	})
}

func TestAProcessThatEndsEndsItsWatchesAndTakesNoOthers(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		v := newWatcher(t)
		w := v.begin(in, "W1")
		v.drain(w, time.Second)
		in.EndWatches()
		_, err := w.Next(t.Context())
		if w.End(err); !errors.Is(err, watch.ErrClosing) {
			t.Errorf("told %v", err)
		}
		if _, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1"}); !errors.Is(err, watch.ErrClosing) {
			t.Errorf("a new one is told %v", err)
		}
	})
}

func TestMoreWatchesThanAProcessMayHaveAreRefused(t *testing.T) {
	watched(t, func(t *testing.T, in *app.Inventory) {
		v := newWatcher(t)
		w := v.begin(in, "W1")
		if _, err := in.WatchStock(t.Context(), app.WatchRequest{WarehouseID: "W1"}); !errors.Is(err, watch.ErrCrowded) {
			t.Errorf("a second one is told %v", err)
		}
		w.End(nil)
		v.begin(in, "W1").End(nil)
	}, func(cfg *app.Config) { cfg.Watch.Watches = 1 })
}

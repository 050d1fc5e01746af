package relay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"inventory/adapters/system"
	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// written is a store's tables: it keeps what each call wrote, and fails as often as told.
type written struct {
	calls []ports.Rows
	fail  int
}

var errTables = errors.New("the tables are away")

func (w *written) Write(_ context.Context, rows ports.Rows) error {
	if w.fail > 0 {
		w.fail--
		return errTables
	}
	w.calls = append(w.calls, rows)
	return nil
}

var id = ledger.StockID("W1", 0)

// entries makes receipts of one unit each, an entry each, of a SKU.
func entries(t *testing.T, n int) []*ledger.Entry {
	t.Helper()
	s := stock.New(id)
	var all []*ledger.Entry
	for i := range n {
		at := ledger.Stamp{Version: int64(i + 1), At: int64(1_800_000_000_000 + i)}
		d := s.Decide(stock.Adjust{Ledger: id, Actor: "a", Key: fmt.Sprint("k", i), SKU: "A", Type: stock.Receipt, Quantity: 1}, ledger.Recalled{}, at)
		if d.Err != nil {
			t.Fatal(d.Err)
		}
		for _, c := range d.Changes {
			if err := s.Apply(c, at); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, &ledger.Entry{Stamp: at, Changes: d.Changes})
	}
	return all
}

// toTables is where a relay goes that nobody has to wait for.
func toTables(tables ports.Tables) relay.To {
	return relay.To{Ledger: id, Tables: tables, Spaced: func() bool { return false }, Clock: system.Clock{}}
}

func TestEventsAndLevelsOfStockAreHeldBackAndWrittenTogether(t *testing.T) {
	tables := &written{}
	r := relay.New(toTables(tables))
	es := entries(t, 5)
	for _, some := range [][]*ledger.Entry{es[:2], es[2:]} {
		if err := r.Write(t.Context(), some); err != nil {
			t.Fatal(err)
		}
	}
	for _, rows := range tables.calls {
		if len(rows.Events)+len(rows.Levels) > 0 {
			t.Errorf("written before Flush: %+v", rows)
		}
	}
	if n := len(tables.calls); n != 2 || len(tables.calls[0].Adjustments) != 2 || len(tables.calls[1].Adjustments) != 3 {
		t.Errorf("adjustments are not held back: got %+v", tables.calls)
	}
	tables.calls = nil
	for range 2 { // the second time there is nothing
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(tables.calls) != 1 || len(tables.calls[0].Events) != 5 || len(tables.calls[0].Levels) != 1 {
		t.Fatalf("five events and one level expected in one call, got %+v", tables.calls)
	}
	if l := tables.calls[0].Levels[0]; l.OnHand != 5 || l.Version != 5 {
		t.Errorf("the level is not the last one: %+v", l)
	}
}

// A call that fails is made again with the same entries, and rows of one call must differ.
func TestWhatIsWrittenAgainAfterAFailureIsWrittenOnce(t *testing.T) {
	tables := &written{fail: 2}
	r := relay.New(toTables(tables))
	es := entries(t, 3)
	insist := func(do func() error) {
		for err := do(); err != nil; err = do() {
			if !errors.Is(err, errTables) {
				t.Fatal(err)
			}
		}
	}
	insist(func() error { return r.Write(t.Context(), es) })
	tables.fail = 1
	insist(func() error { return r.Flush(t.Context()) })
	var ids []string
	for _, rows := range tables.calls {
		for _, e := range rows.Events {
			ids = append(ids, e.EventID.String())
		}
	}
	slices.Sort(ids)
	if got := len(ids); got != 3 || len(slices.Compact(ids)) != 3 {
		t.Errorf("%d events were written, %d different ones expected", got, 3)
	}
}

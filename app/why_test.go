package app_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// unread is a store whose tables take nothing while they are shut, whose heads, late, say
// that nothing is relayed, and that counts the events that are read.
type unread struct {
	app.Store
	shut, late atomic.Bool
	read       atomic.Int64
}

func (s *unread) Head(ctx context.Context, id ledger.ID) (ports.Head, error) {
	head, err := s.Store.Head(ctx, id)
	if s.late.Load() {
		head.Relayed = 0
	}
	return head, err
}

func (s *unread) Write(ctx context.Context, rows ports.Rows) error {
	if s.shut.Load() {
		return fmt.Errorf("%w: the tables are shut", ports.ErrTransient)
	}
	return s.Store.Write(ctx, rows)
}

func (s *unread) Events(ctx context.Context, sku, warehouse string, upto time.Time, take func(ports.EventRow) error) error {
	return s.Store.Events(ctx, sku, warehouse, upto, func(r ports.EventRow) error {
		s.read.Add(1)
		return take(r)
	})
}

// asking is a process in a bubble with 10 of A in each of W1 and W2, the latter of three
// ledgers.
type asking struct {
	*testing.T
	*app.Inventory
}

func beginAsking(t *testing.T, store app.Store) asking {
	a := asking{t, beginIn(t, store, app.Outside{}, unhurried)}
	synctest.Wait()
	stockUp(t, a.Inventory)
	if err := a.PutWarehouse(t.Context(), stock.Warehouse{ID: "W2", Region: "R", Rank: 1, Ledgers: 3}); err != nil {
		t.Fatal(err)
	}
	a.adjust("W2", "RECEIPT", 10)
	return a
}

func (a asking) adjust(warehouse, kind string, n int64) {
	a.Helper()
	must(a.T)(a.Adjust(a.Context(), app.AdjustRequest{
		SKU: "A", WarehouseID: warehouse, Type: kind, Quantity: n, Actor: "wms:dock-3", Key: system.NewUUID().String(), Reason: "r", Reference: "PO-1", Source: "http",
	}))
}

// reserve holds for a minute n of A, and as many in each of the warehouses named.
func (a asking) reserve(order string, n int64, warehouses ...string) error {
	req := app.ReserveRequest{OrderID: order, TTL: time.Minute, Source: "test", Trace: "trace-of-" + order}
	for _, w := range warehouses {
		req.Items = append(req.Items, app.ReserveItem{SKU: "A", Quantity: n, WarehouseID: w})
	}
	if len(warehouses) == 0 {
		req.Items = []app.ReserveItem{{SKU: "A", Quantity: n}}
	}
	_, err := a.Reserve(a.Context(), req)
	return err
}

func (a asking) confirm(order string) error {
	_, err := a.Confirm(a.Context(), app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: order}, Source: "test"})
	return err
}

func (a asking) release(order string) error {
	_, err := a.Release(a.Context(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: order}, Reason: "PAYMENT_FAILED", Source: "test"})
	return err
}

func (a asking) why(req app.WhyRequest) app.Why {
	a.Helper()
	w, err := a.Why(a.Context(), req)
	if err != nil {
		a.Fatal(err)
	}
	return w
}

// short tells the lines of a story in words: what, where, how many, before and after, why.
func short(lines []app.StoryLine) (all []string) {
	for _, l := range lines {
		words := []string{l.What}
		if l.SKU != "" {
			words = append(words, l.WarehouseID, fmt.Sprint(l.Quantity), fmt.Sprint(l.Before, l.After))
		}
		if l.Late {
			words = append(words, "late")
		}
		all = append(all, strings.Join(append(words, l.Reason), " "))
	}
	return all
}

func (a asking) tells(lines []app.StoryLine, want ...string) {
	a.Helper()
	found := short(lines)
	for i := range found {
		found[i] = strings.TrimSpace(found[i])
	}
	if !slices.Equal(found, want) {
		a.Errorf("expected\n  %s\nfound\n  %s", strings.Join(want, "\n  "), strings.Join(found, "\n  "))
	}
}

func TestAnOrdersStoryHasItsStepsAndItsStock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := beginAsking(t, memory.New())
		must(t)(nil, a.reserve("split", 3, "W1", "W2"))
		aWhile()
		must(t)(nil, a.reserve("other", 1, "W1"))
		aWhile()
		must(t)(nil, a.release("split"))
		<-time.After(time.Hour) // the other one lapses, all is forgotten
		must(t)(nil, a.confirm("other"))
		if err := a.reserve("large", 99); !errors.Is(err, app.ErrUnknownSubject) && err == nil {
			t.Error("99 were there")
		}
		split, other := a.why(app.WhyRequest{Subject: "split"}).Order, a.why(app.WhyRequest{Subject: "other"}).Order
		a.tells(split.Lines, "ORDER_PLANNED", "HELD W1 3 {10 0} {10 3}", "HELD W2 3 {10 0} {10 3}", "ORDER_HELD",
			"ORDER_RELEASED PAYMENT_FAILED", "RELEASED W1 3 {10 4} {10 1} PAYMENT_FAILED", "RELEASED W2 3 {10 3} {10 0} PAYMENT_FAILED")
		a.tells(other.Lines, "ORDER_PLANNED", "HELD W1 1 {10 3} {10 4}", "ORDER_HELD", "RELEASED W1 1 {10 1} {10 0} TTL_EXPIRED",
			"HELD W1 1 {10 0} {10 1}", "ORDER_CONFIRMED late", "CONFIRMED W1 1 {10 1} {9 0} late")
		if held := split.Lines[1]; held.Source != "test" || held.Trace != "trace-of-split" || held.OrderID != "split" || held.ReservationID != reservationOf("split") {
			t.Errorf("who and why: %+v", held)
		}
		if split.Status.String() != "RELEASED" || !split.ChangedAt.Equal(split.Lines[4].At) || other.Lines[5].Late != true {
			t.Errorf("%+v", split)
		}
		receipt := a.why(app.WhyRequest{Subject: "A", Warehouse: "W2"}).Stock.Lines[0]
		if receipt.Actor != "wms:dock-3" || receipt.Reason != "r" || receipt.Reference != "PO-1" || receipt.AdjustmentType != "RECEIPT" || receipt.Source != "http" {
			t.Errorf("who and why: %+v", receipt)
		}
	})
}

// laterMail brings mail two minutes late while it is told to.
type laterMail struct {
	owner.Carrier
	late *atomic.Bool
}

func (m laterMail) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	if !m.late.Load() {
		m.Carrier.Deliver(from, to, mail)
		return
	}
	time.AfterFunc(2*time.Minute, func() { m.Carrier.Deliver(from, to, mail) })
}

func TestStockThatMovedLongAfterItsOrderEndedIsPartOfTheStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var late atomic.Bool
		in := beginIn(t, memory.New(), app.Outside{Carry: func(c owner.Carrier) owner.Carrier { return laterMail{c, &late} }}, unhurried)
		a := asking{t, in}
		synctest.Wait()
		stockUp(t, in)
		must(t)(nil, a.reserve("o", 3))
		late.Store(true)
		must(t)(nil, a.release("o"))
		<-time.After(time.Hour)
		a.tells(a.why(app.WhyRequest{Subject: "o"}).Order.Lines,
			"ORDER_PLANNED", "HELD W1 3 {10 0} {10 3}", "ORDER_HELD", "ORDER_RELEASED PAYMENT_FAILED", "RELEASED W1 3 {10 3} {10 0} PAYMENT_FAILED")
	})
}

func reservationOf(order string) string {
	return ledger.NewUUIDv5(ledger.Namespace, "reservation:"+order).String()
}

// TestAStoryIsTheSameWhereverItIsRead asks while nothing is in the tables, when part of it
// is, when all is, and a process that owns nothing.
func TestAStoryIsTheSameWhereverItIsRead(t *testing.T) {
	for name, open := range map[string]func(testing.TB) func(testing.TB) app.Store{"memory": inMemory, "SQLite": onSQLite} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &unread{Store: open(t)(t)}
				a := beginAsking(t, store)
				must(t)(nil, a.reserve("o", 2, "W1", "W2"))
				aWhile()
				store.shut.Store(true)
				must(t)(nil, a.confirm("o"))
				must(t)(nil, a.reserve("p", 3, "W1"))
				cfg := app.DefaultConfig()
				cfg.Owner.Owner = "standby"
				idle, err := app.New(t.Context(), cfg, store, app.Outside{Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID})
				if err != nil {
					t.Fatal(err)
				}
				<-time.After(time.Second)
				now := time.Now()
				questions := []app.WhyRequest{{Subject: "A"}, {Subject: "A", Limit: 3}, {Subject: "o"}, {Subject: "p"}, {Subject: reservationOf("o")}, {Subject: "A", At: now}, {Subject: "A", At: now.Add(-5 * time.Second)}}
				ask := func(in asking) (answers []app.Why) {
					for _, q := range questions {
						answers = append(answers, in.why(q))
					}
					return answers
				}
				fresh := ask(a)
				if n := len(fresh[0].Stock.Lines); n != 7 || fresh[2].Order.Status.String() != "CONFIRMED" || fresh[5].Moment.Held != 3 || fresh[6].Moment.Held != 4 {
					t.Errorf("%d lines of A; %+v", n, fresh)
				}
				compare := func(when string, found []app.Why) {
					for i, q := range questions {
						if !reflect.DeepEqual(fresh[i], found[i]) {
							t.Errorf("%s, %+v: expected\n%+v\nfound\n%+v", when, q, fresh[i], found[i])
						}
					}
				}
				compare("asked elsewhere", ask(asking{t, idle}))
				store.shut.Store(false)
				aWhile()
				compare("when all is written", ask(a))
				compare("when all is written, asked elsewhere", ask(asking{t, idle}))
				store.late.Store(true)
				compare("when all is written, and nobody knows", ask(a))
			})
		})
	}
}

func TestALongStoryCostsWhatIsShownOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &unread{Store: memory.New()}
		a := beginAsking(t, store)
		for range 200 {
			a.adjust("W1", "RECEIPT", 1)
		}
		aWhile()
		a.adjust("W2", "RECEIPT", 1)
		aWhile()
		store.read.Store(0)
		s := a.why(app.WhyRequest{Subject: "A", As: app.SKUSubject, Limit: 5}).Stock
		a.tells(s.Lines, "ADJUSTED W1 1 {206 0} {207 0} r", "ADJUSTED W1 1 {207 0} {208 0} r", "ADJUSTED W1 1 {208 0} {209 0} r",
			"ADJUSTED W1 1 {209 0} {210 0} r", "ADJUSTED W2 1 {10 0} {11 0} r")
		if n := store.read.Load(); s.LeftOut != 198 || n > 12 {
			t.Errorf("%d left out, %d events read", s.LeftOut, n)
		}
		store.read.Store(0)
		if all := a.why(app.WhyRequest{Subject: "A", Limit: 1000}).Stock; all.LeftOut != 0 || len(all.Lines) != 203 || store.read.Load() != 203 {
			t.Errorf("%d left out of %d lines, %d events read", all.LeftOut, len(all.Lines), store.read.Load())
		}
	})
}

func TestASubjectIsWhateverThereIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := beginAsking(t, memory.New())
		const uuid = "0b51ac5b-3a3a-5b8e-8d0a-4f4f5a1c7f10"
		must(t)(nil, a.reserve("A", 1))
		must(t)(nil, a.reserve(uuid, 1))
		if w := a.why(app.WhyRequest{Subject: "A"}); w.Stock == nil || w.Order == nil {
			t.Errorf("a SKU and an order: %+v", w)
		}
		if w := a.why(app.WhyRequest{Subject: "A", As: app.OrderSubject}); w.Stock != nil || w.Order == nil {
			t.Errorf("the order: %+v", w)
		}
		if w := a.why(app.WhyRequest{Subject: "A", Warehouse: "W2"}); w.Stock == nil || w.Order != nil {
			t.Errorf("the SKU: %+v", w)
		}
		for _, as := range []app.SubjectKind{app.AnySubject, app.OrderSubject} {
			if w := a.why(app.WhyRequest{Subject: uuid, As: as}); w.Order == nil || w.Order.ID != uuid {
				t.Errorf("an order whose id looks like a reservation's: %+v", w)
			}
		}
		for _, as := range []app.SubjectKind{app.AnySubject, app.ReservationSubject} {
			if w := a.why(app.WhyRequest{Subject: reservationOf(uuid), As: as}); w.Order == nil || w.Order.ID != uuid {
				t.Errorf("a reservation: %+v", w)
			}
		}
		for _, c := range []struct {
			req  app.WhyRequest
			err  error
			says string
		}{
			{app.WhyRequest{Subject: "B"}, app.ErrUnknownSubject, "looked for a SKU of this name in any warehouse, an order with this id"},
			{app.WhyRequest{Subject: "B/1"}, app.ErrUnknownSubject, "an order with this id"},
			{app.WhyRequest{Subject: uuid, As: app.ReservationSubject}, app.ErrUnknownSubject, "looked for a reservation with this id"},
			{app.WhyRequest{Subject: "o", As: app.ReservationSubject}, stock.ErrInvalid, "is not a UUID"},
			{app.WhyRequest{Subject: uuid, At: time.Now()}, app.ErrUnknownSubject, "a time are for SKUs only"},
			{app.WhyRequest{Subject: "A", Warehouse: "W9"}, app.ErrUnknownWarehouse, "W9"},
			{app.WhyRequest{Subject: "A", At: time.Now().Add(6 * time.Second)}, stock.ErrInvalid, "expected a moment that has passed"},
			{app.WhyRequest{Subject: "A", As: app.OrderSubject, Warehouse: "W1"}, stock.ErrInvalid, "are for a sku"},
			{app.WhyRequest{Subject: "A", As: "shoe"}, stock.ErrInvalid, "sku order reservation"},
			{app.WhyRequest{Subject: "A", Limit: 10_001}, stock.ErrInvalid, "1 to 10000"},
			{app.WhyRequest{}, stock.ErrInvalid, "subject"},
		} {
			if _, err := a.Why(t.Context(), c.req); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v: expected %v, %q; found %v", c.req, c.err, c.says, err)
			}
		}
	})
}

// trimmed is a store whose entries are trimmed once between the look at a journal's head and
// the reading of it.
type trimmed struct {
	app.Store
	times atomic.Int64
}

func (s *trimmed) Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(ports.Record) error) error {
	if err := s.Store.Entries(ctx, id, after, upto, settled, take); err != nil || s.times.Add(-1) < 0 {
		return err
	}
	return fmt.Errorf("%w: entries are missing", ports.ErrPermanent)
}

func TestAJournalThatIsTrimmedMeanwhileIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &trimmed{Store: memory.New()}
		a := beginAsking(t, store)
		for _, times := range []int64{0, 1, 2} {
			store.times.Store(times)
			if s := a.why(app.WhyRequest{Subject: "A", As: app.SKUSubject}).Stock; len(s.Lines) != 2 {
				t.Errorf("after %d failures: %v", times, short(s.Lines))
			}
		}
		store.times.Store(100)
		if _, err := a.Why(t.Context(), app.WhyRequest{Subject: "A"}); !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), "stock/W1/0") {
			t.Errorf("a journal with entries missing: %v", err)
		}
	})
}

func TestWhoStandsByCanNotTellThatAnOrderNeverWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		beginAsking(t, store)
		cfg := app.DefaultConfig()
		cfg.Owner.Owner = "standby"
		idle, err := app.New(t.Context(), cfg, store, app.Outside{Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID})
		if err != nil {
			t.Fatal(err)
		}
		if w, err := idle.Why(t.Context(), app.WhyRequest{Subject: "A"}); err != nil || w.Stock == nil || w.Order != nil {
			t.Errorf("a SKU: %+v, %v", w, err)
		}
		if _, err := idle.Why(t.Context(), app.WhyRequest{Subject: "o"}); !errors.Is(err, owner.ErrNotOwner) {
			t.Errorf("what may be an order: %v", err)
		}
	})
}

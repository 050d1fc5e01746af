package app_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

// lapses counts the holds that expire, by entry.
type lapses struct {
	mu      sync.Mutex
	entries []int
	late    []time.Duration
}

func (l *lapses) Observe(e ports.Event) {
	if e, ok := e.(ports.HoldsExpired); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.entries, l.late = append(l.entries, len(e.Late)), append(l.late, e.Late...)
	}
}

// most is the largest number of holds that one entry ended.
func (l *lapses) most() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Max(append(l.entries, 0))
}

func TestManyHoldsThatLapseAtOnceLeaveRoomForOrdersAndAllEnd(t *testing.T) {
	const holds, orders = 3000, 20
	synctest.Test(t, func(t *testing.T) {
		seen := &lapses{}
		in := beginIn(t, memory.New(), app.Outside{Observer: seen}, func(c *app.Config) { c.ReservationLedgers = 1 })
		synctest.Wait()
		if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Adjust(t.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: holds, Actor: "test", Key: "k"}); err != nil {
			t.Fatal(err)
		}
		lapse := time.Now().Add(time.Minute)
		reserve := func(order string, ttl time.Duration) {
			if _, err := in.Reserve(t.Context(), app.ReserveRequest{OrderID: order, TTL: ttl, Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}); err != nil {
				t.Errorf("%s: %v", order, err)
			}
		}
		var made sync.WaitGroup
		for i := range holds { // at once: each entry is a millisecond after the last
			made.Go(func() { reserve(fmt.Sprintf("o-%d", i), time.Until(lapse)) })
		}
		made.Wait()
		// All are held, so that each new order gets a unit that has just been given back.
		<-time.After(time.Until(lapse.Add(-time.Millisecond)))
		if _, err := in.Order(t.Context(), app.OrderRef{OrderID: "o-0"}); err != nil { // callers wait
			t.Error(err)
		}
		<-time.After(500 * time.Millisecond)
		half := app.DefaultConfig().Owner.Batch / 2
		if seen.most() > half || seen.most() == 0 {
			t.Errorf("an entry ended %d holds while callers wait, expected up to %d", seen.most(), half)
		}
		for i := range orders {
			reserve(fmt.Sprintf("new-%d", i), time.Hour)
		}
		<-time.After(5 * time.Second)
		synctest.Wait()
		s, err := in.Stock(t.Context(), "A", "")
		if err != nil || s.Held != orders || len(seen.late) != holds {
			t.Errorf("%d expired and %d held, %v; expected %d and %d", len(seen.late), s.Held, err, holds, orders)
		}
		for _, late := range seen.late {
			if late < 0 {
				t.Fatalf("a hold ended %s early", -late)
			}
		}
	})
}

// Each order of an entry is told with its own lateness, not with that of the latest one.
func TestEachHoldOfAnEntryIsToldWithItsOwnLateness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, store := &lapses{}, &outage{Store: memory.New()}
		in := beginIn(t, store, app.Outside{Observer: seen}, func(c *app.Config) {
			c.ReservationLedgers, c.Owner.Lease, c.Reservation.Warning = 1, time.Minute, 0
		})
		synctest.Wait()
		if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Adjust(t.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 9, Actor: "test", Key: "k"}); err != nil {
			t.Fatal(err)
		}
		for i, ttl := range []time.Duration{10 * time.Second, 11 * time.Second, 13 * time.Second} {
			if _, err := in.Reserve(t.Context(), app.ReserveRequest{OrderID: fmt.Sprintf("o-%d", i), TTL: ttl, Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(5 * time.Second)
		store.on.Store(true)
		<-time.After(9500 * time.Millisecond)
		store.on.Store(false)
		<-time.After(time.Second)
		synctest.Wait()
		// The first was being committed all the while; the other two followed in one entry.
		if len(seen.late) != 3 || len(seen.entries) != 2 {
			t.Fatalf("entries of %v holds expired, expected one of 1 and one of 2", seen.entries)
		}
		if apart := seen.late[1] - seen.late[2]; apart < 1990*time.Millisecond || apart > 2010*time.Millisecond {
			t.Errorf("they ended two seconds apart and were late by %v", seen.late)
		}
	})
}

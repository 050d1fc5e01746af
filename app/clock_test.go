package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// setClock is a clock that may be set, while its timers and its steady part go on; and what
// the store, whose clock is right, makes of it.
type setClock struct {
	system.Clock
	mu     sync.Mutex
	ahead  time.Duration
	drift  time.Duration // of the store's clock, which no clock of ours shows
	silent bool
	asked  func() // while the store is being asked
}

func (c *setClock) set(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = ahead
}

// Now implements ports.Clock.
func (c *setClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Clock.Now().Add(c.ahead)
}

// Offset implements ports.StoreClock.
func (c *setClock) Offset(context.Context) (time.Duration, error) {
	c.mu.Lock()
	asked, ahead, err := c.asked, c.ahead+c.drift, error(nil)
	if c.asked = nil; c.silent {
		err = ports.ErrTransient
	}
	c.mu.Unlock()
	if asked != nil {
		asked()
	}
	return ahead, err
}

// byClock has a story happen in a process with such a clock, which owns its ledgers unless
// the clock is off from the start, and holds an order for a minute.
func byClock(t *testing.T, c *setClock, story func(o observed)) {
	synctest.Test(t, func(t *testing.T) {
		o := observed{t, nil, &told{}}
		o.Inventory = beginIn(t, memory.New(), app.Outside{Observer: o.told, Clock: c, StoreClock: c}, unhurried)
		pass(time.Second)
		if c.ahead == 0 {
			if err := o.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
				t.Fatal(err)
			}
			receipt := app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 10, Actor: "test", Key: "first", Source: ports.ViaHTTP}
			if _, err := o.Adjust(t.Context(), receipt); err != nil {
				t.Fatal(err)
			}
			o.create("o-1", 1)
			pass(time.Second)
			o.expect("adjust RECEIPT http MADE", "reserve o-1 kafka HELD")
		}
		story(o)
	})
}

// touch makes the ledger of o-1 decide something, if it can.
func (o observed) touch() {
	ctx, cancel := context.WithTimeout(o.Context(), 100*time.Millisecond)
	defer cancel()
	_, _ = o.Release(ctx, app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: "never-seen"}, Source: ports.ViaHTTP})
	synctest.Wait()
}

func (o observed) owns() {
	o.Helper()
	if err := o.Ready(o.Context()); err != nil {
		o.Errorf("not ready: %v", err)
	}
}

func (o observed) ownsNothing(why string) {
	o.Helper()
	err := o.Ready(o.Context())
	if !errors.Is(err, ports.ErrClock) || !strings.Contains(err.Error(), why) {
		o.Errorf("expected a process that is not ready since its clock is %q, found %v", why, err)
	}
	if s := o.Status(); len(s) > 0 {
		o.Errorf("owns %d ledgers with a clock that is off", len(s))
	}
}

func (o observed) held() {
	o.Helper()
	if order, err := o.Order(o.Context(), app.OrderRef{OrderID: "o-1"}); err != nil || order.Status != reservation.Held {
		o.Errorf("the order is %+v, %v, and should be held", order.Order, err)
	}
}

func TestNoHoldEndsEarlyByAClockThatIsSetForward(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		c.set(time.Hour)
		o.touch() // the very next decision, long before the clock is compared again
		o.held()
		pass(5 * time.Second)
		o.held()
		o.ownsNothing("1h0m0s ahead of the store's, at most 2s is allowed")
		o.told.take()
		c.set(0)
		pass(5 * time.Second)
		o.owns()
		o.held()
		pass((holdSeconds - 12) * time.Second) // a second before the end
		o.expect()
		pass(2 * time.Second)
		if late := o.expect("1 expired"); late[0] < 0 || late[0] > time.Second {
			t.Errorf("late by %s", late[0])
		}
	})
}

func TestAProcessWhoseClockIsSetBackOwnsNothing(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		c.set(-3 * time.Second)
		pass(11 * time.Second)
		o.ownsNothing("3s behind the store's")
	})
}

func TestAClockThatIsOffByLessThanTheBoundIsNoTrouble(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		for _, ahead := range []time.Duration{1900 * time.Millisecond, -1900 * time.Millisecond} {
			c.set(ahead)
			o.touch()
			pass(15 * time.Second)
			o.owns()
		}
	})
}

func TestAStandbyWhoseClockIsOffDoesNotTakeOver(t *testing.T) {
	c := &setClock{ahead: 2500 * time.Millisecond}
	byClock(t, c, func(o observed) {
		pass(time.Minute)
		o.ownsNothing("2.5s ahead")
		c.set(0)
		pass(time.Second)
		o.owns()
	})
}

// What no clock of this process shows, the store does.
func TestAClockThatGoesWrongSlowlyIsFoundWhenItIsCompared(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		c.mu.Lock()
		c.drift = 4 * time.Second
		c.mu.Unlock()
		pass(12 * time.Second)
		o.ownsNothing("4s ahead")
	})
}

func TestAClockThatIsSetWhileItIsComparedIsNotTrusted(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		c.mu.Lock()
		c.asked = func() { c.set(time.Hour) } // the store's answer was right a moment ago
		c.mu.Unlock()
		pass(10 * time.Second)
		o.ownsNothing("1h0m0s ahead")
		o.held()
	})
}

func TestTrustInAClockRunsOutWhereTheStoreDoesNotTellTheTime(t *testing.T) {
	c := &setClock{}
	byClock(t, c, func(o observed) {
		c.mu.Lock()
		c.silent = true
		c.mu.Unlock()
		pass(time.Hour) // the clock may have lost or gained 1.8 s
		o.owns()
		pass(10 * time.Minute)
		o.ownsNothing("compared with the store's 1h")
	})
}

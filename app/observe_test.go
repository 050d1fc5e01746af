package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

// told is an observer that keeps what became of commands.
type told struct {
	mu  sync.Mutex
	all []ports.Event
}

func (o *told) Observe(e ports.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e.(type) {
	case ports.OrderDecided, ports.AdjustmentDecided, ports.HoldsExpired:
		o.all = append(o.all, e)
	}
}

// take lists what was told since the last time, and the times that it took.
func (o *told) take() (lines []string, took []time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.all {
		switch e := e.(type) {
		case ports.OrderDecided:
			words := []string{e.Command, e.OrderID, e.Via, e.Outcome, e.Reason}
			if e.Repeated {
				words = append(words, "repeated")
			}
			lines, took = append(lines, strings.Join(strings.Fields(strings.Join(words, " ")), " ")), append(took, e.Took)
		case ports.AdjustmentDecided:
			lines, took = append(lines, fmt.Sprintf("adjust %s %s %s", e.Type, e.Via, e.Outcome)), append(took, e.Took)
		case ports.HoldsExpired:
			lines, took = append(lines, fmt.Sprintf("%d expired", len(e.Late))), append(took, e.Late...)
		}
	}
	o.all = nil
	return lines, took
}

// observed is a process in a bubble, and what it tells. Mail between its ledgers takes
// mailDelay.
type observed struct {
	*testing.T
	*app.Inventory
	told *told
}

// observe has a story happen with ten units of the SKU A in stock.
func observe(t *testing.T, story func(o observed)) {
	synctest.Test(t, func(t *testing.T) {
		o := observed{t, nil, &told{}}
		o.Inventory = beginIn(t, memory.New(), app.Outside{Observer: o.told, Carry: slowly})
		synctest.Wait()
		if err := o.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		receipt := app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 10, Actor: "test", Key: "first", Source: ports.ViaHTTP}
		if _, err := o.Adjust(t.Context(), receipt); err != nil {
			t.Fatal(err)
		}
		o.expect("adjust RECEIPT http MADE")
		story(o)
	})
}

// pass lets time go by until nothing happens any more.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// expect checks what was told since the last time, and returns the times that it took.
func (o observed) expect(want ...string) []time.Duration {
	o.Helper()
	synctest.Wait()
	lines, took := o.told.take()
	if !slices.Equal(lines, want) {
		o.Fatalf("expected %q\n   found %q", want, lines)
	}
	return took
}

// holdSeconds is how long an order that is created here is held.
const holdSeconds = 60

func (o observed) create(order string, quantity int64) {
	ttl := int64(holdSeconds)
	o.consume("staging."+ports.OrderCreatedTopic, ports.OrderCreated{
		EventID: "e", OrderID: order, OccurredAt: time.Now(), TTLSeconds: &ttl, Items: []ports.OrderItem{{SKU: "A", Quantity: quantity}},
	})
}

func (o observed) consume(topic string, e ports.OrderEvent) {
	o.Helper()
	if err := o.Consume(o.Context(), app.Consumption{Event: e, Topic: topic}); err != nil {
		o.Fatal(err)
	}
}

func (o observed) cancel(order string) {
	o.consume(ports.OrderCancelledTopic, ports.OrderCancelled{EventID: "e", OrderID: order, OccurredAt: time.Now()})
}

func TestAnOrderByHTTPIsToldWithItsAnswer(t *testing.T) {
	observe(t, func(o observed) {
		reserve := func(order string, quantity int64) {
			_, _ = o.Reserve(o.Context(), app.ReserveRequest{
				OrderID: order, Items: []app.ReserveItem{{SKU: "A", Quantity: quantity}}, Source: ports.ViaHTTP,
			})
		}
		reserve("o-1", 1)
		if took := o.expect("reserve o-1 http HELD"); took[0] < 2*mailDelay || took[0] > 3*mailDelay {
			t.Errorf("took %s: the mail to the stock and back alone takes %s", took[0], 2*mailDelay)
		}
		reserve("o-1", 1)
		o.expect("reserve o-1 http HELD repeated")
		reserve("o-1", 2)
		o.expect("reserve o-1 http ORDER_MISMATCH")
		reserve("o-2", 100)
		o.expect("reserve o-2 http INSUFFICIENT_STOCK")
		reserve("o 3", 100)
		o.expect("reserve o 3 http INVALID")
	})
}

func TestAnOrderEventIsToldOnceWithItsOutcome(t *testing.T) {
	observe(t, func(o observed) {
		o.create("o-1", 1)
		o.expect() // planned, no more
		pass(2 * mailDelay)
		if took := o.expect("reserve o-1 kafka HELD"); took[0] < 2*mailDelay || took[0] > 3*mailDelay {
			t.Errorf("took %s: the mail to the stock and back alone takes %s", took[0], 2*mailDelay)
		}
		o.create("o-2", 100)
		pass(2 * mailDelay)
		o.expect("reserve o-2 kafka REJECTED INSUFFICIENT_STOCK")
		for range 2 { // they come again
			o.create("o-1", 1)
			o.create("o-2", 100)
		}
		pass(2 * mailDelay)
		o.expect("reserve o-1 kafka HELD repeated", "reserve o-2 kafka REJECTED INSUFFICIENT_STOCK repeated",
			"reserve o-1 kafka HELD repeated", "reserve o-2 kafka REJECTED INSUFFICIENT_STOCK repeated")
		o.create("o-3", -1)
		o.expect("reserve o-3 kafka REJECTED INVALID_ORDER")
	})
}

func TestAnOrderEventThatComesAgainWhilePlannedIsToldOnce(t *testing.T) {
	observe(t, func(o observed) {
		o.create("o-1", 1)
		o.create("o-1", 1)
		pass(2 * mailDelay)
		o.expect("reserve o-1 kafka HELD")
	})
}

func TestAnOrderCancelledBeforeItWasCreatedIsRejectedAtOnce(t *testing.T) {
	observe(t, func(o observed) {
		o.cancel("o-1")
		o.expect("release o-1 kafka UNKNOWN_ORDER")
		pass(time.Minute)
		o.create("o-1", 1)
		if took := o.expect("reserve o-1 kafka REJECTED ALREADY_CANCELLED"); took[0] > time.Second {
			t.Errorf("took %s: it counts from the cancel", took[0])
		}
	})
}

func TestAnOrderCancelledWhilePlannedIsToldWithTheTimeThatItWasPlanned(t *testing.T) {
	observe(t, func(o observed) {
		o.create("o-1", 1)
		<-time.After(mailDelay)
		o.cancel("o-1")
		took := o.expect("reserve o-1 kafka REJECTED ALREADY_CANCELLED", "release o-1 kafka REJECTED ALREADY_CANCELLED")
		if took[0] < mailDelay || took[0] > 2*mailDelay {
			t.Errorf("took %s, expected a little more than %s", took[0], mailDelay)
		}
	})
}

func TestReleasesPicksAndAdjustmentsAreTold(t *testing.T) {
	observe(t, func(o observed) {
		for _, order := range []string{"o-1", "o-2"} {
			o.create(order, 1)
		}
		pass(5 * time.Second) // mail of both may come in the wrong order, and again
		o.expect("reserve o-1 kafka HELD", "reserve o-2 kafka HELD")
		if _, err := o.Release(o.Context(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: "o-1"}, Source: ports.ViaHTTP}); err != nil {
			t.Fatal(err)
		}
		o.consume(ports.FulfilmentPickedTopic, ports.FulfilmentPicked{EventID: "e", OrderID: "o-2", OccurredAt: time.Now()})
		o.expect("release o-1 http RELEASED", "confirm o-2 kafka CONFIRMED")
		_, _ = o.Adjust(o.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "LOSS", Quantity: -100, Actor: "test", Key: "k", Source: "cli"})
		_, _ = o.Adjust(o.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "THEFT", Quantity: -1, Actor: "test", Key: "k", Source: "cli"})
		_, _ = o.Order(o.Context(), app.OrderRef{OrderID: "o-1"}) // a question is no news
		o.expect("adjust LOSS other BELOW_ZERO", "adjust THEFT other INVALID")
	})
}

func TestHoldsThatExpireAreToldWithHowLateTheyAre(t *testing.T) {
	observe(t, func(o observed) {
		o.create("o-1", 1)
		pass(2 * mailDelay)
		o.expect("reserve o-1 kafka HELD")
		pass(holdSeconds * time.Second)
		if late := o.expect("1 expired"); late[0] < 0 || late[0] > time.Second {
			t.Errorf("late by %s", late[0])
		}
	})
}

// noTables is a store whose tables are away, so that nothing is relayed.
type noTables struct{ app.Store }

func (noTables) Write(context.Context, ports.Rows) error { return ports.ErrTransient }

// A new owner reads the entries of the one before and writes their rows again: they were
// told.
func TestWhatWasToldIsNotToldAgainByTheNextOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, first, second := memory.New(), &told{}, &told{}
		o := observed{t, nil, first}
		var stop func()
		o.Inventory, stop = beginUntil(t, noTables{store}, app.Outside{Observer: first})
		synctest.Wait()
		if err := o.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		o.create("o-1", 1)
		o.expect("reserve o-1 kafka REJECTED INSUFFICIENT_STOCK")
		stop()
		o.told, o.Inventory = second, beginIn(t, store, app.Outside{Observer: second})
		pass(time.Second)
		o.expect()
		o.create("o-1", 1)
		o.expect("reserve o-1 kafka REJECTED INSUFFICIENT_STOCK repeated")
	})
}

func TestMailIsUnderWayUntilItIsTaken(t *testing.T) {
	observe(t, func(o observed) {
		mail := func() (n int64) {
			for _, s := range o.Status() {
				n += s.Mail
			}
			return n
		}
		o.create("o-1", 1)
		synctest.Wait()
		if n := mail(); n != 1 {
			t.Errorf("%d mails, expected the Hold", n)
		}
		pass(mailDelay)
		if n := mail(); n != 1 {
			t.Errorf("%d mails, expected the answer", n)
		}
		pass(mailDelay)
		if n := mail(); n != 0 {
			t.Errorf("%d mails when all is quiet", n)
		}
	})
}

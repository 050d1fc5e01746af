package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

func TestLedgersAreSharedOutAndAnyMemberTakesAnyCommand(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		if parts := c.parts(); parts["a"] < 5 || parts["b"] < 5 || parts["c"] < 5 {
			c.Errorf("16 ledgers are shared out as %v", parts)
		}
		for n := range 12 {
			by := string(rune('a' + n%3))
			if err := c.reserve(by, fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
				c.Errorf("%s reserves in W%d: %v", by, n, err)
			}
		}
		for _, by := range []string{"a", "b", "c"} {
			s, err := c.members[by].Stock(c.Context(), "A", "")
			if err != nil || s.OnHand != 120 || s.Held != 12 {
				c.Errorf("%s reads on_hand %d, held %d, %v; expected 120 and 12, at once", by, s.OnHand, s.Held, err)
			}
		}
	})
}

// A free line is planned by the levels that others tell of: this one finds the last warehouse,
// by rank, which alone has enough.
func TestAnOrderFindsStockThatAnotherMemberHas(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		receipt := app.AdjustRequest{SKU: "A", WarehouseID: "W11", Type: "RECEIPT", Quantity: 90, Actor: "test", Key: "more"}
		must(c.T)(c.members["a"].Adjust(c.Context(), receipt))
		pass(100 * time.Millisecond)
		for n, by := range []string{"a", "b", "c"} {
			for m := range 4 { // over all reservation ledgers
				id := fmt.Sprint("order-", n, "-", m)
				o, err := c.members[by].Reserve(c.Context(), app.ReserveRequest{OrderID: id, Items: []app.ReserveItem{{SKU: "A", Quantity: 8}}})
				if err != nil || len(o.Lines) != 1 {
					c.Fatalf("%s: %+v, %v", id, o.Order, err)
				}
			}
		}
		_, err := c.members["b"].Reserve(c.Context(), app.ReserveRequest{OrderID: "too-much", Items: []app.ReserveItem{{SKU: "A", Quantity: 150}}})
		if !errors.Is(err, reservation.ErrInsufficient) {
			c.Errorf("more than there is: %v", err)
		}
		short, ok := errors.AsType[*reservation.InsufficientError](err)
		if !ok || len(short.Shortages) != 1 || short.Shortages[0].Requested != 150 {
			c.Errorf("the refusal has lost its numbers on the way: %v", err)
		}
	})
}

func TestLedgersMoveOneByOneWhenAMemberComes(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		before := c.owners()
		d := c.begin("d")
		moving := func() (n int) { // of each owner, ledgers that nobody has
			for _, name := range []string{"a", "b"} {
				for id, was := range before {
					if head, err := c.store.Head(c.Context(), id); err == nil && was == name && head.Owner == "" {
						n++
					}
				}
				if n > 1 {
					c.Errorf("%d ledgers of %s are on their way at once", n, name)
				}
				n = 0
			}
			return n
		}
		for range 2000 {
			pass(2 * time.Millisecond)
			moving()
		}
		parts := c.parts()
		if parts["d"] < 5 {
			c.Errorf("16 ledgers are shared out as %v after one came", parts)
		}
		took := d.seen.count(func(e ports.Event) bool { _, is := e.(ports.TookOver); return is })
		handed := 0
		for _, name := range []string{"a", "b"} {
			handed += c.members[name].seen.count(func(e ports.Event) bool { _, is := e.(ports.HandedOver); return is })
		}
		if took != parts["d"] || handed != took {
			c.Errorf("%d ledgers were handed over, %d taken, for a part of %d", handed, took, parts["d"])
		}
	})
}

func TestAMemberThatEndsHandsEverythingOverAndGetsItBack(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		before := c.owners()
		b := c.members["b"]
		delete(c.members, "b")
		began := time.Now()
		b.stop()
		pass(fleetLease / 5)
		if took := time.Since(began); took > fleetLease/2 {
			c.Errorf("it took %v", took)
		}
		if parts := c.parts(); parts["a"] != 8 || parts["c"] != 8 {
			c.Errorf("16 ledgers are shared out as %v after one ended", parts)
		}
		for n := range 12 {
			if err := c.reserve("a", fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
				c.Errorf("W%d: %v", n, err)
			}
		}
		c.begin("b")
		pass(5 * fleetLease)
		if after := c.owners(); !maps.Equal(before, after) {
			c.Errorf("before %v, and when it was there again %v", before, after)
		}
	})
}

func TestTheLedgersOfADeadMemberAreTakenWithinTheLease(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		heads := map[ledger.ID]ports.Head{}
		for id, name := range c.owners() {
			if name == "c" {
				heads[id], _ = c.store.Head(c.Context(), id)
			}
		}
		c.crash("c")
		began := time.Now()
		for len(heads) > 0 && time.Since(began) < 3*fleetLease {
			pass(10 * time.Millisecond)
			for id, was := range heads {
				if now, _ := c.store.Head(c.Context(), id); now.Epoch > was.Epoch {
					delete(heads, id)
				}
			}
		}
		if took := time.Since(began); took > fleetLease {
			c.Errorf("the last ledger was taken after %v, the lease is %v", took, fleetLease)
		}
		pass(fleetLease) // until it is sure that it was not paused, nothing else moves
		if parts := c.parts(); parts["a"] != 8 || parts["b"] != 8 {
			c.Errorf("16 ledgers are shared out as %v after one died", parts)
		}
	})
}

// A member that is paused for less than its ledgers are watched for loses nothing.
func TestAShortPauseMovesNothing(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		before := c.owners()
		for name, m := range c.members {
			m.gate.hold()
			pass(fleetLease / 2)
			m.gate.release()
			pass(3 * fleetLease)
			if after := c.owners(); !maps.Equal(before, after) {
				c.Errorf("before %v, after a short pause of %s %v", before, name, after)
			}
		}
		for name, m := range c.members {
			if n := m.seen.count(func(e ports.Event) bool { _, is := e.(ports.Lost); return is }); n > 0 {
				c.Errorf("%s lost or gave up %d ledgers", name, n)
			}
		}
	})
}

// What the auditor of one and the callers of others see of a member that was paused for long.
func TestAMemberThatWasPausedForLongDecidesNothing(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		var of []ledger.ID
		for id, name := range c.owners() {
			if name == "b" {
				of = append(of, id)
			}
		}
		b := c.members["b"]
		b.gate.hold()
		answers := make(chan error, 1)
		go func() { answers <- c.reserve("b", "paused", "W1") }() // and this one was under way
		pass(3 * fleetLease)
		epochs := map[ledger.ID]int64{}
		for _, id := range of {
			head, _ := c.store.Head(c.Context(), id)
			epochs[id] = head.Epoch
		}
		b.gate.release()
		pass(5 * fleetLease)
		if n := b.seen.count(func(e ports.Event) bool { l, is := e.(ports.Lost); return is && errors.Is(l.Err, ports.ErrConflict) }); n != len(of) {
			c.Errorf("it found that it had lost %d of %d ledgers", n, len(of))
		}
		if err := <-answers; err != nil && !app.Retryable(err) {
			c.Errorf("the command under way: %v", err)
		}
		for n := range 12 {
			if err := c.reserve("c", fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
				c.Errorf("W%d: %v", n, err)
			}
		}
		r, err := c.members["a"].Reconcile(c.Context())
		if err != nil || len(r.Differences) > 0 {
			c.Errorf("reconcile: %v, %v", r.Differences, err)
		}
	})
}

func TestAMemberWhoseClockIsWrongGivesItsLedgersToTheOthers(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		c.members["b"].clock.set(time.Hour)
		pass(4 * fleetLease)
		if parts := c.parts(); parts["b"] != 0 {
			c.Errorf("with a clock that is an hour ahead b has %d ledgers", parts["b"])
		}
		if err := c.members["b"].Ready(c.Context()); !errors.Is(err, ports.ErrClock) {
			c.Errorf("b is ready: %v", err)
		}
		if err := c.reserve("b", "order-1", "W1"); err != nil {
			c.Errorf("b decides nothing, and can't bring a command to who does: %v", err)
		}
		c.members["b"].clock.set(0)
		pass(6 * fleetLease)
		if parts := c.parts(); parts["b"] < 5 {
			c.Errorf("with a clock that is right again b has %d ledgers", parts["b"])
		}
	})
}

// Both beat, so nothing moves at first; commands that have to get from one to the other are refused
// for now.
func TestMembersThatCannotReachEachOtherSayWho(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		c.network.Leave("b")
		answers := make(chan error, 12)
		for n := range cap(answers) {
			go func() { answers <- c.reserve("a", fmt.Sprint("order-", n), fmt.Sprint("W", n)) }()
		}
		var named int
		for range cap(answers) {
			err := <-answers
			if err == nil {
				continue
			}
			if !app.Retryable(err) || app.FailureOf(err).Kind != app.Retry {
				c.Errorf("expected an answer that says to try again, found %v", err)
			}
			if strings.Contains(err.Error(), "b at b") { // else the order's ledger is here, and waits for stock there
				named++
			}
		}
		if named < 3 {
			c.Errorf("of twelve refusals %d named who could not be reached", named)
		}
		pass(5 * fleetLease) // b stands back
		for n := range cap(answers) {
			if err := c.reserve("a", fmt.Sprint("order-", n), fmt.Sprint("W", n)); err != nil {
				c.Errorf("W%d, when one has everything: %v", n, err)
			}
		}
	})
}

// What others tell of their levels is a little old: it may plan an order, and never refuse one.
func TestAnOrderIsNotRefusedByALevelThatAnotherMemberToldOf(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		owners := c.owners()
		for n := range 12 {
			sku, w := fmt.Sprint("NEW-", n), fmt.Sprint("W", n)
			by := "a"
			if owners[ledger.StockID(w, 0)] == by {
				by = "b"
			}
			order := c.orderAt(by)
			receipt := app.AdjustRequest{SKU: sku, WarehouseID: w, Type: "RECEIPT", Quantity: 1, Actor: "test", Key: "k-" + sku}
			must(c.T)(c.members["c"].Adjust(c.Context(), receipt))
			o, err := c.members[by].Reserve(c.Context(), app.ReserveRequest{ // in the same instant
				OrderID: order + sku, Items: []app.ReserveItem{{SKU: sku, Quantity: 1, WarehouseID: w}},
			})
			if err != nil || o.Status != reservation.Held {
				c.Errorf("%s has just got the unit that the order names: %v", w, err)
			}
		}
	})
}

// Its memory is as it was when it was paused. Nobody is to be told of it.
func TestAPausedMemberTellsNobodyWhatItRemembers(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		order, warehouse := c.orderAt("b"), ""
		for id, name := range c.owners() {
			if name == "b" && id.Kind() == ledger.KindStock {
				warehouse = id.Scope()
			}
		}
		if err := c.reserve("b", order, warehouse); err != nil {
			c.Fatal(err)
		}
		b := c.members["b"]
		b.gate.hold()
		pass(3 * fleetLease)
		if _, err := c.members["a"].Release(c.Context(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: order}}); err != nil {
			c.Fatal(err)
		}
		pass(fleetLease)
		ctx, cancel := context.WithTimeout(c.Context(), 2*fleetLease)
		defer cancel()
		o, err := b.Order(ctx, app.OrderRef{OrderID: order})
		if err == nil && o.Status == reservation.Held {
			c.Errorf("the order was released, and whoever was paused meanwhile says that it is %s (from the tables: %v)", o.Status, o.Stored)
		}
		for _, by := range []string{"a", "b"} {
			s, err := c.members[by].Stock(c.Context(), "A", "")
			if err == nil && s.Held != 0 {
				c.Errorf("%s reads %d units held of an order that was released", by, s.Held)
			}
		}
		b.gate.release()
		pass(5 * fleetLease)
	})
}

package app_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
)

// behindStory has b write a level that a can read in the tables only, where it is still old.
func behindStory(t *testing.T, story func(c *crew, a *hand, least []app.StockItem)) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		warehouse := ""
		for id, name := range c.owners() {
			if name == "b" && id.Scope() != "home" {
				warehouse = id.Scope()
			}
		}
		rows, err := c.store.Levels(c.Context(), "A", warehouse, 1)
		if err != nil || len(rows) != 1 {
			c.Fatal(rows, err)
		}
		a := c.members["a"]
		a.gate.old.Store(&rows)
		c.roads.set(true, []string{"a"}, []string{"b"})
		v := app.MinVersion{WarehouseID: warehouse, Version: receive(c.T, c.members["b"].Inventory, "A", warehouse, 1)}
		story(c, a, []app.StockItem{{SKU: "A", AtLeast: []app.MinVersion{v}}})
		c.roads.set(false, []string{"a"}, []string{"b"})
		a.gate.old.Store(nil)
		pass(fleetLease)
	})
}

func TestAReaderWaitsForWhatItWasToldOf(t *testing.T) {
	behindStory(t, func(c *crew, a *hand, least []app.StockItem) {
		began, want := time.Now(), least[0].AtLeast[0]
		time.AfterFunc(300*time.Millisecond, func() { a.gate.old.Store(nil) })
		q := app.StockQuery{Items: least, Warehouses: []string{want.WarehouseID}}
		got, err := a.Stocks(c.Context(), q)
		if err != nil || got[0].Err != nil || got[0].Warehouses[0].Version != want.Version || got[0].OnHand != 11 || got[0].Source != app.SourceStore {
			c.Errorf("%q %+v, %v", summary(got), got, err)
		}
		if took := time.Since(began); took < 300*time.Millisecond || took > 450*time.Millisecond {
			c.Errorf("it came after 300ms, and was read after %s", took)
		}
	})
}

func TestAReaderIsToldWhereAVersionIsNotThere(t *testing.T) {
	behindStory(t, func(c *crew, a *hand, least []app.StockItem) {
		began, want := time.Now(), least[0].AtLeast[0]
		got, err := a.Stocks(c.Context(), app.StockQuery{Items: append(least, items("never")...)})
		if err != nil {
			c.Fatal(err)
		}
		if took := time.Since(began); took < time.Second || took > 1200*time.Millisecond {
			c.Errorf("told after %s, expected a second", took)
		}
		behind, is := errors.AsType[*app.BehindError](got[0].Err)
		if !is || behind.Wanted != want.Version || behind.Found == 0 || behind.Found >= want.Version || string(behind.Warehouse) != want.WarehouseID || behind.SKU != "A" {
			c.Errorf("%v, expected that the level is behind %v", got[0].Err, want)
		}
		if f := app.FailureOf(got[0].Err); f.Code != "STOCK_BEHIND" || f.Kind != app.Retry || !app.Retryable(got[0].Err) {
			c.Errorf("%+v", f)
		}
		if !errors.Is(got[1].Err, app.ErrUnknownSKU) {
			c.Errorf("of another SKU: %v", got[1].Err)
		}
	})
}

func TestAReaderThatMayNotWaitIsToldByItsDeadline(t *testing.T) {
	behindStory(t, func(c *crew, a *hand, least []app.StockItem) {
		ctx, cancel := context.WithTimeout(c.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := a.Stocks(ctx, app.StockQuery{Items: least})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != 200*time.Millisecond {
			c.Errorf("after %s: %v", took, err)
		}
	})
}

// Whoever is asked has the owner tell, for whom nothing is to be waited.
func TestAnOwnerHasWhatWasWritten(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		began := time.Now()
		for _, by := range []string{"a", "b", "c"} {
			for n, w := range []string{"W0", "W1", "W2"} {
				v := app.MinVersion{WarehouseID: w, Version: receive(c.T, c.members["b"].Inventory, "to-"+by, w, int64(n+1))}
				got, err := c.members[by].Stocks(c.Context(), app.StockQuery{Items: []app.StockItem{{SKU: "to-" + by, AtLeast: []app.MinVersion{v}}}})
				if err != nil || got[0].Err != nil || got[0].Source != app.SourceOwner || got[0].Warehouses[n].Version < v.Version {
					c.Errorf("%s reads %v as %+v, %v", by, v, got, err)
				}
			}
		}
		if took := time.Since(began); took > 100*time.Millisecond {
			c.Errorf("that took %s", took)
		}
	})
}

// While an owner is dead, and until another one has its ledger, the tables are all there is. They
// are old here, and are not told as if they were not.
func TestNoReaderSeesAnOlderLevelWhileAnOwnerIsDead(t *testing.T) {
	behindStory(t, func(c *crew, a *hand, least []app.StockItem) {
		c.crash("b")
		want := least[0].AtLeast[0]
		if s, err := a.Stock(c.Context(), "A", ""); err != nil || s.OnHand != 120 || s.Source != app.SourceStore {
			c.Errorf("whoever is not told of the write reads %+v, %v", s, err)
		}
		for range 10 {
			got, err := a.Stocks(c.Context(), app.StockQuery{Items: least, Warehouses: []string{want.WarehouseID}})
			if err != nil {
				c.Fatal(err)
			}
			if errors.Is(got[0].Err, app.ErrBehind) {
				continue
			}
			if w := got[0].Warehouses[0]; got[0].Err != nil || w.Version < want.Version || w.OnHand != 11 || got[0].Source != app.SourceOwner {
				c.Errorf("%q at version %d, %v", summary(got), w.Version, got[0].Err)
			}
			return
		}
		c.Error("nobody took the ledger")
	})
}

// Another member is not asked for a version that an order's answer could have.
func TestAnOrdersVersionsAreThoseOfOwnLedgers(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		owners := c.owners()
		clear(c.roads.levels)
		for n := range 12 {
			w := fmt.Sprint("W", n)
			o, err := c.members["a"].Reserve(c.Context(), app.ReserveRequest{OrderID: "in-" + w, Items: []app.ReserveItem{{SKU: "A", Quantity: 1, WarehouseID: w}}})
			if err != nil {
				c.Fatal(err)
			}
			own, got := owners[ledger.StockID(w, 0)] == "a", c.members["a"].LevelVersions(o.Order)
			s, err := c.members["b"].Stocks(c.Context(), app.StockQuery{Items: items("A"), Warehouses: []string{w}})
			if err != nil || len(got) != 1 || (got[0] > 0) != own || own && got[0] != s[0].Warehouses[0].Version {
				c.Errorf("%s, own %t: versions %v, %+v, %v", w, own, got, s, err)
			}
		}
		if asked := c.roads.levels["b"]; asked != 0 {
			c.Errorf("b was asked %d times", asked)
		}
	})
}

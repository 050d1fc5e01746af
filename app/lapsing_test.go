package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestAnyMemberTellsWhichHoldsEndFirst(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		for n := range 24 {
			must(c.T)(c.members["a"].Reserve(c.Context(), app.ReserveRequest{
				OrderID: fmt.Sprintf("order-%02d", n), TTL: time.Duration(40-n) * time.Minute, Items: []app.ReserveItem{{SKU: "A", Quantity: 2}},
			}))
			pass(10 * time.Millisecond) // until it is known what is left
		}
		for by, h := range c.members {
			told, err := h.Lapsing(c.Context(), 30*time.Minute, 5)
			if err != nil || told.Unknown != nil {
				c.Fatalf("%s: %v, %v", by, err, told.Unknown)
			}
			var orders []string
			for _, hold := range told.Holds {
				orders = append(orders, string(hold.OrderID))
				if hold.Units != 2 || hold.Lines != 1 || hold.ExpiresAt.Sub(hold.HeldAt) < 16*time.Minute {
					c.Errorf("%s tells of %+v", by, hold)
				}
			}
			if want := []string{"order-23", "order-22", "order-21", "order-20", "order-19"}; !slices.Equal(orders, want) || told.All != 14 {
				c.Errorf("%s: %d end, first %v; want 14, %v", by, told.All, orders, want)
			}
		}
		c.crash("c")
		told, err := c.members["a"].Lapsing(c.Context(), 30*time.Minute, 5)
		if err != nil || told.Unknown == nil || told.All >= 14 {
			c.Errorf("with a member gone: %d end, unknown %v, %v", told.All, told.Unknown, err)
		}
		pass(3 * fleetLease)
		if told, err = c.members["a"].Lapsing(c.Context(), 30*time.Minute, 5); err != nil || told.Unknown != nil || told.All != 14 {
			c.Errorf("once its ledgers were taken over: %d end, unknown %v, %v", told.All, told.Unknown, err)
		}
		if _, err := c.members["a"].Lapsing(c.Context(), time.Minute, 0); !errors.Is(err, stock.ErrInvalid) || !strings.Contains(err.Error(), "limit 0: expected 1 to 1000") {
			c.Errorf("no limit: %v", err)
		}
	})
}

func TestATrendHasEachWeekInWhichStockChanged(t *testing.T) {
	crewed(t, []string{"a"}, func(c *crew) {
		week := func(name string, opening, received int64, version int64) ports.LevelRow {
			return ports.LevelRow{SKU: "A", WarehouseID: "W3", ISOWeek: name, Opening: opening, Received: received, OnHand: opening + received, Version: version}
		}
		err := c.store.Write(c.Context(), ports.Rows{Levels: []ports.LevelRow{week("2999-W51", 15, 1, 3), week("2999-W49", 0, 10, 1), week("2999-W50", 10, 5, 2)}})
		if err != nil {
			c.Fatal(err)
		}
		all, err := c.members["a"].Trends(c.Context(), "A", 3)
		if err != nil || len(all) != 12 {
			c.Fatalf("%d warehouses, %v", len(all), err)
		}
		for _, one := range all {
			var seen []string
			for _, w := range one.Weeks {
				seen = append(seen, fmt.Sprint(w.Opening, "+", w.Received, "=", w.OnHand))
			}
			want := []string{"0+10=10"}
			if one.WarehouseID == "W3" {
				want = []string{"0+10=10", "10+5=15", "15+1=16"} // the newest three
			}
			if !slices.Equal(seen, want) {
				c.Errorf("%s: %v, want %v", one.WarehouseID, seen, want)
			}
		}
		if _, err := c.members["a"].Trends(c.Context(), "B", 2); !errors.Is(err, app.ErrUnknownSKU) {
			c.Errorf("a SKU that never was: %v", err)
		}
	})
}

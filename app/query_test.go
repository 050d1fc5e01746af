package app_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
)

// receive brings units in, and gives the version of the level after it.
func receive(t *testing.T, in *app.Inventory, sku, warehouse string, n int64) int64 {
	t.Helper()
	made, err := in.Adjust(t.Context(), app.AdjustRequest{
		SKU: sku, WarehouseID: warehouse, Type: "RECEIPT", Quantity: n, Actor: "test", Key: fmt.Sprint(sku, "-", n),
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.Level.Version()
}

// items asks about SKUs.
func items(skus ...string) (all []app.StockItem) {
	for _, sku := range skus {
		all = append(all, app.StockItem{SKU: sku})
	}
	return all
}

// summary is what tests look at of answers: SKU, units on hand by warehouse, source.
func summary(all []app.StockAnswer) (lines []string) {
	for _, a := range all {
		line := string(a.SKU)
		for _, w := range a.Warehouses {
			line += fmt.Sprintf(" %s:%d", w.WarehouseID, w.OnHand)
		}
		if a.Err != nil {
			line += " " + app.FailureOf(a.Err).Code
		} else {
			line += " " + a.Source
		}
		lines = append(lines, line)
	}
	return lines
}

func wantSummary(t *testing.T, name string, got []app.StockAnswer, err error, want ...string) {
	t.Helper()
	if lines := summary(got); err != nil || !reflect.DeepEqual(lines, want) {
		t.Errorf("%s: expected %q\n     found %q, %v", name, want, lines, err)
	}
}

func TestManySKUsAreReadInTheOrderOfTheQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begin(t, memory.New())
		synctest.Wait()
		for id, region := range map[stock.WarehouseID]stock.Region{"W1": "north", "W2": "south", "W3": "south"} {
			if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: id, Region: region, Rank: int(id[1]), Ledgers: int(id[1] - '0')}); err != nil {
				t.Fatal(err)
			}
		}
		for _, w := range []string{"W1", "W2", "W3"} {
			receive(t, in, "A", w, 5)
			receive(t, in, "B", w, 7)
		}
		receive(t, in, "C", "W1", 1)
		for name, c := range map[string]struct {
			query app.StockQuery
			want  []string
		}{
			"everywhere":      {app.StockQuery{Items: items("B", "never", "A", "C")}, []string{"B W1:7 W2:7 W3:7 owner", "never UNKNOWN_SKU", "A W1:5 W2:5 W3:5 owner", "C W1:1 owner"}},
			"in a region":     {app.StockQuery{Items: items("C", "A"), Region: "south"}, []string{"C UNKNOWN_SKU", "A W2:5 W3:5 owner"}},
			"in some of them": {app.StockQuery{Items: items("A", "C"), Warehouses: []string{"W3", "W1"}}, []string{"A W3:5 W1:5 owner", "C W1:1 owner"}},
		} {
			got, err := in.Stocks(t.Context(), c.query)
			wantSummary(t, name, got, err, c.want...)
		}
	})
}

func TestEachMemberIsAskedOnceAboutManySKUs(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		var skus, want []string
		for n := range 20 {
			sku := fmt.Sprint("S", n)
			skus, want = append(skus, sku), append(want, fmt.Sprintf("%s W0:%d W1:%d W2:%d owner", sku, n+1, n+1, n+1))
			for w := range 3 {
				receive(c.T, c.members["a"].Inventory, sku, fmt.Sprint("W", w), int64(n+1))
			}
		}
		clear(c.roads.levels)
		got, err := c.members["a"].Stocks(c.Context(), app.StockQuery{Items: items(skus...)})
		wantSummary(c.T, "a", got, err, want...)
		if want := map[string]int{"b": 1, "c": 1}; !reflect.DeepEqual(c.roads.levels, want) {
			c.Errorf("questions about levels: %v, expected %v", c.roads.levels, want)
		}
	})
}

// While versions run side by side the tables tell of many SKUs, and owners of one.
func TestAnOlderMemberIsAskedAboutOneSKU(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		receive(c.T, c.members["a"].Inventory, "B", "W0", 3)
		pass(fleetLease)
		c.roads.older = "b"
		got, err := c.members["a"].Stocks(c.Context(), app.StockQuery{Items: items("A", "B")})
		if err != nil || got[0].OnHand != 120 || got[1].OnHand != 3 || got[0].Source != app.SourceStore || c.roads.refused != 1 {
			c.Errorf("%q, %v, refused %d times", summary(got), err, c.roads.refused)
		}
		got, err = c.members["a"].Stocks(c.Context(), app.StockQuery{Items: items("A")})
		if err != nil || got[0].OnHand != 120 || got[0].Source != app.SourceOwner {
			c.Errorf("%q, %v", summary(got), err)
		}
	})
}

func TestTheTablesTellWhereAMemberIsSilent(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		c.roads.silent = "b"
		began := time.Now()
		s, err := c.members["a"].Stock(c.Context(), "A", "")
		if took := time.Since(began); err != nil || s.OnHand != 120 || s.Source != app.SourceStore || took != 500*time.Millisecond {
			c.Errorf("%+v after %s, %v", s, took, err)
		}
		c.roads.silent = ""
	})
}

func TestABadQueryIsToldAllThatIsWrong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := begin(t, memory.New())
		synctest.Wait()
		stockUp(t, in)
		many := make([]string, app.MaxStockItems+1)
		for n := range many {
			many[n] = fmt.Sprint("S", n)
		}
		at := func(v ...app.MinVersion) []app.StockItem { return []app.StockItem{{SKU: "A", AtLeast: v}} }
		for name, c := range map[string]struct {
			query app.StockQuery
			is    error
			says  []string
		}{
			"no SKU":                      {app.StockQuery{}, stock.ErrInvalid, []string{"items: expected 1 to 500, found 0"}},
			"too many":                    {app.StockQuery{Items: items(many...)}, stock.ErrInvalid, []string{"items: expected 1 to 500, found 501"}},
			"one twice, another bad":      {app.StockQuery{Items: items("A", "?", "A")}, stock.ErrInvalid, []string{`sku "?"`, "sku A: item 0 has it, too"}},
			"a region and warehouses":     {app.StockQuery{Items: items("A"), Region: "R", Warehouses: []string{"W1"}}, stock.ErrInvalid, []string{"region beside warehouses"}},
			"a warehouse twice":           {app.StockQuery{Items: items("A"), Warehouses: []string{"W1", "W1"}}, stock.ErrInvalid, []string{"warehouse_id W1: given twice"}},
			"an unknown warehouse":        {app.StockQuery{Items: items("A"), Warehouses: []string{"W9"}}, app.ErrUnknownWarehouse, []string{"W9"}},
			"an unknown region":           {app.StockQuery{Items: items("A"), Region: "X"}, app.ErrUnknownRegion, []string{"X"}},
			"a version of none":           {app.StockQuery{Items: at(app.MinVersion{WarehouseID: "W1"})}, stock.ErrInvalid, []string{"W1:0", "HCM:12"}},
			"two versions of a warehouse": {app.StockQuery{Items: at(app.MinVersion{WarehouseID: "W1", Version: 1}, app.MinVersion{WarehouseID: "W1", Version: 2})}, stock.ErrInvalid, []string{"one for each warehouse"}},
			"a version of elsewhere":      {app.StockQuery{Items: at(app.MinVersion{WarehouseID: "W9", Version: 1})}, stock.ErrInvalid, []string{"W9:1 of A", "one of the warehouses asked about"}},
		} {
			_, err := in.Stocks(t.Context(), c.query)
			for _, says := range c.says {
				if !errors.Is(err, c.is) || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v, expected %v and %q", name, err, c.is, says)
				}
			}
		}
	})
}

func TestAVersionIsReadAsItIsWritten(t *testing.T) {
	v, err := app.ParseMinVersion("HCM:12")
	if want := (app.MinVersion{WarehouseID: "HCM", Version: 12}); err != nil || v != want || v.String() != "HCM:12" {
		t.Errorf("%v, %v", v, err)
	}
	for _, bad := range []string{"", "12", "HCM", "HCM:", ":12", "HCM:0", "HCM:-1", "HCM:+1", "HCM:012", "HCM:1.5", "HCM:1:2", "H CM:1", "HCM:99999999999999999999"} {
		if v, err := app.ParseMinVersion(bad); !errors.Is(err, stock.ErrInvalid) {
			t.Errorf("%q is read as %v, %v", bad, v, err)
		}
	}
}

package porttest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"inventory/domain/global"
	"inventory/ports"
)

// GlobalTable proves that a store keeps the contract of ports.GlobalTable. Each call of open gives
// a handle on the same store, as in Journal.
func GlobalTable(t *testing.T, open func(t *testing.T) ports.GlobalTable) {
	for _, name := range slices.Sorted(maps.Keys(globalTests)) {
		t.Run(name, func(t *testing.T) {
			globalTests[name](&globalTest{T: t, ctx: t.Context(), writer: open(t), reader: open(t), sku: unique("SKU")})
		})
	}
}

// globalTest is one test of the suite: two handles on a store, one to write and one to read by,
// and a SKU that is new in it.
type globalTest struct {
	*testing.T
	ctx    context.Context
	writer ports.GlobalTable
	reader ports.GlobalTable
	sku    string
}

// at returns the nth time, in steps of a millisecond.
func (t *globalTest) at(n int) time.Time {
	return time.Date(2026, time.November, 26, 23, 59, 59, 7_000_000, time.UTC).Add(time.Duration(n) * time.Millisecond)
}

var globalTests = map[string]func(*globalTest){
	"a row is read as it was written":                         globalRoundTrip,
	"the larger version stays, whichever is first":            globalNewerStays,
	"the same row again changes nothing":                      globalTwice,
	"an older one comes in no part":                           globalOlderInNoPart,
	"of twenty at once the largest version stays":             globalRace,
	"of many SKUs each has its rows, by key":                  globalOfMany,
	"going on behind the last row finds every one":            globalPages,
	"a key without a row has a place in the order":            globalAfterNone,
	"a SKU without rows has none; one named twice comes once": globalNone,
}

// total returns a row of the SKU in a region.
func (t *globalTest) total(region string, version int64) ports.GlobalRow {
	return ports.GlobalRow{
		SKU: t.sku, Region: region, OnHand: 1000 - version, Held: 10 + version, Available: 900 - 3*version, Version: version, AsOf: t.at(int(version % 1000)),
	}
}

func (t *globalTest) putTotals(rows ...ports.GlobalRow) {
	t.Helper()
	must(t.T, "PutGlobal", func() error { return t.writer.PutGlobal(t.ctx, rows) })
}

// wantTotals fails the test unless the rows of some SKUs are want.
func (t *globalTest) wantTotals(skus []string, want ...ports.GlobalRow) {
	t.Helper()
	var got []ports.GlobalRow
	must(t.T, "GlobalOf", func() (err error) {
		got, err = t.reader.GlobalOf(t.ctx, skus)
		return err
	})
	t.sameTotals(got, want)
}

func (t *globalTest) sameTotals(got, want []ports.GlobalRow) {
	t.Helper()
	same := slices.EqualFunc(got, want, func(a, b ports.GlobalRow) bool {
		at := a.AsOf.Equal(b.AsOf)
		a.AsOf = b.AsOf
		return at && a == b
	})
	if !same {
		t.Fatalf("got\n %+v, want\n %+v", got, want)
	}
}

func globalRoundTrip(t *globalTest) {
	south, north := t.total("south", 1<<40), t.total("north", 3)
	south.OnHand, south.Held, south.Available = 1<<45, 0, -1
	t.putTotals(south, north)
	t.wantTotals([]string{t.sku}, north, south)
}

func globalNewerStays(t *globalTest) {
	old, mid, newest := t.total("south", 7), t.total("south", 8), t.total("south", 9)
	for _, step := range []struct{ put, want ports.GlobalRow }{{mid, mid}, {old, mid}, {newest, newest}, {mid, newest}, {old, newest}} {
		t.putTotals(step.put)
		t.wantTotals([]string{t.sku}, step.want)
	}
}

func globalTwice(t *globalTest) {
	r := t.total("south", 7)
	t.putTotals(r)
	t.putTotals(r)
	t.wantTotals([]string{t.sku}, r)
}

// globalOlderInNoPart writes an older row whose values are all larger, and of a later time.
func globalOlderInNoPart(t *globalTest) {
	newest, old := t.total("south", 9), t.total("south", 8)
	old.OnHand, old.Held, old.Available, old.AsOf = 1<<40, 1<<40, 1<<40, t.at(1_000_000)
	t.putTotals(newest)
	t.putTotals(old)
	t.wantTotals([]string{t.sku}, newest)
}

func globalRace(t *globalTest) {
	for i, err := range race(racers, func(i int) error {
		return t.writer.PutGlobal(t.ctx, []ports.GlobalRow{t.total("south", int64(1+(i*7)%racers))})
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	t.wantTotals([]string{t.sku}, t.total("south", racers))
}

func globalOfMany(t *globalTest) {
	var rows, want []ports.GlobalRow
	var skus []string
	for i := range 150 {
		for _, region := range []string{"south", "north"} {
			r := t.total(region, int64(1+i))
			r.SKU = fmt.Sprintf("%s-%03d", t.sku, i)
			rows = append(rows, r)
		}
		skus = append(skus, rows[len(rows)-1].SKU)
	}
	t.putTotals(rows...)
	for i := 0; i < len(rows); i += 2 {
		want = append(want, rows[i+1], rows[i])
	}
	slices.Reverse(skus)
	t.wantTotals(append(skus, t.sku), want...)
	t.wantTotals(skus[:1], want[298:]...)
}

// globalPages reads the whole table, which other tests fill too, in pages of several sizes.
func globalPages(t *globalTest) {
	var rows []ports.GlobalRow
	for i := range 30 {
		for j := range 1 + i%7 {
			r := t.total(fmt.Sprint("r", j), int64(1+i))
			r.SKU = fmt.Sprintf("%s-%03d", t.sku, i)
			rows = append(rows, r)
		}
	}
	t.putTotals(rows...)
	for _, limit := range []int{1, 2, 5, 1000} {
		seen, last := map[global.Key]int64{}, global.Key{}
		for more := true; more; {
			var page []ports.GlobalRow
			must(t.T, "GlobalAfter", func() (err error) {
				page, err = t.reader.GlobalAfter(t.ctx, last, limit)
				return err
			})
			if more = len(page) == limit; len(page) > limit {
				t.Fatalf("%d rows in a page of %d", len(page), limit)
			}
			for _, r := range page {
				if _, ok := seen[r.Key()]; ok {
					t.Fatalf("%s came twice", r.Key())
				}
				if r.SKU == last.SKU && r.Region <= last.Region {
					t.Fatalf("%s came behind %s", r.Key(), last)
				}
				seen[r.Key()], last = r.Version, r.Key()
			}
		}
		for _, r := range rows {
			if seen[r.Key()] != r.Version {
				t.Fatalf("in pages of %d %s has version %d, want %d", limit, r.Key(), seen[r.Key()], r.Version)
			}
		}
	}
}

func globalAfterNone(t *globalTest) {
	t.putTotals(t.total("b", 1), t.total("d", 2))
	for after, want := range map[string]ports.GlobalRow{"a": t.total("b", 1), "b": t.total("d", 2), "c": t.total("d", 2)} {
		must(t.T, "GlobalAfter", func() error {
			got, err := t.reader.GlobalAfter(t.ctx, global.Key{SKU: t.sku, Region: after}, 1)
			if err == nil {
				t.sameTotals(got, []ports.GlobalRow{want})
			}
			return err
		})
	}
}

func globalNone(t *globalTest) {
	t.wantTotals([]string{t.sku})
	t.wantTotals(nil)
	t.putTotals(t.total("south", 1))
	t.wantTotals([]string{t.sku, t.sku}, t.total("south", 1))
}

package global

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// history makes levels of some SKUs and warehouses, each with versions that grow, in order.
func history(dice *rand.Rand) []Level {
	var all []Level
	version := map[string]int64{}
	for range 1 + dice.IntN(80) {
		w := dice.IntN(5)
		l := Level{
			SKU: fmt.Sprint("S", dice.IntN(3)), WarehouseID: fmt.Sprint("W", w), Region: []string{"north", "south"}[w%2],
			OnHand: dice.Int64N(100), Held: dice.Int64N(100),
		}
		l.Available = max(0, l.OnHand-l.Held)
		version[l.WarehouseID] += 1 + dice.Int64N(3) // a ledger has other SKUs, too
		l.Version = version[l.WarehouseID]
		l.At = 1_700_000_000_000 + 10*l.Version + int64(w)
		all = append(all, l)
	}
	return all
}

// naive adds up the last level of each SKU and warehouse.
func naive(levels []Level) []Total {
	type place struct{ sku, warehouse string }
	last := map[place]Level{}
	for _, l := range levels {
		last[place{l.SKU, l.WarehouseID}] = l
	}
	sums := map[Key]Total{}
	for _, l := range last {
		k := Key{l.SKU, l.Region}
		t := sums[k]
		sums[k] = Total{k, t.OnHand + l.OnHand, t.Held + l.Held, t.Available + l.Available, t.Version + l.Version, max(t.AsOf, l.At)}
	}
	var all []Total
	for _, t := range sums {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Total) int { return a.Compare(b.Key) })
	return all
}

// seeded gives a test's dice, and says how to have them again.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func TestLevelsInAnyOrderAndWithRepeatsAddUpToTheSame(t *testing.T) {
	dice := seeded(t)
	for range 500 {
		levels := history(dice)
		given := slices.Clone(levels)
		for range dice.IntN(2 * len(levels)) {
			given = append(given, levels[dice.IntN(len(levels))])
		}
		dice.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
		f, versions := NewFold(), map[Key]int64{}
		for _, l := range given {
			changed := f.Take(l)
			k := Key{l.SKU, l.Region}
			total, ok := f.Total(k)
			if grew := total.Version > versions[k]; !ok || grew != changed {
				t.Fatalf("%+v: changed %t, the total's version %d, before %d", l, changed, total.Version, versions[k])
			}
			versions[k] = total.Version
			if f.Take(l) {
				t.Fatalf("%+v changed something twice", l)
			}
		}
		if got, want := f.Totals(), naive(levels); !slices.Equal(got, want) {
			t.Fatalf("levels %+v\ngiven as %+v\nadd up to %+v\nexpected %+v", levels, given, got, want)
		}
	}
}

func TestWhatOneWarehouseLacksIsNotMadeUpByAnother(t *testing.T) {
	f := NewFold()
	f.Take(Level{SKU: "S", WarehouseID: "W1", Region: "south", OnHand: 2, Held: 5, Version: 3, At: 30})
	f.Take(Level{SKU: "S", WarehouseID: "W2", Region: "south", OnHand: 4, Held: 1, Available: 3, Version: 9, At: 20})
	f.Take(Level{SKU: "S", WarehouseID: "W3", Region: "north", OnHand: 7, Available: 7, Version: 1, At: 90})
	want := Total{Key{"S", "south"}, 6, 6, 3, 12, 30}
	if got, ok := f.Total(want.Key); !ok || got != want {
		t.Errorf("%+v, expected %+v", got, want)
	}
	if got, ok := f.Total(Key{"S", "west"}); ok {
		t.Errorf("in a region without warehouses: %+v", got)
	}
	if f.Levels() != 3 {
		t.Errorf("%d levels kept, of 3 warehouses", f.Levels())
	}
}

func TestKeysAreReadAsTheyAreWritten(t *testing.T) {
	k := Key{"SKU-1.a_b", "south"}
	if got, err := ParseKey(k.String()); err != nil || got != k {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "SKU-1", ":", "SKU-1:", ":south", "a:b:c", "-:south", "a b:south"} {
		if got, err := ParseKey(bad); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

package porttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"inventory/ports"
)

// Directory proves that a store keeps the contract of ports.Directory. Each call of open
// gives a handle on the same store, as in Journal.
func Directory(t *testing.T, open func(t *testing.T) ports.Directory) {
	tests := map[string]func(*directoryTest){
		"a warehouse is listed as it was put":            warehouseListed,
		"putting it again changes nothing":               warehouseTwice,
		"the rank may change":                            warehouseRank,
		"region and number of ledgers never change":      warehouseFixed,
		"of twenty regions put at once one wins":         warehouseRace,
		"ranks put at once leave one of them":            warehouseRankRace,
		"the first number of reservation ledgers stays":  reservationLedgersFixed,
		"of twenty numbers at once all get the same one": reservationLedgersRace,
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			tests[name](&directoryTest{T: t, ctx: t.Context(), stores: [2]ports.Directory{open(t), open(t)}})
		})
	}
}

// directoryTest is one test of the suite, with two handles on a store.
type directoryTest struct {
	*testing.T
	ctx    context.Context
	stores [2]ports.Directory
}

// handle returns the handle that racer i uses.
func (t *directoryTest) handle(i int) ports.Directory { return t.stores[i%len(t.stores)] }

// newWarehouse returns a warehouse that is new in the store.
func newWarehouse() ports.WarehouseRecord {
	return ports.WarehouseRecord{ID: unique("W"), Region: "eu-west", Rank: 3, Ledgers: 2}
}

func (t *directoryTest) put(w ports.WarehouseRecord) {
	t.Helper()
	must(t.T, "PutWarehouse", func() error {
		got, err := t.stores[0].PutWarehouse(t.ctx, w)
		if err == nil && got != w {
			t.Fatalf("PutWarehouse gave %+v, want %+v", got, w)
		}
		return err
	})
}

// listed returns the warehouses of an id, through every handle.
func (t *directoryTest) listed(id string) []ports.WarehouseRecord {
	t.Helper()
	var lists [2][]ports.WarehouseRecord
	for i, s := range t.stores {
		must(t.T, "Warehouses", func() error {
			all, err := s.Warehouses(t.ctx)
			lists[i] = slices.DeleteFunc(all, func(w ports.WarehouseRecord) bool { return w.ID != id })
			return err
		})
	}
	if !slices.Equal(lists[0], lists[1]) {
		t.Fatalf("one handle lists %+v, another %+v", lists[0], lists[1])
	}
	return lists[0]
}

func (t *directoryTest) wantListed(want ports.WarehouseRecord) {
	t.Helper()
	if got := t.listed(want.ID); len(got) != 1 || got[0] != want {
		t.Fatalf("listed is %+v, want %+v", got, want)
	}
}

func warehouseListed(t *directoryTest) {
	a, b := newWarehouse(), newWarehouse()
	b.Region, b.Rank, b.Ledgers = "us-east", 0, 1
	t.put(a)
	t.put(b)
	t.wantListed(a)
	t.wantListed(b)
}

func warehouseTwice(t *directoryTest) {
	w := newWarehouse()
	t.put(w)
	t.put(w)
	t.wantListed(w)
}

func warehouseRank(t *directoryTest) {
	w := newWarehouse()
	for _, rank := range []int{3, 9, 0, -1} {
		w.Rank = rank
		t.put(w)
		t.wantListed(w)
	}
}

func warehouseFixed(t *directoryTest) {
	w := newWarehouse()
	t.put(w)
	moved, split := w, w
	moved.Region, moved.Rank = "us-east", 8
	split.Ledgers, split.Rank = 3, 9
	for _, other := range []ports.WarehouseRecord{moved, split} {
		mustFail(t.T, "PutWarehouse of what never changes", ports.ErrConflict, func() error {
			stored, err := t.stores[1].PutWarehouse(t.ctx, other)
			if errors.Is(err, ports.ErrConflict) && stored != w {
				t.Fatalf("PutWarehouse of %+v gave %+v, want what is stored, %+v", other, stored, w)
			}
			return err
		})
		t.wantListed(w)
	}
}

func warehouseRace(t *directoryTest) {
	w := newWarehouse()
	put := make([]ports.WarehouseRecord, racers)
	gave := make([]ports.WarehouseRecord, racers)
	for i := range put {
		put[i] = w
		put[i].Region = fmt.Sprintf("region-%d", i)
	}
	winner := oneWinner(t.T, race(racers, func(i int) (err error) {
		gave[i], err = t.handle(i).PutWarehouse(t.ctx, put[i])
		return err
	}))
	for i, g := range gave {
		if g != put[winner] {
			t.Fatalf("racer %d was given %+v, racer %d had won with %+v", i, g, winner, put[winner])
		}
	}
	t.wantListed(put[winner])
}

func warehouseRankRace(t *directoryTest) {
	w := newWarehouse()
	for i, err := range race(racers, func(i int) error {
		mine := w
		mine.Rank = i
		_, err := t.handle(i).PutWarehouse(t.ctx, mine)
		return err
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	got := t.listed(w.ID)
	if len(got) != 1 || got[0].Rank < 0 || got[0].Rank >= racers || got[0].Region != w.Region || got[0].Ledgers != w.Ledgers {
		t.Fatalf("listed is %+v, want %+v with a rank that was put", got, w)
	}
}

// reservationLedgers asks for a number of ledgers and returns what is fixed.
func (t *directoryTest) reservationLedgers(i int, region string, want int) (int, error) {
	return t.handle(i).ReservationLedgers(t.ctx, region, want)
}

func reservationLedgersFixed(t *directoryTest) {
	region, other := unique("region"), unique("region")
	for i, ask := range []struct {
		region     string
		want, gets int
	}{{region, 4, 4}, {region, 8, 4}, {region, 4, 4}, {other, 2, 2}, {region, 1, 4}, {other, 4, 2}} {
		must(t.T, "ReservationLedgers", func() error {
			n, err := t.reservationLedgers(i, ask.region, ask.want)
			if err == nil && n != ask.gets {
				t.Fatalf("ask %d, for %d, got %d, want %d", i, ask.want, n, ask.gets)
			}
			return err
		})
	}
}

func reservationLedgersRace(t *directoryTest) {
	region := unique("region")
	got := make([]int, racers)
	for i, err := range race(racers, func(i int) (err error) {
		got[i], err = t.reservationLedgers(i, region, i+1)
		return err
	}) {
		if err != nil {
			t.Fatalf("racer %d: %v", i, err)
		}
	}
	fixed, err := t.reservationLedgers(0, region, racers+1)
	if err != nil || fixed < 1 || fixed > racers {
		t.Fatalf("got %d and error %v, want a number that was asked for", fixed, err)
	}
	for i, n := range got {
		if n != fixed {
			t.Fatalf("racer %d got %d, fixed is %d", i, n, fixed)
		}
	}
}

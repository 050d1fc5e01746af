package porttest

import (
	"bytes"
	"errors"
	"math"

	"inventory/ports"
)

var entriesTests = map[string]func(*journalTest){
	"above after, up to upto, in order":               entriesInOrder,
	"more than one page":                              entriesOfManyPages,
	"an error of take ends it and is returned":        errorOfTake,
	"take may call the store":                         takeCallsStore,
	"settled, an entry that is not there is missed":   entryMissing,
	"unsettled, it stops at the newest without error": entriesStopShort,
}

func entriesInOrder(t *journalTest) {
	a := t.takeOver("a")
	a.append(12)
	for _, r := range [][2]int64{{0, 12}, {0, 1}, {3, 9}, {8, 10}, {11, 12}} {
		t.wantEntries(r[0], r[1], a.wrote[r[0]:r[1]])
	}
	t.wantEntries(5, 5, nil)
	t.wantEntries(12, 12, nil)
	t.wantEntries(9, 3, nil)
}

func entriesOfManyPages(t *journalTest) {
	a := t.takeOver("a")
	for n := range 100 {
		a.commit(a.next(bytes.Repeat([]byte{byte(n)}, 32<<10+n)))
	}
	t.wantEntries(0, 100, a.wrote)
	t.wantEntries(49, 99, a.wrote[49:99])
}

func errorOfTake(t *journalTest) {
	a := t.takeOver("a")
	a.append(5)
	enough := errors.New("enough")
	for _, settled := range []bool{true, false} {
		var got []int64
		err := t.store.Entries(t.ctx, t.id, 1, 5, settled, func(r ports.Record) error {
			got = append(got, r.Version)
			if len(got) == 2 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || len(got) != 2 || got[0] != 2 || got[1] != 3 {
			t.Fatalf("got error %v after entries %v, want %v after entries 2 and 3", err, got, enough)
		}
	}
}

func takeCallsStore(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, settled := range []bool{true, false} {
		must(t.T, "Entries", func() error {
			return t.store.Entries(t.ctx, t.id, 0, 3, settled, func(ports.Record) error {
				if _, err := t.entries(0, 3, settled); err != nil {
					return err
				}
				a.commit(a.renewal())
				return nil
			})
		})
	}
}

func entryMissing(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, upto := range []int64{4, math.MaxInt64} {
		got, err := t.entries(1, upto, true)
		if !errors.Is(err, ports.ErrPermanent) {
			t.Fatalf("Entries up to %d of 3, settled: got error %v, want %v", upto, err, ports.ErrPermanent)
		}
		t.sameEntries(got, a.wrote[1:])
	}
}

func entriesStopShort(t *journalTest) {
	a := t.takeOver("a")
	a.append(3)
	for _, upto := range []int64{4, math.MaxInt64} {
		got, err := t.entries(1, upto, false)
		if err != nil {
			t.Fatalf("Entries up to %d of 3, unsettled: %v", upto, err)
		}
		t.sameEntries(got, a.wrote[1:])
	}
	got, err := t.entries(3, 10, false)
	if err != nil || len(got) != 0 {
		t.Fatalf("Entries above the newest, unsettled: got %d and error %v, want none", len(got), err)
	}
}

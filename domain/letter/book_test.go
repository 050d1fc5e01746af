package letter

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
)

func id(name string) ledger.UUID { return ledger.NewUUIDv5(ledger.Namespace, name) }

func sec(n int) time.Time { return time.Unix(1_700_000_000+int64(n), 0).UTC() }

// dead is a letter whose record was written at a second and had that offset, too.
func dead(name, key string, at int) Meta {
	return Meta{
		ID: id(name), Key: key, Place: Place{"orders", 0, int64(at)}, BuriedAt: sec(1000 + at), Code: "c", Error: "it is " + key,
		Origin: Origin{Offset: int64(at), Timestamp: sec(at)}, FirstFailure: sec(500 + at),
	}
}

func bookOf(letters ...Meta) *Book {
	b := NewBook()
	for _, m := range letters {
		b.Bury(m)
	}
	return b
}

func take(b *Book, notes ...Note) {
	for _, n := range notes {
		b.Take(n)
	}
}

func replay(name string, at int, f Filter) Job {
	return Job{ID: id(name), Filter: f, Bounds: []Place{{"orders", 0, 1000}}, At: sec(at)}
}

func fate(letter, job, outcome string, at int) Fate {
	return Fate{Letter: id(letter), Job: id(job), Outcome: outcome, At: sec(at)}
}

// names gives letters by their names instead of their ids.
func names(list []Entry, known ...string) []string {
	got := []string{}
	for _, e := range list {
		for _, name := range known {
			if e.ID == id(name) {
				got = append(got, name)
			}
		}
	}
	return got
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func stateOfA(t *testing.T, b *Book) string {
	t.Helper()
	e, ok := b.Letter(id("a"))
	if !ok {
		t.Fatal("the letter is not known")
	}
	return e.State
}

func TestALetterBuriedAgainStaysWhereItWasAndDiedOfTheLastCause(t *testing.T) {
	first, again := dead("a", "k", 1), dead("a", "k", 9)
	again.Code, again.Origin = "other", first.Origin
	for name, b := range map[string]*Book{"in order": bookOf(first, again, again), "the other way": bookOf(again, first)} {
		e, _ := b.Letter(first.ID)
		expect(t, name, []any{e.Place, e.BuriedAt, e.FirstFailure, e.Code, e.Group.Code, e.Times}, []any{first.Place, first.BuriedAt, first.FirstFailure, "other", "other", 2})
	}
	once := bookOf(first, first)
	e, _ := once.Letter(first.ID)
	expect(t, "times of one that was read twice", e.Times, 1)
}

func TestWhenTheLogDropsTheFirstCopyTheNextOneIsRead(t *testing.T) {
	first, again := dead("a", "k", 1), dead("a", "k", 9)
	b := bookOf(first, again)
	take(b, Job{ID: id("j"), Bounds: []Place{{"orders", 0, 5}}, At: sec(5)})
	p, ok := b.Lost(first.ID, first.Place)
	if !ok || p != again.Place {
		t.Errorf("got %v, %t, want %v", p, ok, again.Place)
	}
	e, _ := b.Letter(first.ID)
	expect(t, "place", e.Place, again.Place)
	expect(t, "left", names(b.Left(id("j")), "a"), []string{"a"})
	if p, ok := b.Lost(first.ID, again.Place); ok {
		t.Errorf("both are gone, and one is at %v", p)
	}
	if p, ok := bookOf(first).Lost(first.ID, first.Place); ok {
		t.Errorf("the only copy is gone, and one is at %v", p)
	}
	if _, ok := b.Lost(id("nobody"), first.Place); ok {
		t.Error("a copy of a letter that nobody knows")
	}
}

func TestWhatAJobSettledStaysSettled(t *testing.T) {
	b := bookOf(dead("a", "k", 1))
	settled, failed := fate("a", "j", Applied, 10), fate("a", "j", Failed, 20)
	take(b, replay("j", 5, Filter{}), settled, failed, fate("a", "j", Duplicate, 30), fate("a", "j", "nonsense", 30))
	expect(t, "state", stateOfA(t, b), Applied)
	j, _ := b.Job(id("j"))
	expect(t, "tally", j.Tally, Tally{Letters: 1, Applied: 1})
	e, _ := b.Letter(id("a"))
	expect(t, "fate", *e.Fate, settled)
	if settled.Key() == failed.Key() {
		t.Error("the log would keep only the failure")
	}
}

func TestASettledLetterDropsItsTextAndKeepsItsGroup(t *testing.T) {
	m := dead("a", "k", 1)
	late := bookOf()
	take(late, fate("a", "j", Applied, 10))
	late.Bury(m)
	soon := bookOf(m)
	take(soon, fate("a", "j", Applied, 10))
	for _, b := range []*Book{late, soon} {
		e, _ := b.Letter(m.ID)
		expect(t, "error", e.Error, "")
		expect(t, "group", e.Group, GroupOf(&m))
	}
}

func TestPeopleDiscardAndRestore(t *testing.T) {
	b := bookOf(dead("a", "k", 1), dead("b", "k", 2))
	take(b, Act{Letter: id("a"), Kind: Discarded, By: "anna"})
	expect(t, "state", stateOfA(t, b), Discarded)
	expect(t, "open", b.Count(Filter{}), 1)
	expect(t, "discarded", b.Count(Filter{States: []string{Discarded}}), 1)
	take(b, Act{Letter: id("a"), Kind: Restored})
	expect(t, "state", stateOfA(t, b), Open)
	take(b, Act{Letter: id("a"), Kind: Edited}, fate("a", "j", Superseded, 3))
	expect(t, "state", stateOfA(t, b), Superseded)
}

func TestAnAuditIsThereOnceAndIsTheBooksOwn(t *testing.T) {
	b := NewBook()
	take(b, Audit{ID: id("2"), Kind: "discard", At: sec(2)}, Audit{ID: id("1"), Kind: "replay", At: sec(1)}, Audit{ID: id("2"), Kind: "discard", At: sec(2)})
	for range 2 {
		audits := b.Audits()
		if len(audits) != 2 || audits[0].Kind != "replay" || audits[1].Kind != "discard" {
			t.Fatalf("got %+v", audits)
		}
		audits[0].Kind = "forged"
	}
}

func TestOnlyLettersThatWereBuriedAreFound(t *testing.T) {
	b := NewBook()
	take(b, fate("a", "j", Failed, 1), Act{Letter: id("b"), Kind: Discarded})
	for _, name := range []string{"a", "b", "c"} {
		if e, ok := b.Letter(id(name)); ok {
			t.Errorf("%s: got %+v", name, e)
		}
	}
	expect(t, "count", b.Count(Filter{IDs: []ledger.UUID{id("a"), id("c")}}), 0)
	expect(t, "fates", len(b.Fates(id("a"))), 1)
	expect(t, "fates of nobody", len(b.Fates(id("c"))), 0)
}

func TestAFilterChoosesLettersThatFitAllOfIt(t *testing.T) {
	m := dead("a", "k", 7)
	m.Schema = 3
	n := func(n int64) *int64 { return &n }
	p := func(p int32) *int32 { return &p }
	for name, tt := range map[string]struct{ fits, not Filter }{
		"id":        {Filter{IDs: []ledger.UUID{m.ID}}, Filter{IDs: []ledger.UUID{id("b")}}},
		"topic":     {Filter{Topic: "orders"}, Filter{Topic: "picks"}},
		"group":     {Filter{Group: GroupOf(&m).ID()}, Filter{Group: "0"}},
		"code":      {Filter{Code: "c"}, Filter{Code: "d"}},
		"key":       {Filter{Key: "k"}, Filter{Key: "l"}},
		"order":     {Filter{Order: "k"}, Filter{Order: "l"}},
		"schema":    {Filter{Schema: n(3)}, Filter{Schema: n(4)}},
		"from":      {Filter{From: m.BuriedAt}, Filter{From: m.BuriedAt.Add(1)}},
		"until":     {Filter{Until: m.BuriedAt.Add(1)}, Filter{Until: m.BuriedAt}},
		"partition": {Filter{Partition: p(0)}, Filter{Partition: p(1)}},
		"first":     {Filter{FirstAt: n(7)}, Filter{FirstAt: n(8)}},
		"last":      {Filter{LastAt: n(7)}, Filter{LastAt: n(6)}},
	} {
		b := bookOf(m)
		if b.Count(tt.fits) != 1 || !tt.fits.Fits(&m) {
			t.Errorf("%s: %+v does not choose it", name, tt.fits)
		}
		if b.Count(tt.not) != 0 || tt.not.Fits(&m) {
			t.Errorf("%s: %+v chooses it", name, tt.not)
		}
	}
}

func TestGroupsAreTheLargestFirstWithTheirNewestLetter(t *testing.T) {
	a, b, c := dead("a", "k", 1), dead("b", "l", 5), dead("c", "m", 3)
	a.Error, b.Error, c.Error = "order x1: late", "order x2: late", "other"
	groups := bookOf(b, c, a).Groups(Filter{})
	want := []GroupStanding{
		{Group: GroupOf(&a), Letters: 2, First: a.BuriedAt, Last: b.BuriedAt, Sample: b.ID},
		{Group: GroupOf(&c), Letters: 1, First: c.BuriedAt, Last: c.BuriedAt, Sample: c.ID},
	}
	if !slices.Equal(groups, want) {
		t.Errorf("got %+v, want %+v", groups, want)
	}
	expect(t, "bounds", bookOf(b, c, a).Bounds(Filter{}), []Place{{"orders", 0, 6}})
}

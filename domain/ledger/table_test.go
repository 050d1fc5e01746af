package ledger

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// rowsOf collects what a table yields, and checks that all its views agree.
func rowsOf(t *testing.T, table *Table[int, string]) map[int]string {
	t.Helper()
	rows := map[int]string{}
	for k, v := range table.All() {
		if _, twice := rows[k]; twice {
			t.Errorf("row %d is yielded twice", k)
		}
		rows[k] = v
		if got, ok := table.Get(k); !ok || got != v {
			t.Errorf("row %d is yielded as %q, Get gives %q, %t", k, v, got, ok)
		}
	}
	if table.Len() != len(rows) {
		t.Errorf("Len is %d, All yields %d rows", table.Len(), len(rows))
	}
	if got, want := table.Sorted(cmp.Compare), slices.Sorted(maps.Keys(rows)); !slices.Equal(got, want) {
		t.Errorf("Sorted is %v, want %v", got, want)
	}
	return rows
}

func expectRows(t *testing.T, what string, table *Table[int, string], want map[int]string) {
	t.Helper()
	if got := rowsOf(t, table); !maps.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func twoRows() *Table[int, string] {
	table := NewTable[int, string]()
	table.Put(1, "a")
	table.Put(2, "b")
	return table
}

func TestADraftSeesWhatIsBelowAndHidesWhatItChanged(t *testing.T) {
	base := twoRows()
	draft := base.Draft()
	draft.Put(2, "B")
	draft.Put(3, "c")
	draft.Delete(1)
	expectRows(t, "draft", draft, map[int]string{2: "B", 3: "c"})
	expectRows(t, "base", base, map[int]string{1: "a", 2: "b"})
	if v, ok := draft.Get(1); ok || v != "" {
		t.Errorf("a deleted row gives %q, %t", v, ok)
	}
}

func TestAMergedDraftIsTheTableBelow(t *testing.T) {
	base := twoRows()
	draft := base.Draft()
	draft.Delete(1)
	draft.Put(3, "c")
	if got := draft.Merge(); got != base {
		t.Error("Merge returns another table")
	}
	expectRows(t, "merged", base, map[int]string{2: "b", 3: "c"})
}

func TestARowDeletedAndPutAgainInDraftsIsThere(t *testing.T) {
	base := twoRows()
	first := base.Draft()
	first.Delete(1)
	second := first.Draft()
	second.Put(1, "again")
	expectRows(t, "draft over draft", second, map[int]string{1: "again", 2: "b"})
	expectRows(t, "the draft below", first, map[int]string{2: "b"})
	expectRows(t, "merged down", second.Merge().Merge(), map[int]string{1: "again", 2: "b"})
}

func TestDeletingWhatIsNotThereChangesNothing(t *testing.T) {
	base := twoRows()
	draft := base.Draft()
	draft.Delete(9)
	draft.Put(9, "x")
	draft.Delete(9)
	draft.Delete(9)
	expectRows(t, "draft", draft, map[int]string{1: "a", 2: "b"})
	expectRows(t, "merged", draft.Merge(), map[int]string{1: "a", 2: "b"})
}

func TestARangeOverATableCanStop(t *testing.T) {
	n := 0
	for range twoRows().Draft().All() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d rows", n)
	}
}

// A stack of drafts behaves as a stack of copied maps.
func TestDraftsBehaveAsCopiesOfAMap(t *testing.T) {
	r := newRand(t)
	tables := []*Table[int, string]{NewTable[int, string]()}
	models := []map[int]string{{}}
	for step := range 20_000 {
		top, model := tables[len(tables)-1], models[len(models)-1]
		switch k := r.IntN(6); r.IntN(10) {
		case 0:
			if len(tables) < 4 {
				tables, models = append(tables, top.Draft()), append(models, maps.Clone(model))
			}
		case 1:
			tables, models = pop(tables, models, r.IntN(2) == 0)
		case 2, 3, 4, 5:
			top.Delete(k)
			delete(model, k)
		default:
			v := string(rune('a' + r.IntN(26)))
			top.Put(k, v)
			model[k] = v
		}
		expectRows(t, "random", tables[len(tables)-1], models[len(models)-1])
		if t.Failed() {
			t.Fatalf("step %d", step)
		}
	}
}

// pop merges the topmost draft or throws it away.
func pop(tables []*Table[int, string], models []map[int]string, merge bool) ([]*Table[int, string], []map[int]string) {
	n := len(tables) - 1
	if n == 0 {
		return tables, models
	}
	if merge {
		tables[n].Merge()
		models[n-1] = models[n]
	}
	return tables[:n], models[:n]
}

func newRand(t *testing.T) *rand.Rand {
	t.Logf("-seed %d", *seed)
	return rand.New(rand.NewPCG(uint64(*seed), 0))
}

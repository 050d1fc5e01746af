package reservation

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"inventory/domain/stock"
)

// levels are units by "warehouse/sku".
type levels map[string]int64

// levelsOf reads "3 W1/A, 1 W2/B".
func levelsOf(s string) levels {
	l := levels{}
	for part := range strings.SplitSeq(s, ", ") {
		var n int64
		var at string
		if _, err := fmt.Sscan(part, &n, &at); err == nil {
			l[at] = n
		}
	}
	return l
}

func (l levels) available(w stock.WarehouseID, sku stock.SKU) int64 {
	return l[string(w)+"/"+string(sku)]
}

// ranked are warehouses in their order of preference.
func ranked(ids ...string) []stock.Warehouse {
	var ws []stock.Warehouse
	for i, id := range ids {
		ws = append(ws, stock.Warehouse{ID: stock.WarehouseID(id), Region: "eu", Rank: i, Ledgers: 1})
	}
	return ws
}

// linesOf reads "3 A, 1 B@W2": 3 of A from anywhere, 1 of B from W2.
func linesOf(s string) []Line {
	var lines []Line
	for part := range strings.SplitSeq(s, ",") {
		var l Line
		what := ""
		if _, err := fmt.Sscan(part, &l.Quantity, &what); err != nil {
			panic(err)
		}
		sku, warehouse, named := strings.Cut(what, "@")
		l.SKU, l.Warehouse, l.Named = stock.SKU(sku), stock.WarehouseID(warehouse), named
		lines = append(lines, l)
	}
	return Merge(lines)
}

// chosen writes lines as linesOf reads them; free lines with ~ before their warehouse.
func chosen(lines []Line) string {
	var parts []string
	for _, l := range lines {
		sign := "~"
		if l.Named {
			sign = "@"
		}
		parts = append(parts, fmt.Sprintf("%d %s%s%s", l.Quantity, l.SKU, sign, l.Warehouse))
	}
	return strings.Join(parts, ", ")
}

func TestWarehousesAreChosenAsTheSpecSays(t *testing.T) {
	tests := []struct {
		name   string
		asked  string
		levels string
		want   string
	}{
		{"the first by rank of those that can serve the whole order", "2 A, 1 B", "2 W2/A, 1 W2/B, 9 W3/A, 9 W3/B", "2 A~W2, 1 B~W2"},
		{"one that can serve all of it before two that are preferred", "2 A, 1 B", "2 W1/A, 1 W2/B, 2 W3/A, 1 W3/B", "2 A~W3, 1 B~W3"},
		{"else the fewest: two before three that are preferred", "1 A, 1 B, 1 C", "1 W1/A, 1 W2/B, 1 W3/C, 1 W4/A, 1 W4/B", "1 A~W4, 1 B~W4, 1 C~W3"},
		{"of sets as small the first by rank", "1 A, 1 B", "1 W1/A, 1 W2/A, 1 W3/B, 1 W4/B", "1 A~W1, 1 B~W3"},
		{"rank decides by the first warehouse of a set before the second", "2 A", "1 W1/A, 1 W2/A, 1 W3/A, 1 W4/A", "1 A~W1, 1 A~W2"},
		{"a line is split where no warehouse has enough", "5 A", "2 W1/A, 1 W2/A, 3 W3/A", "2 A~W1, 3 A~W3"},
		{"a line is whole where one of the set has enough, though others are preferred", "2 A, 3 B", "1 W1/A, 3 W1/B, 2 W2/A", "2 A~W2, 3 B~W1"},
		{"a warehouse that is named anyway counts as chosen", "1 A@W3, 1 B", "1 W1/B, 1 W3/A, 1 W3/B", "1 A@W3, 1 B~W3"},
		{"beside one that is named the fewest more", "1 A@W4, 1 B, 1 C", "1 W1/B, 1 W2/C, 1 W3/C, 1 W4/A, 1 W4/B", "1 A@W4, 1 B~W4, 1 C~W2"},
		{"what a named line takes is not there for a free one", "2 A@W1, 2 A", "3 W1/A, 2 W2/A", "2 A@W1, 2 A~W2"},
		{"a free line takes what a named one leaves", "2 A@W1, 1 A", "3 W1/A, 2 W2/A", "1 A~W1, 2 A@W1"},
		{"a named warehouse that is no candidate serves its own line only", "1 A@X, 1 B", "1 X/A, 1 X/B, 1 W2/B", "1 A@X, 1 B~W2"},
	}
	for _, tt := range tests {
		got := Source(linesOf(tt.asked), ranked("W1", "W2", "W3", "W4"), levelsOf(tt.levels).available)
		if chosen(got.Lines) != tt.want || got.Shortages != nil {
			t.Errorf("%s: got %s, short of %v; want %s", tt.name, chosen(got.Lines), got.Shortages, tt.want)
		}
	}
}

func TestWhatCanNotBeServedStaysWholeAtTheFirstCandidateAndIsNamed(t *testing.T) {
	tests := []struct {
		name   string
		asked  string
		levels string
		want   string
		short  []stock.Shortage
	}{
		{"nowhere any", "2 A", "", "2 A~W1", []stock.Shortage{{SKU: "A", Requested: 2}}},
		{"not enough in all together", "5 A", "2 W2/A, 2 W3/A", "5 A~W1", []stock.Shortage{{SKU: "A", Requested: 5, Available: 4}}},
		{"one of two lines", "1 A, 2 B", "1 W2/A, 1 W2/B", "1 A~W2, 2 B~W1", []stock.Shortage{{SKU: "B", Requested: 2, Available: 1}}},
		{"a named line", "2 A@W2", "9 W1/A, 1 W2/A", "2 A@W2", []stock.Shortage{{SKU: "A", Warehouse: "W2", Requested: 2, Available: 1}}},
		{"a named line, and a free one that is served", "2 A@W2, 1 B", "1 W2/A, 1 W1/B", "2 A@W2, 1 B~W1", []stock.Shortage{{SKU: "A", Warehouse: "W2", Requested: 2, Available: 1}}},
		{"a free line whose stock a named line takes", "2 A@W1, 1 A", "2 W1/A", "1 A~W1, 2 A@W1", []stock.Shortage{{SKU: "A", Requested: 1, Available: 0}}},
	}
	for _, tt := range tests {
		got := Source(linesOf(tt.asked), ranked("W1", "W2", "W3"), levelsOf(tt.levels).available)
		if chosen(got.Lines) != tt.want || !reflect.DeepEqual(got.Shortages, tt.short) {
			t.Errorf("%s: got %s, short of %+v; want %s, %+v", tt.name, chosen(got.Lines), got.Shortages, tt.want, tt.short)
		}
	}
}

func TestWithoutCandidatesFreeLinesStayWithoutAWarehouse(t *testing.T) {
	got := Source(linesOf("1 A, 1 B@W9"), nil, levelsOf("1 W9/B").available)
	if chosen(got.Lines) != "1 A~, 1 B@W9" || got.Shortages != nil {
		t.Errorf("got %s, short of %v", chosen(got.Lines), got.Shortages)
	}
}

func TestTheChoiceIsAPureFunctionOfWhatItIsGiven(t *testing.T) {
	lines, candidates := linesOf("3 A, 2 B, 1 C@W2"), ranked("W1", "W2", "W3")
	l := levelsOf("2 W1/A, 1 W2/A, 2 W3/B, 1 W2/C")
	asked := map[string]int{}
	available := func(w stock.WarehouseID, sku stock.SKU) int64 {
		asked[fmt.Sprint(w, sku)]++
		return l.available(w, sku)
	}
	first := Source(lines, candidates, available)
	if !reflect.DeepEqual(lines, linesOf("3 A, 2 B, 1 C@W2")) || !reflect.DeepEqual(candidates, ranked("W1", "W2", "W3")) {
		t.Error("the arguments were changed")
	}
	for what, n := range asked {
		if n != 1 {
			t.Errorf("the level of %s was read %d times: it may have moved in between", what, n)
		}
	}
	if again := Source(lines, candidates, l.available); !reflect.DeepEqual(first, again) {
		t.Errorf("got %+v, then %+v", first, again)
	}
}

// A pathological order needs many of many warehouses: the best set is out of reach, and
// a good one must be found soon.
func TestAPathologicalOrderIsSourcedWithBoundedWork(t *testing.T) {
	const warehouses, lines, quantity = 120, MaxLines, 80
	var ids []string
	l := levels{}
	var asked []Line
	for i := range warehouses {
		ids = append(ids, fmt.Sprintf("W%03d", i))
	}
	for i := range lines {
		sku := fmt.Sprintf("S%03d", i)
		asked = append(asked, Line{SKU: stock.SKU(sku), Quantity: quantity})
		for _, id := range ids {
			l[id+"/"+sku] = 1
		}
	}
	p := &picker{left: map[place]int64{}, available: l.available}
	start := time.Now()
	var names []stock.WarehouseID
	for _, id := range ids {
		names = append(names, stock.WarehouseID(id))
	}
	set := p.fewest(asked, nil, names)
	if took := time.Since(start); len(set) != quantity || p.tried > searchBudget || took > 3*time.Second {
		t.Errorf("%d warehouses after %d sets in %v; want %d after at most %d", len(set), p.tried, took, quantity, searchBudget)
	}
}

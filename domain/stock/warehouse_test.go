package stock

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"inventory/domain/ledger"
)

func TestWarehousesAreCheckedWhenTheyComeIn(t *testing.T) {
	tests := []struct {
		name          string
		id, region    string
		rank, ledgers int
		ok            bool
	}{
		{"plain", "W1", "eu", 0, 1, true},
		{"the most there can be", "W1", "eu", 1_000_000, MaxLedgers, true},
		{"no id", "", "eu", 0, 1, false},
		{"an id with a slash", "W/1", "eu", 0, 1, false},
		{"no region", "W1", "", 0, 1, false},
		{"a rank below zero", "W1", "eu", -1, 1, false},
		{"a rank too high", "W1", "eu", 1_000_001, 1, false},
		{"no ledger", "W1", "eu", 0, 0, false},
		{"too many ledgers", "W1", "eu", 0, MaxLedgers + 1, false},
	}
	for _, tt := range tests {
		w, err := NewWarehouse(tt.id, tt.region, tt.rank, tt.ledgers)
		want := Warehouse{WarehouseID(tt.id), Region(tt.region), tt.rank, tt.ledgers}
		if tt.ok && (err != nil || w != want) || !tt.ok && (!errors.Is(err, ErrInvalid) || w != Warehouse{}) {
			t.Errorf("%s: got %+v, %v", tt.name, w, err)
		}
	}
}

func TestWarehousesArePreferredByRankThenByID(t *testing.T) {
	ws := []Warehouse{{ID: "B", Rank: 2}, {ID: "C", Rank: 1}, {ID: "A", Rank: 2}}
	slices.SortFunc(ws, CompareRank)
	if got := string(ws[0].ID + ws[1].ID + ws[2].ID); got != "CAB" {
		t.Errorf("got %s, want CAB", got)
	}
}

// The ledger of a SKU is part of what is on disk: these values were computed apart, by
// FNV-1a (64 bits) of the SKU modulo the number of ledgers.
func TestASKUsLedgerIsFixedForEver(t *testing.T) {
	tests := []struct {
		sku     SKU
		ledgers map[int]string
	}{
		{"A", map[int]string{1: "0", 2: "0", 4: "0", 7: "3", 64: "44"}},
		{"sku-1", map[int]string{1: "0", 2: "0", 4: "0", 7: "0", 64: "12"}},
		{"RED-SHIRT-XL", map[int]string{1: "0", 2: "0", 4: "0", 7: "6", 64: "36"}},
		{"0.1_2-3", map[int]string{1: "0", 2: "1", 4: "3", 7: "1", 64: "51"}},
		{SKU(strings.Repeat("z", 64)), map[int]string{1: "0", 2: "1", 4: "1", 7: "3", 64: "37"}},
	}
	for _, tt := range tests {
		for n, want := range tt.ledgers {
			w := Warehouse{ID: "W1", Ledgers: n}
			if got := w.LedgerOf(tt.sku); got != ledger.ID("stock/W1/"+want) {
				t.Errorf("%s of %d ledgers: got %s, want %s", tt.sku, n, got, want)
			}
		}
	}
}

func TestAWarehouseNamesAllItsLedgers(t *testing.T) {
	w := Warehouse{ID: "W1", Ledgers: 3}
	if got, want := w.LedgerIDs(), []ledger.ID{"stock/W1/0", "stock/W1/1", "stock/W1/2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, sku := range []SKU{"A", "B", "C", "D", "E", "F"} {
		if !slices.Contains(w.LedgerIDs(), w.LedgerOf(sku)) {
			t.Errorf("sku %s is in %s", sku, w.LedgerOf(sku))
		}
	}
}

package reservation

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"inventory/domain/stock"
)

func TestAnOrderIsCheckedAndMergedWhenItComesIn(t *testing.T) {
	lines := []Line{
		{SKU: "B", Quantity: 1},
		{SKU: "A", Quantity: 2},
		{SKU: "A", Quantity: 3, Warehouse: "W1", Named: true},
		{SKU: "B", Quantity: 4},
		{SKU: "A", Quantity: 5, Warehouse: "W1", Named: true},
	}
	got, err := NewReserve("order-1", "eu", time.Hour, lines)
	want := Reserve{Order: "order-1", Region: "eu", TTL: time.Hour, Lines: []Line{
		{SKU: "A", Quantity: 2}, {SKU: "A", Quantity: 8, Warehouse: "W1", Named: true}, {SKU: "B", Quantity: 5},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if lines[0].SKU != "B" {
		t.Error("the caller's lines were sorted")
	}
}

func TestTheBoundsOfAnOrder(t *testing.T) {
	one := linesOf("1 A")
	tests := []struct {
		name          string
		order, region string
		ttl           time.Duration
		lines         []Line
		fault         string // empty: none
	}{
		{"no region", "o", "", time.Hour, one, ""},
		{"the shortest time to live", "o", "eu", time.Second, one, ""},
		{"the longest time to live", "o", "eu", 24 * time.Hour, one, ""},
		{"a hundred lines", "o", "eu", time.Hour, manyLines(100), ""},
		{"more than a hundred before merging", "o", "eu", time.Hour, append(manyLines(100), manyLines(100)...), ""},
		{"as many units as can be", "o", "eu", time.Hour, linesOf("1000000000 A"), ""},
		{"no order id", "", "eu", time.Hour, one, "order_id"},
		{"an order id with a space", "o 1", "eu", time.Hour, one, "order_id"},
		{"a region that is no name", "o", "e/u", time.Hour, one, "region"},
		{"too short a time to live", "o", "eu", time.Second - 1, one, "ttl 999.999999ms"},
		{"too long a time to live", "o", "eu", 24*time.Hour + 1, one, "ttl 24h"},
		{"no lines", "o", "eu", time.Hour, nil, "items: expected 1 to 100, found 0"},
		{"too many lines", "o", "eu", time.Hour, manyLines(101), "found 101"},
		{"a line of nothing", "o", "eu", time.Hour, []Line{{SKU: "A"}}, "items[0]: invalid quantity 0"},
		{"a reserved sku", "o", "eu", time.Hour, linesOf("1 orders"), "items[0]: invalid sku"},
		{"a warehouse that is no name", "o", "eu", time.Hour, linesOf("1 A@-"), "items[0]: invalid warehouse_id"},
		{"a warehouse that is named and empty", "o", "eu", time.Hour, []Line{{SKU: "A", Quantity: 1, Named: true}}, "warehouse_id"},
		{"too many units after merging", "o", "eu", time.Hour, append(linesOf("1000000000 A"), one...), "1000000001 units of sku A"},
	}
	for _, tt := range tests {
		_, err := NewReserve(tt.order, tt.region, tt.ttl, tt.lines)
		if tt.fault == "" && err != nil || tt.fault != "" && (!errors.Is(err, stock.ErrInvalid) || !strings.Contains(err.Error(), tt.fault)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.fault)
		}
	}
}

func manyLines(n int) []Line {
	var lines []Line
	for i := range n {
		lines = append(lines, Line{SKU: stock.SKU(fmt.Sprint("S", i)), Quantity: 1})
	}
	return lines
}

func TestEveryFaultOfAnOrderIsNamedAtOnce(t *testing.T) {
	_, err := NewReserve("a b", "e/u", 0, []Line{
		{SKU: "", Quantity: 0},
		{SKU: "A", Quantity: 1},
		{SKU: "B", Quantity: -1, Warehouse: "/", Named: true},
		{SKU: "C", Quantity: stock.MaxQuantity},
		{SKU: "C", Quantity: 1},
	})
	for _, part := range []string{
		"order_id", "region", "ttl", "items[0]: invalid sku", "quantity 0", "items[2]: invalid quantity -1", "warehouse_id", "1000000001 units of sku C",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %q", err, part)
		}
	}
	if strings.Contains(err.Error(), "items[1]") {
		t.Errorf("%v names a line that is well", err)
	}
}

func TestTheErrorOfAShortageHasTheNumbers(t *testing.T) {
	err := error(&InsufficientError{Shortages: []stock.Shortage{{SKU: "A", Requested: 5, Available: 2}, {SKU: "B", Requested: 1}}})
	want := "not enough stock; sku A: requested 5, available 2; sku B: requested 1, available 0"
	if err.Error() != want || !errors.Is(err, ErrInsufficient) {
		t.Errorf("got %v, want %s", err, want)
	}
}

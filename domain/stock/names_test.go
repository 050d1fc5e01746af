package stock

import (
	"errors"
	"strings"
	"testing"
)

func TestNamesOfSKUsWarehousesAndRegions(t *testing.T) {
	parsers := map[string]func(string) (string, error){
		"sku":          func(s string) (string, error) { v, err := ParseSKU(s); return string(v), err },
		"warehouse_id": func(s string) (string, error) { v, err := ParseWarehouseID(s); return string(v), err },
		"region":       func(s string) (string, error) { v, err := ParseRegion(s); return string(v), err },
	}
	tests := []struct {
		name string
		in   string
		ok   bool
	}{
		{"one letter", "a", true},
		{"one digit", "0", true},
		{"all that is allowed", "AZaz09._-", true},
		{"a dash last", "a-", true},
		{"64 characters", strings.Repeat("x", 64), true},
		{"a reserved word in another case", "Orders", true},
		{"empty", "", false},
		{"65 characters", strings.Repeat("x", 65), false},
		{"a dot first", ".a", false},
		{"an underscore first", "_a", false},
		{"a dash first", "-a", false},
		{"a space", "a b", false},
		{"a slash", "a/b", false},
		{"a colon", "a:b", false},
		{"a letter with an accent", "é", false},
		{"an accent inside", "aé", false},
		{"a line feed last", "a\n", false},
		{"a zero byte", "a\x00", false},
		{"no UTF-8", "a\xff", false},
	}
	for field, parse := range parsers {
		for _, tt := range tests {
			expectParsed(t, field+": "+tt.name, tt.in, tt.ok, parse)
		}
	}
}

// expectParsed fails the test unless parse takes in as it is, or refuses it as invalid.
func expectParsed(t *testing.T, what, in string, ok bool, parse func(string) (string, error)) {
	t.Helper()
	got, err := parse(in)
	switch {
	case ok && (err != nil || got != in):
		t.Errorf("%s: got %q, %v", what, got, err)
	case !ok && !errors.Is(err, ErrInvalid):
		t.Errorf("%s: got error %v, want ErrInvalid", what, err)
	}
}

func TestWordsThatMeanSomethingInAPathAreNoSKU(t *testing.T) {
	for _, s := range []string{"warehouses", "reservations", "orders", "global", "query", "bulk"} {
		if _, err := ParseSKU(s); !errors.Is(err, ErrInvalid) {
			t.Errorf("sku %q: got %v, want ErrInvalid", s, err)
		}
		if _, err := ParseWarehouseID(s); err != nil {
			t.Errorf("warehouse %q: %v", s, err)
		}
	}
}

func TestOrderIDsAndTokens(t *testing.T) {
	tests := []struct {
		name string
		in   string
		ok   bool
	}{
		{"a number", "4711", true},
		{"the first and the last printable", "!~", true},
		{"a path", "shop/eu:4711?x=#1", true},
		{"128 characters", strings.Repeat("~", 128), true},
		{"empty", "", false},
		{"129 characters", strings.Repeat("~", 129), false},
		{"a space", "a b", false},
		{"a tab", "a\t", false},
		{"a line feed", "a\nb", false},
		{"delete", "a\x7f", false},
		{"beyond ASCII", "a\u00e9", false},
	}
	for _, tt := range tests {
		expectParsed(t, "order_id: "+tt.name, tt.in, tt.ok, func(s string) (string, error) { v, err := ParseOrderID(s); return string(v), err })
		expectParsed(t, "token: "+tt.name, tt.in, tt.ok, func(s string) (string, error) { return s, CheckToken("event_id", s) })
	}
}

func TestNotesAreTextForPeople(t *testing.T) {
	tests := []struct {
		name string
		in   string
		ok   bool
	}{
		{"empty", "", true},
		{"text", "Palette umgekippt, 3 Stück — siehe Foto", true},
		{"512 bytes", strings.Repeat("x", 512), true},
		{"513 bytes", strings.Repeat("x", 513), false},
		{"a line feed", "a\nb", false},
		{"an escape sequence", "\x1b[31m", false},
		{"delete", "a\x7f", false},
		{"no UTF-8", "a\xff", false},
	}
	for _, tt := range tests {
		expectParsed(t, tt.name, tt.in, tt.ok, func(s string) (string, error) { return s, CheckNote("reason", s) })
	}
}

func TestQuantities(t *testing.T) {
	for n, ok := range map[int64]bool{1: true, MaxQuantity: true, 0: false, -1: false, MaxQuantity + 1: false, -1 << 63: false} {
		q, err := ParseQuantity("quantity", n)
		if ok && (err != nil || int64(q) != n) || !ok && !errors.Is(err, ErrInvalid) {
			t.Errorf("%d: got %d, %v", n, q, err)
		}
	}
}

func TestFaultsNameTheFieldAndWhatWasFound(t *testing.T) {
	_, sku := ParseSKU("a b")
	_, qty := ParseQuantity("quantity", 0)
	for _, tt := range []struct {
		err  error
		want []string
	}{
		{sku, []string{"sku", `"a b"`, "character 2"}},
		{qty, []string{"quantity", "0", "1 to 1000000000"}},
		{CheckToken("Idempotency-Key", ""), []string{"Idempotency-Key", "1 to 128", "found 0"}},
		{CheckNote("reason", strings.Repeat("x", 600)), []string{"reason", "512", "600"}},
	} {
		for _, part := range tt.want {
			if !strings.Contains(tt.err.Error(), part) {
				t.Errorf("%q does not say %q", tt.err, part)
			}
		}
	}
}

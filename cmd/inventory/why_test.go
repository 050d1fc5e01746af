package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWhyTellsHowANumberCameToBe(t *testing.T) {
	s := serving(t, t.TempDir(), "--hold-ttl=2h")
	for _, command := range []string{
		"warehouse put HCM south", "adjust HCM SKU-1 RECEIPT 100 --key k --actor wms:dock-3 --reference PO-1",
		"threshold set HCM SKU-1 93", "reserve o-1 SKU-1=2", "reserve SKU-1 SKU-1=5", "confirm o-1",
	} {
		must(t, append(strings.Fields(command), s.server)...)
	}
	// Before and after, who and why; tables are compared without their padding.
	shows := func(command string, want ...string) string {
		t.Helper()
		out := must(t, append(strings.Fields(command), s.server)...)
		text := strings.Join(strings.Fields(out), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: expected %q in:\n%s", command, w, out)
			}
		}
		return out
	}
	const reservation = "040e458d-cdd4-56b0-b36a-375c82fd5541" // of o-1
	shows("why SKU-1", "SKU-1 is a SKU and an order: --as sku or --as order shows one of them",
		"HCM SKU-1 ADJUSTED RECEIPT +100 0 → 100 0 wms:dock-3 by http PO-1", "HCM SKU-1 HELD 2 100 0 → 2 order o-1 by http",
		"HCM SKU-1 CONFIRMED 2 100 → 98 7 → 5 order o-1 by http", "order SKU-1: HELD")
	shows("why SKU-1 --warehouse HCM --limit 1", "sku SKU-1 3 older changes are left out: --limit shows more", "CONFIRMED 2")
	shows("why "+reservation, "order o-1: CONFIRMED reservation "+reservation, "ORDER_PLANNED", "ORDER_HELD", "ORDER_CONFIRMED order o-1 by http")
	shows("why SKU-1 --as order", "HELD, now LOW 5 100 2 → 7 order SKU-1 by http") // 93 are left

	var told whyAnswer
	if err := json.Unmarshal([]byte(shows("why SKU-1 --as sku --json")), &told); err != nil || told.Order != nil || len(told.Stock.Lines) != 4 {
		t.Fatalf("%+v, %v", told, err)
	}
	before := told.Stock.Lines[2].At // when the last hold was made
	shows("why SKU-1 --at "+before, "sku SKU-1 at "+before+": 100 on hand, 7 held", "HCM 100 7 93 0 "+before+" HELD, now LOW order SKU-1 by http",
		"held in HCM: SINCE UNITS ORDER RESERVATION", "2 o-1 "+reservation, "5 SKU-1")
	shows("why SKU-1 --at "+before+" --limit 1", "2 units for longer than those below", "5 SKU-1")
	shows("why SKU-1 --at 2020-01-01T00:00:00Z", "0 on hand, 0 held its first change came later")

	for command, c := range map[string]struct {
		exit int
		says string
	}{
		"why SKU-2":                {exitRefused, "looked for a SKU of this name in any warehouse, an order with this id"},
		"why SKU-1 --at yesterday": {exitUsage, "expected a time as RFC 3339 writes it"},
		"why SKU-1 --as shoe":      {exitUsage, "expected one of [sku order reservation]"},
		"why":                      {exitUsage, "`inventory why --help` tells more"},
	} {
		_, _, err := try(t, append(strings.Fields(command), s.server)...)
		if err == nil || exitCode(err) != c.exit || !strings.Contains(explain(err), c.says) {
			t.Errorf("%s: expected %d and %q, found %d and %v", command, c.exit, c.says, exitCode(err), err)
		}
	}
}

package httpapi

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestWhyTellsAStoryWithWhoAndWhy(t *testing.T) {
	c := stocked(t, Options{})
	c.adjust("k-1", `{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"DAMAGE","qty_delta":-3,"reason":"forklift","reference":"R-1"}`).want(200)
	trace := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	c.call("POST /inventory/reserve", reserve1, "traceparent", trace).want(201)

	var told whyAnswer
	read := func(query string) {
		t.Helper()
		told = whyAnswer{}
		if err := json.Unmarshal(c.call("GET /admin/why?"+query, "").want(200).body, &told); err != nil {
			t.Fatal(err)
		}
	}
	read("subject=SKU-1&limit=2")
	if told.Order != nil || told.Moment != nil || told.Stock.LeftOut != 1 || len(told.Stock.Lines) != 2 {
		t.Fatalf("%+v", told)
	}
	held := told.Stock.Lines[1]
	told.Stock.Lines[0].At = "*"
	if found := marshal(t, told.Stock.Lines[0]); found != `{"at":"*","what":"ADJUSTED","sku":"SKU-1","warehouse_id":"W1","quantity":-3,`+
		`"before":{"on_hand":10,"held":0},"after":{"on_hand":7,"held":0},"adjustment_type":"DAMAGE","actor":"wms:dock-3","source":"http","reason":"forklift",`+
		`"reference":"R-1","ledger":"stock/W1/0","version":2,"ordinal":0,"seq":2}` {
		t.Error(found)
	}
	if held.OrderID != "o-1" || held.ReservationID != reservationOf("o-1") || held.Trace != trace || *held.After != (unitsTold{7, 2}) {
		t.Errorf("%+v", held)
	}

	read("subject=SKU-1&warehouse=W1&at=" + url.QueryEscape(strings.Replace(held.At, "Z", "+00:00", 1)))
	if w := told.Moment.Warehouses[0]; told.Stock != nil || told.Moment.Held != 2 || w.Available != 5 || len(w.Holds) != 1 || w.Holds[0] != (pastHold{"o-1", reservationOf("o-1"), 2, held.At}) {
		t.Errorf("%+v", told.Moment)
	}

	read("subject=" + reservationOf("o-1"))
	if o := told.Order; o.Status != "HELD" || o.TTLSeconds != 60 || o.HeldAt == "" || o.ExpiresAt == "" || len(o.Items) != 1 || !tellsOf(o.Lines, "ORDER_PLANNED", "HELD", "ORDER_HELD") {
		t.Errorf("%+v", o)
	}
}

// tellsOf tells whether lines are of these things, in any order: the times are of two ledgers.
func tellsOf(lines []storyLine, want ...string) bool {
	var found []string
	for _, l := range lines {
		found = append(found, l.What)
	}
	slices.Sort(found)
	slices.Sort(want)
	return slices.Equal(found, want)
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(text.String())
}

func TestAQuestionThatMakesNoSenseIsRefused(t *testing.T) {
	c := stocked(t, Options{})
	for _, refused := range []struct {
		query, code, says string
		status            int
	}{
		{"", "INVALID", "query.subject", 400},
		{"subject=", "INVALID", "subject", 400},
		{"subject=SKU-1&at=yesterday&limit=0", "INVALID", "query.at query.limit", 400},
		{"subject=SKU-1&at=2026-03-02+08:15:30", "INVALID", "query.at", 400},
		{"subject=SKU-1&at=2999-01-01T00:00:00Z", "INVALID", "expected a moment that has passed", 400},
		{"subject=SKU-1&as=shoe", "INVALID", "sku order reservation", 400},
		{"subject=SKU-1&limt=3", "INVALID", "query.limt", 400},
		{"subject=SKU-9", "UNKNOWN_SUBJECT", "looked for a SKU of this name in any warehouse, an order with this id", 404},
		{"subject=SKU-1&warehouse=W9", "UNKNOWN_WAREHOUSE", "W9", 422},
	} {
		p := c.call("GET /admin/why?"+refused.query, "").problem(refused.status, refused.code)
		if !strings.Contains(p.places()+" "+p.Detail, refused.says) {
			t.Errorf("%s: expected %q, found %+v", refused.query, refused.says, p)
		}
	}
}

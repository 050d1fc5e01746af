package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"inventory/adapters/memory"
	appglobal "inventory/app/global"
	"inventory/ports"
)

var totalAt = time.Date(2026, 3, 2, 8, 15, 30, 250e6, time.UTC)

// withTotals serves a table of totals of some SKUs in the south and the north.
func withTotals(t *testing.T, skus ...string) *client {
	t.Helper()
	table := memory.New()
	var rows []ports.GlobalRow
	for i, sku := range skus {
		n := int64(i)
		rows = append(rows,
			ports.GlobalRow{SKU: sku, Region: "south", OnHand: 120 + n, Held: 14, Available: 107 + n, Version: 9120, AsOf: totalAt},
			ports.GlobalRow{SKU: sku, Region: "north", OnHand: n, Version: 1 + n, AsOf: totalAt.Add(time.Second)})
	}
	if err := table.PutGlobal(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return serve(t, failing{}, Options{Totals: appglobal.NewReader(table)})
}

const (
	southA = `{"sku":"A","region":"south","on_hand":120,"held":14,"available":107,"version":9120,"as_of":"2026-03-02T08:15:30.250Z"}`
	northA = `{"sku":"A","region":"north","on_hand":0,"held":0,"available":0,"version":1,"as_of":"2026-03-02T08:15:31.250Z"}`
	northB = `{"sku":"B","region":"north","on_hand":1,"held":0,"available":0,"version":2,"as_of":"2026-03-02T08:15:31.250Z"}`
)

func TestTotalsAreReadOfManySKUsByRegionAndPageByPage(t *testing.T) {
	c := withTotals(t, "A", "B", "C")
	c.call("GET /inventory/global?sku=A&sku=gone", "").want(200).wantJSON(`{"totals":[` + northA + `,` + southA + `],"source":"global"}`)
	c.call("GET /inventory/global?sku=B&sku=A&region=north&region=west", "").want(200).wantJSON(`{"totals":[` + northA + `,` + northB + `],"source":"global"}`)
	c.call("GET /inventory/global?limit=2", "").want(200).wantJSON(`{"totals":[` + northA + `,` + southA + `],"source":"global","next":"A:south"}`)
	c.call("GET /inventory/global?limit=1&after=A:south", "").want(200).wantJSON(`{"totals":[` + northB + `],"source":"global","next":"B:north"}`)
	c.call("GET /inventory/global?sku=A&sku=B&limit=1&after=A:north", "").want(200).wantJSON(`{"totals":[` + southA + `],"source":"global","next":"A:south"}`)
	c.call("GET /inventory/global?after=C:south", "").want(200).wantJSON(`{"totals":[],"source":"global"}`)
}

func TestTotalsAreRefusedForTheirFaults(t *testing.T) {
	c := withTotals(t)
	many := strings.Repeat("&sku=A", maxGlobalSKUs+1)
	for query, places := range map[string]string{
		"sku=-&region=-&after=A&limit=0": "query.sku query.after query.limit query.region",
		"limit=1001":                     "query.limit",
		"limit=x&limit=2":                "query.limit query.limit",
		many[1:]:                         "query.sku",
		"skus=A":                         "query.skus",
		"after=A:south:x":                "query.after",
	} {
		p := c.call("GET /inventory/global?"+query, "").problem(400, "INVALID")
		for place := range strings.FieldsSeq(places) {
			if !strings.Contains(p.places(), place) {
				t.Errorf("%.40s: faults at %s, expected %s", query, p.places(), places)
			}
		}
	}
	if p := c.call("GET /inventory/global/export?format=xlsx&region=-", "").problem(400, "INVALID"); p.places() != "query.region query.format" {
		t.Errorf("%s", p.places())
	}
}

func TestTotalsAreExportedAsCSVAndAsNDJSON(t *testing.T) {
	c := withTotals(t, "A", "B")
	asCSV := c.call("GET /inventory/global/export", "").want(200)
	want := "sku,region,on_hand,held,available,version,as_of\r\n" +
		"A,north,0,0,0,1,2026-03-02T08:15:31.250Z\r\nA,south,120,14,107,9120,2026-03-02T08:15:30.250Z\r\n" +
		"B,north,1,0,0,2,2026-03-02T08:15:31.250Z\r\nB,south,121,14,108,9120,2026-03-02T08:15:30.250Z\r\n"
	if string(asCSV.body) != want || asCSV.header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" {
		t.Errorf("%s\n%s", asCSV.header.Get("Content-Type"), asCSV.body)
	}
	lines := c.call("GET /inventory/global/export?format=ndjson&region=north", "").want(200)
	if string(lines.body) != northA+"\n"+northB+"\n" || lines.header.Get("Content-Type") != linesType {
		t.Errorf("%s\n%s", lines.header.Get("Content-Type"), lines.body)
	}
	if none := c.call("GET /inventory/global/export?region=west", "").want(200); string(none.body) != "sku,region,on_hand,held,available,version,as_of\r\n" {
		t.Errorf("without totals: %q", none.body)
	}
}

// cutTotals are some totals, and then the store is away.
type cutTotals struct{ appglobal.Reader }

// Each implements Totals.
func (*cutTotals) Each(_ context.Context, _ []string, take func(ports.GlobalRow) error) error {
	for i := range 3000 {
		if err := take(ports.GlobalRow{SKU: fmt.Sprint("S", i), Region: "south"}); err != nil {
			return err
		}
	}
	return errors.New("the store is away")
}

func TestAnExportOfTotalsThatFailsIsCutOff(t *testing.T) {
	c := serve(t, failing{}, Options{Totals: &cutTotals{}})
	address := c.listen(readHeaderTimeout, writeTimeout)
	for _, format := range []string{formatCSV, formatNDJSON} {
		answer := say(t, address, "GET /inventory/global/export?format="+format+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false)
		if strings.HasSuffix(answer, "0\r\n\r\n") || !strings.Contains(answer, "S2,") && !strings.Contains(answer, `"S2"`) || strings.Contains(answer, "Content-Length") {
			t.Errorf("%s", answer)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.troubles) != 2 {
		t.Errorf("told %v", c.troubles)
	}
}

package global_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"inventory/adapters/memory"
	"inventory/app/global"
	"inventory/ports"
)

// filled is a table with totals of so many SKUs in three regions, and their keys.
func filled(t *testing.T, skus int) (*memory.Store, []string) {
	table, keys := memory.New(), []string{}
	var rows []ports.GlobalRow
	for i := range skus {
		for _, region := range []string{"east", "north", "south"} {
			rows = append(rows, ports.GlobalRow{SKU: fmt.Sprintf("S%05d", i), Region: region, Version: 1})
			keys = append(keys, rows[len(rows)-1].Key().String())
		}
	}
	if err := table.PutGlobal(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return table, keys
}

// pages reads all pages of a query, and counts them.
func pages(t *testing.T, r *global.Reader, q global.Query) (keys []string, n int) {
	t.Helper()
	for {
		p, err := r.Page(t.Context(), q)
		if err != nil || len(p.Totals) > q.Limit {
			t.Fatalf("%d totals of %d, %v", len(p.Totals), q.Limit, err)
		}
		for _, row := range p.Totals {
			keys = append(keys, row.Key().String())
		}
		n++
		if q.After = p.Next; p.Next.SKU == "" {
			return keys, n
		}
	}
}

func TestPagesAddUpToAllThatIsChosen(t *testing.T) {
	table, keys := filled(t, 7_000)
	r := global.NewReader(table)
	if got, n := pages(t, r, global.Query{Limit: 1000}); !slices.Equal(got, keys) || n != 21 {
		t.Errorf("%d totals on %d pages, expected %d on 21", len(got), n, len(keys))
	}
	if got, n := pages(t, r, global.Query{Limit: 7, SKUs: []string{"S00003", "S00001", "S00003", "gone", "S00002"}}); !slices.Equal(got, keys[3:12]) || n != 2 {
		t.Errorf("%q on %d pages", got, n)
	}
	if got, _ := pages(t, r, global.Query{Limit: 2, SKUs: []string{"S00001", "S00002"}, Regions: []string{"south", "east"}}); !slices.Equal(got, []string{"S00001:east", "S00001:south", "S00002:east", "S00002:south"}) {
		t.Errorf("%q", got)
	}
	if got, _ := pages(t, r, global.Query{Limit: 999, Regions: []string{"north"}}); len(got) != 7_000 || got[6_999] != "S06999:north" {
		t.Errorf("%d totals in the north", len(got))
	}
	// 21 thousand rows are looked through for none.
	if got, n := pages(t, r, global.Query{Limit: 5, Regions: []string{"west"}}); len(got) != 0 || n != 2 {
		t.Errorf("%q in the west, on %d pages", got, n)
	}
}

func TestAnExportHasAllAndEndsWithTheErrorOfWhoTakesIt(t *testing.T) {
	table, keys := filled(t, 1500)
	r := global.NewReader(table)
	var got []string
	if err := r.Each(t.Context(), nil, func(row ports.GlobalRow) error { got = append(got, row.Key().String()); return nil }); err != nil || !slices.Equal(got, keys) {
		t.Errorf("%d totals, expected %d: %v", len(got), len(keys), err)
	}
	enough, n := errors.New("enough"), 0
	if err := r.Each(t.Context(), []string{"south"}, func(row ports.GlobalRow) error {
		if n++; row.Region != "south" || n == 1200 {
			return enough
		}
		return nil
	}); !errors.Is(err, enough) || n != 1200 {
		t.Errorf("%v after %d", err, n)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := r.Each(ended, nil, func(ports.GlobalRow) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

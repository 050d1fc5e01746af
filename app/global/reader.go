package global

import (
	"context"
	"fmt"
	"slices"

	"inventory/domain/global"
	"inventory/ports"
)

// Reader answers questions about totals from the table, which is a little old: what a projector
// has written.
type Reader struct{ table ports.GlobalTable }

// NewReader returns a reader of a table.
func NewReader(table ports.GlobalTable) *Reader { return &Reader{table} }

// Query chooses totals.
type Query struct {
	SKUs    []string   // empty: all
	Regions []string   // empty: all
	After   global.Key // the last one of the page before; zero: none
	Limit   int        // totals of a page at most, 1 or more
}

// Page is a part of the totals that were chosen.
type Page struct {
	Totals []ports.GlobalRow
	Next   global.Key // After of the next page; zero: this is the last one
}

// Rows that are read at once where many may not be chosen, and how often for one page: one that
// finds little has fewer totals than its limit, and a next one.
const (
	scanned   = 1000
	scansPage = 20
)

// Page gives a page of totals: of some SKUs, by key; of all, in an order of the store's.
func (r *Reader) Page(ctx context.Context, q Query) (Page, error) {
	if len(q.SKUs) > 0 {
		return r.pageOf(ctx, q)
	}
	var p Page
	after, most := q.After, scanned
	if len(q.Regions) == 0 {
		most = q.Limit + 1 // all are chosen
	}
	for range scansPage {
		rows, err := r.after(ctx, after, most)
		if err != nil {
			return Page{}, err
		}
		for _, row := range rows {
			if !q.takes(row) {
				continue
			}
			if len(p.Totals) == q.Limit {
				p.Next = p.Totals[q.Limit-1].Key()
				return p, nil
			}
			p.Totals = append(p.Totals, row)
		}
		if len(rows) < most {
			return p, nil
		}
		after = rows[most-1].Key()
	}
	p.Next = after
	return p, nil
}

func (r *Reader) pageOf(ctx context.Context, q Query) (Page, error) {
	rows, err := r.table.GlobalOf(ctx, q.SKUs)
	if err != nil {
		return Page{}, fmt.Errorf("reading global stock of %d skus: %w", len(q.SKUs), err)
	}
	p := Page{Totals: slices.DeleteFunc(rows, func(row ports.GlobalRow) bool { return !q.takes(row) || row.Key().Compare(q.After) <= 0 })}
	if len(p.Totals) > q.Limit {
		p.Totals = p.Totals[:q.Limit]
		p.Next = p.Totals[q.Limit-1].Key()
	}
	return p, nil
}

func (q Query) takes(row ports.GlobalRow) bool {
	return len(q.Regions) == 0 || slices.Contains(q.Regions, row.Region)
}

func (r *Reader) after(ctx context.Context, after global.Key, limit int) ([]ports.GlobalRow, error) {
	rows, err := r.table.GlobalAfter(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("reading global stock after %s: %w", after, err)
	}
	return rows, nil
}

// Each calls take for every total in some regions, or in all where none is named, and stops at
// the first error of take, which it returns. It reads page by page: a total that changes
// meanwhile comes once, as it was or as it is.
func (r *Reader) Each(ctx context.Context, regions []string, take func(ports.GlobalRow) error) error {
	q := Query{Regions: regions}
	for {
		rows, err := r.after(ctx, q.After, scanned)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if !q.takes(row) {
				continue
			}
			if err := take(row); err != nil {
				return err
			}
		}
		if len(rows) < scanned {
			return nil
		}
		q.After = rows[scanned-1].Key()
	}
}

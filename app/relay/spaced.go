package relay

import (
	"cmp"
	"context"
	"slices"

	"inventory/ports"
)

// How many rows are about written at once: few while callers wait for answers, so that what
// they wait for gets its turn at the store.
const (
	spacedRows = 128
	manyRows   = 4096
)

// write writes rows in parts. While they are to be spaced out, the store has as long for others
// after each part as the part took.
func (r *Relay) write(ctx context.Context, rows ports.Rows) error {
	for rows.Len() > 0 {
		spaced := r.to.Spaced()
		part, rest := split(rows, spaced)
		began := r.to.Clock.Now()
		if err := r.to.Tables.Write(ctx, part); err != nil {
			return err
		}
		rows = rest
		if spaced && rows.Len() > 0 {
			if err := ports.Sleep(ctx, r.to.Clock, r.to.Clock.Now().Sub(began)); err != nil {
				return err
			}
		}
	}
	return nil
}

// split cuts off about as many rows as are written at once. Events and levels are in the order
// of their SKUs, and those of one SKU stay together: the store makes one write of them.
func split(rows ports.Rows, spaced bool) (part, rest ports.Rows) {
	n := manyRows
	if spaced {
		n = spacedRows
	}
	part.Reservations, rest.Reservations = cut(rows.Reservations, n)
	part.Adjustments, rest.Adjustments = cut(rows.Adjustments, n)
	rest.Events, rest.Levels = rows.Events, rows.Levels
	for len(rest.Events)+len(rest.Levels) > 0 && part.Len() < n {
		sku := first(rest)
		events := countWhile(rest.Events, func(e ports.EventRow) bool { return e.SKU == sku })
		levels := countWhile(rest.Levels, func(l ports.LevelRow) bool { return l.SKU == sku })
		rest.Events, rest.Levels = rest.Events[events:], rest.Levels[levels:]
		part.Events = rows.Events[:len(rows.Events)-len(rest.Events)]
		part.Levels = rows.Levels[:len(rows.Levels)-len(rest.Levels)]
	}
	return part, rest
}

// first is the least SKU.
func first(rows ports.Rows) string {
	switch {
	case len(rows.Levels) == 0:
		return rows.Events[0].SKU
	case len(rows.Events) == 0:
		return rows.Levels[0].SKU
	}
	return min(rows.Events[0].SKU, rows.Levels[0].SKU)
}

func countWhile[T any](s []T, ok func(T) bool) int {
	if n := slices.IndexFunc(s, func(one T) bool { return !ok(one) }); n >= 0 {
		return n
	}
	return len(s)
}

func cut[T any](s []T, n int) (first, rest []T) {
	n = min(n, len(s))
	return s[:n:n], s[n:]
}

// bySKU orders rows that are in the order of their versions, which stays within a SKU.
func bySKU(events []ports.EventRow, levels []ports.LevelRow) {
	slices.SortStableFunc(events, func(a, b ports.EventRow) int { return cmp.Compare(a.SKU, b.SKU) })
	slices.SortStableFunc(levels, func(a, b ports.LevelRow) int { return cmp.Compare(a.SKU, b.SKU) })
}

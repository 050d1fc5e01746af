package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"

	"inventory/domain/global"
	"inventory/ports"
)

var _ ports.GlobalTable = (*Store)(nil)

const (
	sqlPutGlobal = `INSERT INTO global_stock (sku, region, on_hand, held, available, version, as_of)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (sku, region) DO UPDATE SET
		on_hand = excluded.on_hand, held = excluded.held, available = excluded.available,
		version = excluded.version, as_of = excluded.as_of
		WHERE excluded.version > global_stock.version`
	// The SKUs are one JSON array, so that one statement serves any number of them.
	sqlGlobalOf = `SELECT sku, region, on_hand, held, available, version, as_of FROM global_stock
		WHERE sku IN (SELECT value FROM json_each(?)) ORDER BY sku, region`
	sqlGlobalAfter = `SELECT sku, region, on_hand, held, available, version, as_of FROM global_stock
		WHERE (sku, region) > (?, ?) ORDER BY sku, region LIMIT ?`
)

// globalTogether is how many rows one write takes, so that others come between.
const globalTogether = 1000

// PutGlobal implements ports.GlobalTable.
func (s *Store) PutGlobal(ctx context.Context, rows []ports.GlobalRow) error {
	for len(rows) > 0 {
		n := min(len(rows), globalTogether)
		part := make([]statement, n)
		for i, r := range rows[:n] {
			part[i] = statement{sqlPutGlobal, []any{r.SKU, r.Region, r.OnHand, r.Held, r.Available, r.Version, timeText(r.AsOf)}, rowBytes}
		}
		if err := s.writer.do(ctx, n*rowBytes, func(s *session) error { return s.runAll(part) }); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// GlobalOf implements ports.GlobalTable.
func (s *Store) GlobalOf(ctx context.Context, skus []string) ([]ports.GlobalRow, error) {
	list, _ := json.Marshal(skus) // strings never fail
	return s.totals(ctx, sqlGlobalOf, string(list))
}

// GlobalAfter implements ports.GlobalTable.
func (s *Store) GlobalAfter(ctx context.Context, after global.Key, limit int) ([]ports.GlobalRow, error) {
	return s.totals(ctx, sqlGlobalAfter, after.SKU, after.Region, limit)
}

func (s *Store) totals(ctx context.Context, query string, args ...any) (all []ports.GlobalRow, err error) {
	err = s.each(ctx, query, args, func(rows *sql.Rows) (bool, error) {
		var r ports.GlobalRow
		var at string
		if err := rows.Scan(&r.SKU, &r.Region, &r.OnHand, &r.Held, &r.Available, &r.Version, &at); err != nil {
			return false, err
		}
		var p parsed
		r.AsOf = p.time(at)
		all = append(all, r)
		return true, p.err
	})
	return all, err
}

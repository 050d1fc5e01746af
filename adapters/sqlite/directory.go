package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"inventory/ports"
)

var _ ports.Directory = (*Store)(nil)

const (
	sqlWarehouses   = `SELECT warehouse_id, region, rank, ledgers FROM warehouse`
	sqlPutWarehouse = `INSERT INTO warehouse (warehouse_id, region, rank, ledgers) VALUES (?, ?, ?, ?)
		ON CONFLICT (warehouse_id) DO UPDATE SET rank = excluded.rank
		WHERE warehouse.region = excluded.region AND warehouse.ledgers = excluded.ledgers`
	sqlWarehouse  = `SELECT warehouse_id, region, rank, ledgers FROM warehouse WHERE warehouse_id = ?`
	sqlFixSetting = `INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`
	sqlSetting    = `SELECT value FROM setting WHERE name = ?`
)

// Warehouses implements ports.Directory.
func (s *Store) Warehouses(ctx context.Context) ([]ports.WarehouseRecord, error) {
	var all []ports.WarehouseRecord
	err := s.each(ctx, sqlWarehouses, nil, func(rows *sql.Rows) (bool, error) {
		var w ports.WarehouseRecord
		err := rows.Scan(&w.ID, &w.Region, &w.Rank, &w.Ledgers)
		all = append(all, w)
		return true, err
	})
	return all, err
}

// PutWarehouse implements ports.Directory.
func (s *Store) PutWarehouse(ctx context.Context, w ports.WarehouseRecord) (ports.WarehouseRecord, error) {
	return ask(ctx, s.writer, rowBytes, func(s *session) (ports.WarehouseRecord, error) { return s.putWarehouse(w) })
}

func (s *session) putWarehouse(w ports.WarehouseRecord) (stored ports.WarehouseRecord, err error) {
	if err := s.run(sqlPutWarehouse, w.ID, w.Region, w.Rank, w.Ledgers); err != nil {
		return stored, err
	}
	if _, err := s.row(sqlWarehouse, []any{w.ID}, &stored.ID, &stored.Region, &stored.Rank, &stored.Ledgers); err != nil {
		return stored, err
	}
	if stored != w {
		return stored, fmt.Errorf("%w: warehouse %s: it is in region %s with %d ledgers, and neither changes; found %s and %d",
			ports.ErrConflict, w.ID, stored.Region, stored.Ledgers, w.Region, w.Ledgers)
	}
	return stored, nil
}

// ReservationLedgers implements ports.Directory.
func (s *Store) ReservationLedgers(ctx context.Context, region string, want int) (int, error) {
	return ask(ctx, s.writer, rowBytes, func(s *session) (int, error) {
		return s.fixedNumber("reservation_ledgers/"+region, want)
	})
}

// fixedNumber returns a setting that the first call ever fixes.
func (s *session) fixedNumber(name string, want int) (int, error) {
	if err := s.run(sqlFixSetting, name, strconv.Itoa(want)); err != nil {
		return 0, err
	}
	var value string
	if _, err := s.row(sqlSetting, []any{name}, &value); err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, fmt.Errorf("%w: setting %s: expected a number, found %q", ports.ErrPermanent, name, value)
	}
	return n, nil
}

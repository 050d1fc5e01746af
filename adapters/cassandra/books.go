package cassandra

import (
	"context"
	"fmt"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	cqlReadEvents = `SELECT event_id, event_type, quantity, source, occurred_at, metadata FROM events ` +
		`WHERE sku = ? AND warehouse_id = ? AND occurred_at > ? AND occurred_at <= ?`
	cqlReadLevels = `SELECT iso_week, opening, received, adjusted, picked, on_hand, held, version, updated_at ` +
		`FROM stock_level WHERE sku = ? AND warehouse_id = ? LIMIT ?`
	cqlReadReservation = `SELECT order_id, status, items, expires_at, version, updated_at, body FROM reservation ` +
		`WHERE reservation_id = ?`
)

// eventsPage is a number of rows, of some hundred bytes each.
const eventsPage = 1000

// beforeAll is before every event. The driver sends the zero time as no value.
var beforeAll = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)

// Events implements ports.Books.
func (s *Store) Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(ports.EventRow) error) error {
	return s.EventsBetween(ctx, sku, warehouseID, time.Time{}, upto, take)
}

// EventsBetween implements ports.Books.
func (s *Store) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	if after.IsZero() {
		after = beforeAll
	}
	iter := s.plain.Query(cqlReadEvents, sku, warehouseID, after, upto).PageSize(eventsPage).IterContext(ctx)
	for {
		r := ports.EventRow{SKU: sku, WarehouseID: warehouseID}
		if !iter.Scan((*gocql.UUID)(&r.EventID), &r.EventType, &r.Quantity, &r.Source, &r.OccurredAt, &r.Metadata) {
			return readError(fmt.Sprintf("events of %s in %s", sku, warehouseID), iter.Close())
		}
		if err := take(r); err != nil {
			_ = iter.Close() // take's error is the one to tell
			return err
		}
	}
}

// Levels implements ports.Books.
func (s *Store) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	if limit <= 0 {
		return nil, nil
	}
	iter := s.plain.Query(cqlReadLevels, sku, warehouseID, limit).IterContext(ctx)
	var rows []ports.LevelRow
	r := ports.LevelRow{SKU: sku, WarehouseID: warehouseID}
	for iter.Scan(&r.ISOWeek, &r.Opening, &r.Received, &r.Adjusted, &r.Picked, &r.OnHand, &r.Held, &r.Version, &r.At) {
		rows = append(rows, r)
	}
	if err := iter.Close(); err != nil {
		return nil, readError(fmt.Sprintf("levels of %s in %s", sku, warehouseID), err)
	}
	return rows, nil
}

// Reservation implements ports.Books.
func (s *Store) Reservation(ctx context.Context, id ledger.UUID) (ports.ReservationRow, bool, error) {
	r := ports.ReservationRow{ReservationID: id}
	iter := s.plain.Query(cqlReadReservation, uuid(id)).IterContext(ctx)
	ok := iter.Scan(&r.OrderID, &r.Status, &r.Items, &r.ExpiresAt, &r.Version, &r.At, &r.Body)
	if err := iter.Close(); err != nil || !ok {
		return ports.ReservationRow{}, false, readError(fmt.Sprintf("reservation %v", id), err)
	}
	return r, true, nil
}

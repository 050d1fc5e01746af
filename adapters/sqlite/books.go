package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

var (
	_ ports.Archive = (*Store)(nil)
	_ ports.Books   = (*Store)(nil)
)

const (
	// Newest first, page by page: the key of the last row of a page is where the next one
	// starts.
	sqlEvents = `SELECT event_id, event_type, quantity, source, occurred_at, metadata FROM events
		WHERE sku = ? AND warehouse_id = ? AND occurred_at > ? AND occurred_at <= ? AND (occurred_at < ? OR event_id > ?)
		ORDER BY occurred_at DESC, event_id LIMIT ?`
	sqlLevels = `SELECT iso_week, opening, received, adjusted, picked, on_hand, held, version, updated_at FROM stock_level
		WHERE sku = ? AND warehouse_id = ? ORDER BY iso_week DESC LIMIT ?`
	sqlReservation = `SELECT order_id, status, items, expires_at, version, updated_at, body FROM reservation
		WHERE reservation_id = ? AND kept_until > ?`
	// The keys are one JSON array, so that one statement serves any number of them.
	sqlRecallReservations = `SELECT reservation_id, body FROM reservation
		WHERE reservation_id IN (SELECT value FROM json_each(?)) AND kept_until > ?`
	sqlRecallAdjustments = `SELECT adjustment_id, body FROM adjustment
		WHERE adjustment_id IN (SELECT value FROM json_each(?)) AND kept_until > ?`
)

// now is the text that kept_until is compared with.
func (s *Store) now() string { return timeText(s.opts.Clock.Now()) }

// Recall implements ports.Archive.
func (s *Store) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	query := sqlRecallReservations
	switch kind {
	case ledger.KindReservation:
	case ledger.KindStock:
		query = sqlRecallAdjustments
	default:
		return nil, fmt.Errorf("%w: recall for a ledger of kind %q", ports.ErrPermanent, kind)
	}
	found := map[ledger.UUID][]byte{}
	err := s.each(ctx, query, []any{keyList(keys), s.now()}, func(rows *sql.Rows) (bool, error) {
		var key string
		var body []byte
		if err := rows.Scan(&key, &body); err != nil {
			return false, err
		}
		var p parsed
		found[p.uuid(key)] = body
		return true, p.err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// keyList writes keys as a JSON array of strings.
func keyList(keys []ledger.UUID) string {
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.String()
	}
	list, _ := json.Marshal(texts) // strings never fail
	return string(list)
}

// Events implements ports.Books.
func (s *Store) Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(ports.EventRow) error) error {
	return s.EventsBetween(ctx, sku, warehouseID, time.Time{}, upto, take)
}

// EventsBetween implements ports.Books.
func (s *Store) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	since, from, last := timeText(after), timeText(upto), ""
	for {
		page, err := s.eventPage(ctx, sku, warehouseID, since, from, last)
		if err != nil {
			return err
		}
		for _, r := range page {
			if err := take(r); err != nil {
				return err
			}
		}
		if len(page) < maxPageRows {
			return nil
		}
		oldest := page[len(page)-1]
		from, last = timeText(oldest.OccurredAt), oldest.EventID.String()
	}
}

// eventPage reads events from a time backwards to the one after since; those of that very
// time, above an id only.
func (s *Store) eventPage(ctx context.Context, sku, warehouseID, since, from, after string) ([]ports.EventRow, error) {
	var page []ports.EventRow
	err := s.each(ctx, sqlEvents, []any{sku, warehouseID, since, from, from, after, maxPageRows}, func(rows *sql.Rows) (bool, error) {
		r := ports.EventRow{SKU: sku, WarehouseID: warehouseID}
		var id, at string
		if err := rows.Scan(&id, &r.EventType, &r.Quantity, &r.Source, &at, &r.Metadata); err != nil {
			return false, err
		}
		var p parsed
		r.EventID, r.OccurredAt = p.uuid(id), p.time(at)
		page = append(page, r)
		return true, p.err
	})
	return page, err
}

// Levels implements ports.Books.
func (s *Store) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	var levels []ports.LevelRow
	err := s.each(ctx, sqlLevels, []any{sku, warehouseID, limit}, func(rows *sql.Rows) (bool, error) {
		r := ports.LevelRow{SKU: sku, WarehouseID: warehouseID}
		var at string
		if err := rows.Scan(&r.ISOWeek, &r.Opening, &r.Received, &r.Adjusted, &r.Picked, &r.OnHand, &r.Held, &r.Version, &at); err != nil {
			return false, err
		}
		var p parsed
		r.At = p.time(at)
		levels = append(levels, r)
		return true, p.err
	})
	return levels, err
}

// Reservation implements ports.Books.
func (s *Store) Reservation(ctx context.Context, id ledger.UUID) (row ports.ReservationRow, ok bool, err error) {
	err = s.each(ctx, sqlReservation, []any{id.String(), s.now()}, func(rows *sql.Rows) (bool, error) {
		row = ports.ReservationRow{ReservationID: id}
		var expires sql.NullString
		var at string
		if err := rows.Scan(&row.OrderID, &row.Status, &row.Items, &expires, &row.Version, &at, &row.Body); err != nil {
			return false, err
		}
		var p parsed
		row.ExpiresAt, row.At = p.optionalTime(expires), p.time(at)
		ok = true
		return false, p.err
	})
	return row, ok, err
}

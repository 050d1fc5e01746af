package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

var (
	_ ports.Tables  = (*Store)(nil)
	_ ports.Archive = (*Store)(nil)
	_ ports.Books   = (*Store)(nil)
)

// stockKey is the partition of events and levels.
type stockKey struct{ sku, warehouse string }

// eventKey is the key of an event within its partition.
type eventKey struct {
	occurredAt int64 // Unix milliseconds
	id         ledger.UUID
}

// Write implements ports.Tables.
func (s *Store) Write(ctx context.Context, rows ports.Rows) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows.Events {
		put(partition(s.events, stockKey{r.SKU, r.WarehouseID}), eventKey{r.OccurredAt.UnixMilli(), r.EventID}, r, eventTime)
	}
	for _, r := range rows.Levels {
		put(partition(s.levels, stockKey{r.SKU, r.WarehouseID}), r.ISOWeek, r, levelTime)
	}
	for _, r := range rows.Reservations {
		r.Body = bytes.Clone(r.Body)
		put(s.reservations, r.ReservationID, r, reservationTime)
	}
	for _, r := range rows.Adjustments {
		r.Body = bytes.Clone(r.Body)
		put(s.adjustments, r.ID, r, adjustmentTime)
	}
	for _, r := range rows.Outbox {
		r.Parts = slices.Clone(r.Parts)
		s.outboxOf(r.Ledger).rows[outboxKey{r.Last, r.First}] = r
	}
	return nil
}

func eventTime(r ports.EventRow) time.Time             { return r.OccurredAt }
func levelTime(r ports.LevelRow) time.Time             { return r.At }
func reservationTime(r ports.ReservationRow) time.Time { return r.At }
func adjustmentTime(r ports.AdjustmentRow) time.Time   { return r.At }

// partition returns the rows of a partition, making it where there is none.
func partition[P, K comparable, R any](table map[P]map[K]R, key P) map[K]R {
	rows, ok := table[key]
	if !ok {
		rows = map[K]R{}
		table[key] = rows
	}
	return rows
}

// put keeps the later of a row and the one that is there.
func put[K comparable, R any](rows map[K]R, key K, row R, at func(R) time.Time) {
	if old, ok := rows[key]; !ok || !at(row).Before(at(old)) {
		rows[key] = row
	}
}

// Recall implements ports.Archive.
func (s *Store) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[ledger.UUID][]byte{}
	for _, key := range keys {
		switch kind {
		case ledger.KindReservation:
			if r, ok := s.reservations[key]; ok {
				found[key] = bytes.Clone(r.Body)
			}
		case ledger.KindStock:
			if r, ok := s.adjustments[key]; ok {
				found[key] = bytes.Clone(r.Body)
			}
		default:
			return nil, fmt.Errorf("%w: recall for a ledger of kind %q", ports.ErrPermanent, kind)
		}
	}
	return found, nil
}

// Events implements ports.Books.
func (s *Store) Events(ctx context.Context, sku, warehouseID string, upto time.Time, take func(ports.EventRow) error) error {
	return s.EventsBetween(ctx, sku, warehouseID, time.Time{}, upto, take)
}

// EventsBetween implements ports.Books.
func (s *Store) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var rows []ports.EventRow
	s.mu.Lock()
	for _, r := range s.events[stockKey{sku, warehouseID}] {
		if r.OccurredAt.After(after) && !r.OccurredAt.After(upto) {
			rows = append(rows, r)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(rows, func(a, b ports.EventRow) int { return b.OccurredAt.Compare(a.OccurredAt) })
	for _, r := range rows {
		if err := take(r); err != nil {
			return err
		}
	}
	return nil
}

// Levels implements ports.Books.
func (s *Store) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []ports.LevelRow
	for _, r := range s.levels[stockKey{sku, warehouseID}] {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b ports.LevelRow) int { return strings.Compare(b.ISOWeek, a.ISOWeek) })
	return rows[:min(limit, len(rows))], nil
}

// Reservation implements ports.Books.
func (s *Store) Reservation(ctx context.Context, id ledger.UUID) (row ports.ReservationRow, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return row, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row, ok = s.reservations[id]
	row.Body = bytes.Clone(row.Body)
	return row, ok, nil
}

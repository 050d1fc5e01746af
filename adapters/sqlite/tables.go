package sqlite

import (
	"context"
	"time"

	"inventory/ports"
)

var _ ports.Tables = (*Store)(nil)

const (
	// An event's time is part of its key, so a row with the same key is the same row.
	sqlPutEvent = `INSERT INTO events
		(event_id, sku, warehouse_id, event_type, quantity, source, occurred_at, metadata)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	sqlPutLevel = `INSERT INTO stock_level
		(sku, warehouse_id, iso_week, opening, received, adjusted, picked, on_hand, held, version, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (sku, warehouse_id, iso_week) DO UPDATE SET
		opening = excluded.opening, received = excluded.received, adjusted = excluded.adjusted, picked = excluded.picked,
		on_hand = excluded.on_hand, held = excluded.held, version = excluded.version, updated_at = excluded.updated_at
		WHERE excluded.updated_at >= stock_level.updated_at`
	sqlPutReservation = `INSERT INTO reservation
		(reservation_id, order_id, status, items, expires_at, version, updated_at, body, kept_until)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (reservation_id) DO UPDATE SET
		order_id = excluded.order_id, status = excluded.status, items = excluded.items, expires_at = excluded.expires_at,
		version = excluded.version, updated_at = excluded.updated_at, body = excluded.body, kept_until = excluded.kept_until
		WHERE excluded.updated_at >= reservation.updated_at`
	sqlPutAdjustment = `INSERT INTO adjustment
		(adjustment_id, ledger_id, actor, key, at, body, kept_until)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (adjustment_id) DO UPDATE SET
		ledger_id = excluded.ledger_id, actor = excluded.actor, key = excluded.key,
		at = excluded.at, body = excluded.body, kept_until = excluded.kept_until
		WHERE excluded.at >= adjustment.at`
)

// rowBytes is about what a row takes beside its longest column.
const rowBytes = 200

// statement is one row to be written. It is made by the caller of Write, so that the
// writer spends no time on it and shares no memory with the caller.
type statement struct {
	query string
	args  []any
	bytes int
}

// Write implements ports.Tables. A call of many rows is cut into several writes.
func (s *Store) Write(ctx context.Context, rows ports.Rows) error {
	all := s.statements(rows, s.opts.Clock.Now())
	for len(all) > 0 {
		n, size := 0, 0
		for n < len(all) && (n == 0 || size+all[n].bytes <= maxBatchBytes/4) {
			size += all[n].bytes
			n++
		}
		part := all[:n]
		if err := s.writer.do(ctx, size, func(s *session) error { return s.runAll(part) }); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

func (s *session) runAll(statements []statement) error {
	for _, st := range statements {
		if err := s.run(st.query, st.args...); err != nil {
			return err
		}
	}
	return nil
}

// statements turns rows into what is executed.
func (s *Store) statements(rows ports.Rows, now time.Time) []statement {
	all := make([]statement, 0, len(rows.Events)+len(rows.Levels)+len(rows.Reservations)+len(rows.Adjustments)+len(rows.Outbox))
	for _, r := range rows.Events {
		all = append(all, statement{sqlPutEvent, []any{
			r.EventID.String(), r.SKU, r.WarehouseID, r.EventType, r.Quantity, r.Source, timeText(r.OccurredAt), r.Metadata,
		}, rowBytes + len(r.Metadata)})
	}
	for _, r := range rows.Levels {
		all = append(all, statement{sqlPutLevel, []any{
			r.SKU, r.WarehouseID, r.ISOWeek, r.Opening, r.Received, r.Adjusted, r.Picked, r.OnHand, r.Held, r.Version, timeText(r.At),
		}, rowBytes})
	}
	reservationsUntil := timeText(now.Add(s.opts.ReservationTTL))
	for _, r := range rows.Reservations {
		all = append(all, statement{sqlPutReservation, []any{
			r.ReservationID.String(), r.OrderID, r.Status, r.Items, optionalTimeText(r.ExpiresAt), r.Version, timeText(r.At), ownBody(r.Body),
			reservationsUntil,
		}, rowBytes + len(r.Items) + len(r.Body)})
	}
	adjustmentsUntil := timeText(now.Add(s.opts.AdjustmentTTL))
	for _, r := range rows.Adjustments {
		all = append(all, statement{sqlPutAdjustment, []any{
			r.ID.String(), string(r.Ledger), r.Actor, r.Key, timeText(r.At), ownBody(r.Body), adjustmentsUntil,
		}, rowBytes + len(r.Body)})
	}
	for _, r := range rows.Outbox {
		parts := partsText(r.Parts)
		all = append(all, statement{sqlPutOutbox, []any{
			string(r.Ledger), r.Last, r.First, timeText(r.Since), timeText(r.Until), parts,
		}, rowBytes + len(parts)})
	}
	return all
}

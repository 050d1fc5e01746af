package cassandra

import (
	"context"
	"fmt"
	"slices"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

// Each row carries its entry's time as timestamp, so that neither a repeat nor an old owner
// puts back something older. All columns are written each time: newest wins by column.
const (
	cqlWriteEvent = `INSERT INTO events (event_id, sku, warehouse_id, event_type, quantity, source, ` +
		`occurred_at, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
	cqlWriteLevel = `INSERT INTO stock_level (sku, warehouse_id, iso_week, opening, received, adjusted, picked, ` +
		`on_hand, held, version, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
	cqlWriteReservation = `INSERT INTO reservation (reservation_id, order_id, status, items, expires_at, version, ` +
		`updated_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?`
	cqlWriteAdjustment = `INSERT INTO adjustment (adjustment_id, ledger_id, actor, key, at, body) ` +
		`VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
)

// Write implements ports.Tables.
func (s *Store) Write(ctx context.Context, rows ports.Rows) error {
	var p packer
	p.limits = s.limits
	addStock(&p, rows.Events, rows.Levels)
	s.addReservations(&p, rows.Reservations)
	s.addAdjustments(&p, rows.Adjustments)
	addOutbox(&p, rows.Outbox)
	return s.writeBatches(ctx, p.batches)
}

func (s *Store) writeBatches(ctx context.Context, batches []*rowBatch) error {
	return each(ctx, s.inFlight, len(batches), func(i int) error {
		b := s.plain.Batch(gocql.UnloggedBatch)
		b.Entries = batches[i].entries
		return writeError(fmt.Sprintf("write %d rows", len(b.Entries)), b.ExecContext(ctx))
	})
}

// addStock puts the events and the level of a SKU beside each other: their tables have the
// same partition key, so the server makes one mutation of them.
func addStock(p *packer, events []ports.EventRow, levels []ports.LevelRow) {
	p.table()
	events, levels = byPartition(events, ofEvent), byPartition(levels, ofLevel)
	for _, r := range events {
		for len(levels) > 0 && ofLevel(levels[0]).compare(ofEvent(r)) <= 0 {
			addLevel(p, levels[0])
			levels = levels[1:]
		}
		addEvent(p, r)
	}
	for _, r := range levels {
		addLevel(p, r)
	}
}

func ofEvent(r ports.EventRow) partition { return partition{r.SKU, r.WarehouseID} }
func ofLevel(r ports.LevelRow) partition { return partition{r.SKU, r.WarehouseID} }

func addEvent(p *packer, r ports.EventRow) {
	p.add(ofEvent(r), len(r.EventType)+len(r.Source)+len(r.Metadata), cqlWriteEvent,
		uuid(r.EventID), r.SKU, r.WarehouseID, r.EventType, r.Quantity, r.Source, r.OccurredAt, r.Metadata,
		r.OccurredAt.UnixMicro())
}

func addLevel(p *packer, r ports.LevelRow) {
	p.add(ofLevel(r), len(r.ISOWeek), cqlWriteLevel,
		r.SKU, r.WarehouseID, r.ISOWeek, r.Opening, r.Received, r.Adjusted, r.Picked, r.OnHand, r.Held, r.Version, r.At,
		r.At.UnixMicro())
}

func (s *Store) addReservations(p *packer, rows []ports.ReservationRow) {
	p.table()
	ttl := int(s.cfg.ReservationTTL / time.Second)
	for _, r := range rows {
		p.add(partition{string(r.ReservationID[:]), ""}, len(r.OrderID)+len(r.Status)+len(r.Items)+len(r.Body), cqlWriteReservation,
			uuid(r.ReservationID), r.OrderID, r.Status, r.Items, orNull(r.ExpiresAt), r.Version, r.At, notNull(r.Body),
			r.At.UnixMicro(), ttl)
	}
}

func (s *Store) addAdjustments(p *packer, rows []ports.AdjustmentRow) {
	p.table()
	for _, r := range rows {
		p.add(partition{string(r.ID[:]), ""}, len(r.Ledger)+len(r.Actor)+len(r.Key)+len(r.Body), cqlWriteAdjustment,
			uuid(r.ID), string(r.Ledger), r.Actor, r.Key, r.At, notNull(r.Body),
			r.At.UnixMicro())
	}
}

// byPartition returns rows with those of one partition beside each other, which makes them
// one mutation.
func byPartition[R any](rows []R, key func(R) partition) []R {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b R) int { return key(a).compare(key(b)) })
	return sorted
}

// orNull gives NULL for no time. It is a tombstone, and written so that an older row's time
// does not show through.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// notNull gives an empty value for nil, which would be NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

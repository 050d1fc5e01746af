package cassandra

import (
	"cmp"
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
	s.addEvents(&p, rows.Events)
	s.addLevels(&p, rows.Levels)
	s.addReservations(&p, rows.Reservations)
	s.addAdjustments(&p, rows.Adjustments)
	return each(ctx, s.inFlight, len(p.batches), func(i int) error {
		b := s.plain.Batch(gocql.UnloggedBatch)
		b.Entries = p.batches[i].entries
		return writeError(fmt.Sprintf("write %d rows", len(b.Entries)), b.ExecContext(ctx))
	})
}

func (s *Store) addEvents(p *packer, rows []ports.EventRow) {
	p.table()
	for _, r := range byPartition(rows, func(r ports.EventRow) (string, string) { return r.SKU, r.WarehouseID }) {
		p.add(partition{r.SKU, r.WarehouseID}, len(r.EventType)+len(r.Source)+len(r.Metadata), cqlWriteEvent,
			uuid(r.EventID), r.SKU, r.WarehouseID, r.EventType, r.Quantity, r.Source, r.OccurredAt, r.Metadata,
			r.OccurredAt.UnixMicro())
	}
}

func (s *Store) addLevels(p *packer, rows []ports.LevelRow) {
	p.table()
	for _, r := range byPartition(rows, func(r ports.LevelRow) (string, string) { return r.SKU, r.WarehouseID }) {
		p.add(partition{r.SKU, r.WarehouseID}, len(r.ISOWeek), cqlWriteLevel,
			r.SKU, r.WarehouseID, r.ISOWeek, r.Opening, r.Received, r.Adjusted, r.Picked, r.OnHand, r.Held, r.Version, r.At,
			r.At.UnixMicro())
	}
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
func byPartition[R any](rows []R, key func(R) (string, string)) []R {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b R) int {
		a1, a2 := key(a)
		b1, b2 := key(b)
		return cmp.Or(cmp.Compare(a1, b1), cmp.Compare(a2, b2))
	})
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

package main

import (
	"context"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/adapters/system"
)

// plainWay is how an order is held without ledgers: a reservation row by LWT, the SKU's
// level read at LOCAL_SERIAL and changed by LWT until nobody was between, an event row.
type plainWay struct{ s *gocql.Session }

const (
	plainReservations = `CREATE TABLE IF NOT EXISTS plain_reservation (order_id text PRIMARY KEY, items text, status text, expires_at timestamp) WITH default_time_to_live = 2592000`
	plainStock        = `CREATE TABLE IF NOT EXISTS plain_stock (sku text, warehouse_id text, on_hand int, held int, PRIMARY KEY ((sku, warehouse_id)))`
	plainEvents       = `CREATE TABLE IF NOT EXISTS plain_events (event_id uuid, sku text, warehouse_id text, event_type text, quantity int, source text, occurred_at timestamp, metadata text, PRIMARY KEY ((sku, warehouse_id), occurred_at, event_id)) WITH CLUSTERING ORDER BY (occurred_at DESC)`
	plainSeed         = `INSERT INTO plain_stock (sku, warehouse_id, on_hand, held) VALUES (?, ?, 100000000, 0)`
	plainReserve      = `INSERT INTO plain_reservation (order_id, items, status, expires_at) VALUES (?, ?, 'HELD', toTimestamp(now())) IF NOT EXISTS`
	plainRead         = `SELECT on_hand, held FROM plain_stock WHERE sku = ? AND warehouse_id = ?`
	plainHold         = `UPDATE plain_stock SET held = ? WHERE sku = ? AND warehouse_id = ? IF held = ?`
	plainEvent        = `INSERT INTO plain_events (event_id, sku, warehouse_id, event_type, quantity, source, occurred_at, metadata) VALUES (?, ?, ?, 'HELD', 1, 'bench', toTimestamp(now()), ?)`
)

func newPlainWay(ctx context.Context, s *gocql.Session, skus int) (*plainWay, error) {
	for _, q := range []string{plainReservations, plainStock, plainEvents} {
		if err := s.Query(q).ExecContext(ctx); err != nil {
			return nil, fmt.Errorf("tables of the plain way: %w", err)
		}
	}
	p := &plainWay{s}
	for i := 0; i < skus; i += 50 {
		b := s.Batch(gocql.UnloggedBatch)
		for j := i; j < min(i+50, skus); j++ {
			b.Query(plainSeed, sku(j), warehouse)
		}
		if err := b.ExecContext(ctx); err != nil {
			return nil, fmt.Errorf("stock of the plain way: %w", err)
		}
	}
	return p, nil
}

func (p *plainWay) order(ctx context.Context, order, sku string) error {
	items := fmt.Sprintf(`[{"sku":%q,"warehouse_id":%q,"quantity":1}]`, sku, warehouse)
	// Not applied: an attempt whose outcome was unknown was. The id is this order's alone.
	if _, err := p.cas(ctx, plainReserve, order, items); err != nil {
		return fmt.Errorf("reserving %s: %w", order, err)
	}
	for {
		var onHand, held int
		if err := p.s.Query(plainRead, sku, warehouse).Consistency(gocql.LocalSerial).ScanContext(ctx, &onHand, &held); err != nil {
			return fmt.Errorf("reading %s: %w", sku, err)
		}
		applied, err := p.cas(ctx, plainHold, held+1, sku, warehouse, held)
		if err != nil {
			return err
		}
		if applied {
			break
		}
	}
	meta := fmt.Sprintf(`{"order_id":%q}`, order)
	return p.s.Query(plainEvent, gocql.UUID(system.NewUUID()), sku, warehouse, meta).ExecContext(ctx)
}

// cas makes a conditional write. Under contention Cassandra times out now and then with
// the outcome unknown: the plain way has to ask again, and counts the time.
func (p *plainWay) cas(ctx context.Context, query string, args ...any) (bool, error) {
	for try := 1; ; try++ {
		applied, err := p.s.Query(query, args...).MapScanCASContext(ctx, map[string]any{})
		if err == nil || try == 5 || ctx.Err() != nil {
			return applied, err
		}
	}
}

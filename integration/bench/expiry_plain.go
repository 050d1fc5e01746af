package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

const (
	plainSKUs   = `CREATE TABLE IF NOT EXISTS plain_held (sku text, warehouse_id text, held int static, order_id text, status text, PRIMARY KEY ((sku, warehouse_id), order_id))`
	plainSKUHas = `UPDATE plain_held SET held = ? WHERE sku = ? AND warehouse_id = ?`
	plainSKU    = `INSERT INTO plain_held (sku, warehouse_id, order_id, status) VALUES (?, ?, ?, 'HELD')`
	plainLess   = `UPDATE plain_held SET held = ? WHERE sku = ? AND warehouse_id = ? IF held = ?`
	plainEnd    = `UPDATE plain_held SET status = 'EXPIRED' WHERE sku = ? AND warehouse_id = ? AND order_id = ? IF status = 'HELD'`
	plainHeld   = `INSERT INTO plain_reservation (order_id, items, status, expires_at) VALUES (?, '[]', 'HELD', toTimestamp(now()))`
	plainExpire = `UPDATE plain_reservation SET status = 'EXPIRED' WHERE order_id = ? IF status = 'HELD'`
)

// plainHolds is how many holds there are to end plainly: more than can be in the time.
const plainHolds = 200_000

// perSKU is how many holds each SKU has in the plain way.
const perSKU = 10

// plainRates are the best rates, in holds a second, at which holds are ended plainly, by one
// lightweight transaction each.
type plainRates struct {
	givenBack float64 // of the hold and of what its SKU has held, in one partition
	ended     float64 // of the hold's own row alone, which gives no stock back
}

// measurePlainExpiry lets nothing else go on meanwhile, and lets no two callers meet at a SKU:
// what the plain way would lose by new orders is not counted.
func measurePlainExpiry(ctx context.Context, out io.Writer, o options) (best plainRates, err error) {
	if !o.plain {
		return best, nil
	}
	c, err := openCassandra(ctx, 0)
	if err != nil {
		return best, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.plain.seedHolds(ctx, plainHolds); err != nil {
		return best, err
	}
	var rows, skus atomic.Int64
	for _, way := range []struct {
		name string
		best *float64
		each int // holds
		end  func(context.Context) error
	}{
		{"ends it and gives its stock back", &best.givenBack, perSKU, func(ctx context.Context) error { return c.plain.giveBack(ctx, skus.Add(1)-1) }},
		{"ends its row alone", &best.ended, 1, func(ctx context.Context) error { return c.plain.end(ctx, rows.Add(1)-1) }},
	} {
		for try := range 3 {
			for _, callers := range o.callers {
				r, err := drive(ctx, callers, o.length/4, func(ctx context.Context, _ int) error { return way.end(ctx) }, nothingMore)
				if err != nil {
					return best, err
				}
				if r.orders *= way.each; try > 0 { // the first is a warm-up
					fmt.Fprintf(out, "one LWT a hold that %s, %d callers: %.0f holds/s\n", way.name, callers, r.perSecond())
					*way.best = max(*way.best, r.perSecond())
				}
			}
		}
	}
	return best, nil
}

func nothingMore(context.Context) error { return nil }

// end ends the row of a hold.
func (p *plainWay) end(ctx context.Context, n int64) error {
	applied, err := p.cas(ctx, plainExpire, heldPlainly(n))
	if err == nil && !applied {
		err = fmt.Errorf("hold %d was not HELD", n)
	}
	return err
}

// giveBack ends all holds of a SKU, one after the other.
func (p *plainWay) giveBack(ctx context.Context, n int64) error {
	for i := range perSKU {
		held := perSKU - i
		b := p.s.Batch(gocql.LoggedBatch)
		b.Query(plainLess, held-1, sku(int(n)), warehouse, held)
		b.Query(plainEnd, sku(int(n)), warehouse, heldPlainly(int64(i)))
		applied, iter, err := b.MapExecCASContext(ctx, map[string]any{})
		if err == nil {
			err = iter.Close()
		}
		if err != nil {
			return fmt.Errorf("giving back hold %d of %s: %w", i, sku(int(n)), err)
		}
		if !applied {
			return fmt.Errorf("giving back hold %d of %s: it was not HELD", i, sku(int(n)))
		}
	}
	return nil
}

func heldPlainly(n int64) string { return fmt.Sprintf("plain-%d", n) }

func (p *plainWay) seedHolds(ctx context.Context, n int) error {
	if err := p.s.Query(plainSKUs).ExecContext(ctx); err != nil {
		return fmt.Errorf("tables of the plain way: %w", err)
	}
	for i := 0; i < n; i += 50 {
		b := p.s.Batch(gocql.UnloggedBatch)
		for j := i; j < min(i+50, n); j++ {
			b.Query(plainHeld, heldPlainly(int64(j)))
			b.Query(plainSKU, sku(j/perSKU), warehouse, heldPlainly(int64(j%perSKU)))
			b.Query(plainSKUHas, perSKU, sku(j/perSKU), warehouse)
		}
		if err := b.ExecContext(ctx); err != nil {
			return fmt.Errorf("holds of the plain way: %w", err)
		}
	}
	return nil
}

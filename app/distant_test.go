package app_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/ports"
)

// travel is how long a read of a distant store takes.
const travel = time.Millisecond

// distant is a store whose tables are a network away, as Cassandra's are.
type distant struct {
	app.Store
	reads   atomic.Int64
	reading atomic.Int64
	mu      sync.Mutex
	most    int64       // at once
	failing ledger.UUID // whose row can't be read
}

func (d *distant) travel() {
	d.reads.Add(1)
	now := d.reading.Add(1)
	d.mu.Lock()
	d.most = max(d.most, now)
	d.mu.Unlock()
	<-time.After(travel)
	d.reading.Add(-1)
}

func (d *distant) EventsBetween(ctx context.Context, sku, warehouseID string, after, upto time.Time, take func(ports.EventRow) error) error {
	d.travel()
	return d.Store.EventsBetween(ctx, sku, warehouseID, after, upto, take)
}

func (d *distant) Levels(ctx context.Context, sku, warehouseID string, limit int) ([]ports.LevelRow, error) {
	d.travel()
	return d.Store.Levels(ctx, sku, warehouseID, limit)
}

func (d *distant) Reservation(ctx context.Context, id ledger.UUID) (ports.ReservationRow, bool, error) {
	d.travel()
	if id == d.failing {
		return ports.ReservationRow{}, false, fmt.Errorf("%w: the row can't be read", ports.ErrTransient)
	}
	return d.Store.Reservation(ctx, id)
}

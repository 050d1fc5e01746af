package cassandra

import (
	"context"
	"fmt"
	"strconv"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

// These rows have no home region: transactions on them are SERIAL, and a read at QUORUM
// sees each that has returned, wherever it was made.
const (
	cqlWarehouses   = `SELECT warehouse_id, region, rank, ledgers FROM warehouse`
	cqlAddWarehouse = `INSERT INTO warehouse (warehouse_id, region, rank, ledgers) VALUES (?, ?, ?, ?) IF NOT EXISTS`
	cqlRank         = `UPDATE warehouse SET rank = ? WHERE warehouse_id = ? IF region = ? AND ledgers = ?`
	cqlFixSetting   = `INSERT INTO setting (name, value) VALUES (?, ?) IF NOT EXISTS`
)

// globally makes a conditional statement one of all regions.
func globally(q *gocql.Query) *gocql.Query {
	return q.Consistency(gocql.Quorum).SerialConsistency(gocql.Serial)
}

// Warehouses implements ports.Directory.
func (s *Store) Warehouses(ctx context.Context) ([]ports.WarehouseRecord, error) {
	iter := s.plain.Query(cqlWarehouses).Consistency(gocql.Quorum).IterContext(ctx)
	var all []ports.WarehouseRecord
	var w ports.WarehouseRecord
	for iter.Scan(&w.ID, &w.Region, &w.Rank, &w.Ledgers) {
		all = append(all, w)
	}
	if err := iter.Close(); err != nil {
		return nil, readError("warehouses", err)
	}
	return all, nil
}

// PutWarehouse implements ports.Directory.
func (s *Store) PutWarehouse(ctx context.Context, w ports.WarehouseRecord) (ports.WarehouseRecord, error) {
	op := "put warehouse " + w.ID
	done, err := conditional(ctx, globally(s.lwtQuery(cqlAddWarehouse, w.ID, w.Region, w.Rank, w.Ledgers)), s.slow)
	if err != nil {
		return ports.WarehouseRecord{}, writeError(op, err)
	}
	if done.applied {
		return w, nil
	}
	stored, err := warehouseOf(w.ID, done)
	if err != nil {
		return ports.WarehouseRecord{}, unknown(op, err)
	}
	if stored.Region != w.Region || stored.Ledgers != w.Ledgers {
		return stored, fmt.Errorf("%s: %w: it is in region %s with %d ledgers, and neither ever changes",
			op, ports.ErrConflict, stored.Region, stored.Ledgers)
	}
	if stored.Rank == w.Rank {
		return stored, nil
	}
	return s.changeRank(ctx, op, w)
}

// changeRank compares what never changes: the condition is there because every write of
// such rows is a transaction.
func (s *Store) changeRank(ctx context.Context, op string, w ports.WarehouseRecord) (ports.WarehouseRecord, error) {
	done, err := conditional(ctx, globally(s.lwtQuery(cqlRank, w.Rank, w.ID, w.Region, w.Ledgers)), s.slow)
	if err != nil {
		return ports.WarehouseRecord{}, writeError(op, err)
	}
	if !done.applied {
		return ports.WarehouseRecord{}, fmt.Errorf("%s: %w: it was removed meanwhile", op, ports.ErrTransient)
	}
	return w, nil
}

func warehouseOf(id string, o outcome) (ports.WarehouseRecord, error) {
	region, ok1 := o.shown["region"].(string)
	rank, ok2 := o.shown["rank"].(int)
	ledgers, ok3 := o.shown["ledgers"].(int)
	if !ok1 || !ok2 || !ok3 {
		return ports.WarehouseRecord{}, fmt.Errorf("what is stored has %v", o.shown)
	}
	return ports.WarehouseRecord{ID: id, Region: region, Rank: rank, Ledgers: ledgers}, nil
}

// ReservationLedgers implements ports.Directory.
func (s *Store) ReservationLedgers(ctx context.Context, region string, want int) (int, error) {
	op := "number of reservation ledgers of region " + region
	done, err := conditional(ctx, globally(s.lwtQuery(cqlFixSetting, "reservation_ledgers/"+region, strconv.Itoa(want))), s.slow)
	if err != nil {
		return 0, writeError(op, err)
	}
	if done.applied {
		return want, nil
	}
	stored, _ := done.shown["value"].(string)
	n, err := strconv.Atoi(stored)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s: %w: what is stored is %q", op, ports.ErrPermanent, stored)
	}
	return n, nil
}

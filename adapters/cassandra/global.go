package cassandra

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"

	"inventory/domain/global"
	"inventory/ports"
)

const (
	cqlPutGlobal = `INSERT INTO global_stock (sku, region, on_hand, held, available, version, as_of) ` +
		`VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
	cqlGlobalOf    = `SELECT region, on_hand, held, available, version, as_of FROM global_stock WHERE sku = ?`
	cqlGlobalRest  = `SELECT sku, region, on_hand, held, available, version, as_of FROM global_stock WHERE sku = ? AND region > ? LIMIT ?`
	cqlGlobalAfter = `SELECT sku, region, on_hand, held, available, version, as_of FROM global_stock WHERE token(sku) > token(?) LIMIT ?`
	cqlGlobalFirst = `SELECT sku, region, on_hand, held, available, version, as_of FROM global_stock LIMIT ?`
)

var _ ports.GlobalTable = (*Store)(nil)

// PutGlobal implements ports.GlobalTable. All columns are written each time, with a timestamp
// that grows with the version: newest wins by column.
func (s *Store) PutGlobal(ctx context.Context, rows []ports.GlobalRow) error {
	var p packer
	p.limits = s.limits
	p.table()
	for _, r := range byPartition(rows, func(r ports.GlobalRow) partition { return partition{r.SKU, ""} }) {
		p.add(partition{r.SKU, ""}, len(r.Region), cqlPutGlobal, r.SKU, r.Region, r.OnHand, r.Held, r.Available, r.Version, r.AsOf, stampOf(r))
	}
	return s.writeBatches(ctx, p.batches)
}

// stampBits are those of a timestamp below the version.
const stampBits = 10

// stampOf gives a row's write timestamp. Two programs that have seen different changes may make
// rows of the same version, before either has all: which of them stays does not matter, but it
// is to be one of them whole, so rows that differ have different timestamps, nearly always.
func stampOf(r ports.GlobalRow) int64 {
	h := fnv.New32a()
	fmt.Fprint(h, r.OnHand, r.Held, r.Available, r.AsOf.UnixMilli()) // it never fails
	return r.Version<<stampBits | int64(h.Sum32()&(1<<stampBits-1))
}

// GlobalOf implements ports.GlobalTable.
func (s *Store) GlobalOf(ctx context.Context, skus []string) ([]ports.GlobalRow, error) {
	skus = slices.Compact(slices.Sorted(slices.Values(skus)))
	var mu sync.Mutex
	var all []ports.GlobalRow
	err := each(ctx, s.inFlight, len(skus), func(i int) error {
		rows, err := s.globalRows(ctx, skus[i])
		mu.Lock()
		defer mu.Unlock()
		all = append(all, rows...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b ports.GlobalRow) int { return a.Key().Compare(b.Key()) })
	return all, nil
}

func (s *Store) globalRows(ctx context.Context, sku string) (rows []ports.GlobalRow, err error) {
	iter := s.plain.Query(cqlGlobalOf, sku).IterContext(ctx)
	r := ports.GlobalRow{SKU: sku}
	for iter.Scan(&r.Region, &r.OnHand, &r.Held, &r.Available, &r.Version, &r.AsOf) {
		rows = append(rows, r)
	}
	return rows, readError("global stock of "+sku, iter.Close())
}

// GlobalAfter implements ports.GlobalTable: the rows come in the order of their SKUs' tokens.
func (s *Store) GlobalAfter(ctx context.Context, after global.Key, limit int) ([]ports.GlobalRow, error) {
	if after == (global.Key{}) {
		return s.globalPage(ctx, limit, cqlGlobalFirst, limit)
	}
	rows, err := s.globalPage(ctx, limit, cqlGlobalRest, after.SKU, after.Region, limit)
	if left := limit - len(rows); err == nil && left > 0 {
		var more []ports.GlobalRow
		more, err = s.globalPage(ctx, left, cqlGlobalAfter, after.SKU, left)
		rows = append(rows, more...)
	}
	return rows, err
}

func (s *Store) globalPage(ctx context.Context, most int, cql string, args ...any) ([]ports.GlobalRow, error) {
	rows := make([]ports.GlobalRow, 0, most)
	iter := s.plain.Query(cql, args...).IterContext(ctx)
	var r ports.GlobalRow
	for iter.Scan(&r.SKU, &r.Region, &r.OnHand, &r.Held, &r.Available, &r.Version, &r.AsOf) {
		rows = append(rows, r)
	}
	if err := iter.Close(); err != nil {
		return nil, readError("global stock", err)
	}
	return rows, nil
}

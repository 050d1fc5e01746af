package stock

import (
	"cmp"
	"fmt"
	"hash/fnv"

	"inventory/domain/ledger"
)

// MaxLedgers bounds the stock ledgers that one warehouse is divided into.
const MaxLedgers = 64

// Warehouse is where stock is kept. Region and Ledgers never change once set.
type Warehouse struct {
	ID      WarehouseID
	Region  Region
	Rank    int // lower is preferred
	Ledgers int // stock ledgers that its SKUs are divided among, from 1
}

// NewWarehouse checks what came from outside; errors wrap ErrInvalid.
func NewWarehouse(id, region string, rank, ledgers int) (Warehouse, error) {
	w := Warehouse{WarehouseID(id), Region(region), rank, ledgers}
	if err := checkName("warehouse_id", id); err != nil {
		return Warehouse{}, err
	}
	if err := checkName("region", region); err != nil {
		return Warehouse{}, err
	}
	if rank < 0 || rank > 1_000_000 {
		return Warehouse{}, fmt.Errorf("%w rank %d of warehouse %s: expected 0 to 1000000", ErrInvalid, rank, id)
	}
	if ledgers < 1 || ledgers > MaxLedgers {
		return Warehouse{}, fmt.Errorf("%w ledgers %d of warehouse %s: expected 1 to %d", ErrInvalid, ledgers, id, MaxLedgers)
	}
	return w, nil
}

// CompareRank orders warehouses by preference: by rank, then by id.
func CompareRank(a, b Warehouse) int {
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
}

// LedgerOf names the ledger that keeps a SKU of the warehouse: by FNV-1a of the SKU, for
// ever.
func (w Warehouse) LedgerOf(sku SKU) ledger.ID {
	if w.Ledgers <= 1 {
		return ledger.StockID(string(w.ID), 0)
	}
	h := fnv.New64a()
	h.Write([]byte(sku))
	return ledger.StockID(string(w.ID), int(h.Sum64()%uint64(w.Ledgers)))
}

// LedgerIDs names all ledgers of the warehouse.
func (w Warehouse) LedgerIDs() []ledger.ID {
	ids := make([]ledger.ID, 0, w.Ledgers)
	for n := range w.Ledgers {
		ids = append(ids, ledger.StockID(string(w.ID), n))
	}
	return ids
}

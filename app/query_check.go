package app

import (
	"errors"
	"fmt"

	"inventory/domain/stock"
)

// Validate names every fault of a query that shows without a look at what there is. Errors:
// stock.ErrInvalid.
func (q StockQuery) Validate() error {
	err := q.validateWhere()
	if n := len(q.Items); n < 1 || n > MaxStockItems {
		err = errors.Join(err, fmt.Errorf("%w items: expected 1 to %d, found %d", stock.ErrInvalid, MaxStockItems, n))
	}
	at := make(map[string]int, len(q.Items))
	for i, it := range q.Items {
		_, skuErr := stock.ParseSKU(it.SKU)
		if first, twice := at[it.SKU]; twice && skuErr == nil {
			skuErr = fmt.Errorf("%w sku %s: item %d has it, too; expected each once", stock.ErrInvalid, it.SKU, first)
		} else if !twice {
			at[it.SKU] = i
		}
		err = errors.Join(err, skuErr, it.validate())
	}
	return err
}

func (q StockQuery) validateWhere() (err error) {
	if q.Region != "" {
		_, err = stock.ParseRegion(q.Region)
		if len(q.Warehouses) > 0 {
			err = errors.Join(err, fmt.Errorf("%w region beside warehouses: expected one of them, or neither", stock.ErrInvalid))
		}
	}
	if n := len(q.Warehouses); n > MaxStockItems {
		err = errors.Join(err, fmt.Errorf("%w warehouses: expected %d at most, found %d", stock.ErrInvalid, MaxStockItems, n))
	}
	known := make(map[string]bool, len(q.Warehouses))
	for _, id := range q.Warehouses {
		_, idErr := stock.ParseWarehouseID(id)
		if known[id] && idErr == nil {
			idErr = fmt.Errorf("%w warehouse_id %s: given twice, expected each once", stock.ErrInvalid, id)
		}
		known[id] = true
		err = errors.Join(err, idErr)
	}
	return err
}

// validate checks the versions of an item, each of another warehouse.
func (it StockItem) validate() (err error) {
	known := make(map[string]bool, len(it.AtLeast))
	for _, v := range it.AtLeast {
		_, vErr := ParseMinVersion(v.String())
		if known[v.WarehouseID] && vErr == nil {
			vErr = fmt.Errorf("%w min_version %s of %s: expected one for each warehouse", stock.ErrInvalid, v, it.SKU)
		}
		known[v.WarehouseID] = true
		err = errors.Join(err, vErr)
	}
	return err
}

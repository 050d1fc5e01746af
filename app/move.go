package app

import "inventory/domain/stock"

// Move is how what a warehouse has of a SKU changes, in units.
type Move struct {
	SKU                      stock.SKU
	WarehouseID              stock.WarehouseID
	OnHandBefore, HeldBefore int64
	OnHandAfter, HeldAfter   int64
}

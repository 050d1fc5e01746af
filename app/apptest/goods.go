package apptest

import (
	"fmt"

	"inventory/app"
	"inventory/domain/stock"
)

// warehouses are where the goods of a history are; "b" is divided among two ledgers.
var warehouses = []stock.Warehouse{
	{ID: "a", Region: "north", Rank: 1, Ledgers: 1},
	{ID: "b", Region: "north", Rank: 2, Ledgers: 2},
	{ID: "c", Region: "south", Rank: 3, Ledgers: 1},
}

// added is a warehouse that comes in the middle of a history.
var added = stock.Warehouse{ID: "d", Region: "north", Rank: 4, Ledgers: 1}

// nowhere is a warehouse that there is not.
const nowhere = "nowhere"

// skus are what is sold; the first ones are hot.
var skus = []string{"hot", "warm", "s-1", "s-2", "s-3", "s-4", "s-5", "s-6"}

// sku picks one: half of all picks are hot.
func (d *dice) sku() string {
	if d.chance(0.5) {
		return skus[d.below(2)]
	}
	return pick(d, skus)
}

// items makes the lines of an order: mostly one or two, some of them naming a warehouse,
// which now and then does not exist.
func (d *dice) items(known []stock.Warehouse) []app.ReserveItem {
	n := 1 + d.below(2)
	if d.chance(0.2) {
		n = 3 + d.below(3)
	}
	items := make([]app.ReserveItem, 0, n)
	for range n {
		it := app.ReserveItem{SKU: d.sku(), Quantity: int64(1 + d.below(3))}
		switch {
		case d.chance(0.005):
			it.WarehouseID = nowhere
		case d.chance(0.3):
			it.WarehouseID = string(pick(d, known).ID)
		}
		items = append(items, it)
	}
	return items
}

// adjustment makes one: a bit more comes in than goes out.
func (d *dice) adjustment(known []stock.Warehouse, key string) app.AdjustRequest {
	req := app.AdjustRequest{
		SKU: d.sku(), WarehouseID: string(pick(d, known).ID), Actor: fmt.Sprintf("actor-%d", d.below(2)), Key: key,
		Source: "test", Reason: "because", Reference: "ref-" + key,
	}
	switch d.below(10) {
	case 0:
		req.Type, req.Quantity = string(stock.Damage), -int64(1+d.below(3))
	case 1:
		req.Type, req.Quantity = string(stock.Loss), -int64(1+d.below(3))
	case 2:
		req.Type, req.Quantity = string(stock.Correction), int64(1+d.below(4))*int64(1-2*d.below(2))
	case 3:
		req.Type, req.Quantity = string(stock.Count), int64(d.below(12))
	case 4:
		req.Type, req.Quantity = string(stock.Return), int64(1+d.below(3))
	default:
		req.Type, req.Quantity = string(stock.Receipt), int64(1+d.below(8))
	}
	return req
}

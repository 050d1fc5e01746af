package app

import (
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// levels is what planning knows of stock: the directory, the memory of the stock ledgers that
// this process owns, and what other members tell of theirs.
type levels struct{ in *Inventory }

var _ reservation.Stock = levels{}

// Warehouses implements reservation.Stock.
func (l levels) Warehouses(region stock.Region) []stock.Warehouse {
	if region == "" {
		return l.in.directory.all()
	}
	return l.in.directory.now.Load().byRegion[region]
}

// Warehouse implements reservation.Stock.
func (l levels) Warehouse(id stock.WarehouseID) (stock.Warehouse, bool) {
	w, ok := l.in.directory.now.Load().byID[id]
	return w, ok
}

// Available implements reservation.Stock. It is exact where this process is sure to own the
// stock ledger: its memory is changed before any answer is given.
func (l levels) Available(w stock.Warehouse, sku stock.SKU) (units int64, exact bool) {
	if level, _, owned := l.in.level(w, sku); owned {
		return level.Available(), l.in.host.Sure(w.LedgerOf(sku))
	}
	return l.in.fleet.Available(w.LedgerOf(sku), sku), false
}

// level reads a level from the memory of the ledger's owner; known is false for a SKU
// that never was there, owned where another process has the ledger.
func (in *Inventory) level(w stock.Warehouse, sku stock.SKU) (l stock.Level, known, owned bool) {
	owned = in.host.View(w.LedgerOf(sku), func(m ledger.Machine) {
		l, known = m.(*stock.State).Level(sku)
	})
	return l, known, owned
}

package httpapi

import (
	"context"

	"inventory/domain/stock"
)

// warehouseRequest sets a warehouse.
type warehouseRequest struct {
	Region  string `json:"region" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Never changes once set."`
	Rank    int64  `json:"rank" minimum:"0" maximum:"1000000" doc:"Lower is preferred."`
	Ledgers *int64 `json:"ledgers,omitempty" nullable:"true" minimum:"1" maximum:"64" doc:"Stock ledgers that its SKUs are divided among. Never changes once set. Default: as it is, 1 for a new warehouse."`
}

// warehouse is where stock is kept.
type warehouse struct {
	WarehouseID string `json:"warehouse_id"`
	Region      string `json:"region"`
	Rank        int    `json:"rank" doc:"Lower is preferred."`
	Ledgers     int    `json:"ledgers" doc:"Stock ledgers that its SKUs are divided among."`
}

// warehouseList has all warehouses.
type warehouseList struct {
	Warehouses []warehouse `json:"warehouses" nullable:"false" doc:"The preferred ones first."`
}

func newWarehouse(w stock.Warehouse) warehouse {
	return warehouse{WarehouseID: string(w.ID), Region: string(w.Region), Rank: w.Rank, Ledgers: w.Ledgers}
}

func (a *API) putWarehouse(ctx context.Context, c *call) (reply, error) {
	id := c.path("warehouse_id", warehouseFault)
	var q warehouseRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	q.check(&c.faults, id)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	w := stock.Warehouse{ID: stock.WarehouseID(id), Region: stock.Region(q.Region), Rank: int(q.Rank), Ledgers: int(given(q.Ledgers))}
	if q.Ledgers == nil {
		var err error
		if w.Ledgers, err = a.ledgersOf(ctx, w.ID); err != nil {
			return reply{}, err
		}
	}
	if err := a.in.PutWarehouse(ctx, w); err != nil {
		return reply{}, err
	}
	return ok(newWarehouse(w))
}

// check notes all faults. Numbers are the domain's to judge, one at a time.
func (q *warehouseRequest) check(f *faults, id string) {
	f.check("body.region", regionFault(q.Region))
	if warehouseFault(id) != nil {
		id = "new"
	}
	_, err := stock.NewWarehouse(id, "any", int(q.Rank), 1)
	f.check("body.rank", err)
	if q.Ledgers != nil {
		_, err = stock.NewWarehouse(id, "any", 0, int(*q.Ledgers))
		f.check("body.ledgers", err)
	}
}

// ledgersOf is how many ledgers a warehouse has, or what a new one gets.
func (a *API) ledgersOf(ctx context.Context, id stock.WarehouseID) (int, error) {
	all, err := a.in.Warehouses(ctx)
	for _, w := range all {
		if w.ID == id {
			return w.Ledgers, err
		}
	}
	return 1, err
}

func (a *API) listWarehouses(ctx context.Context, c *call) (reply, error) {
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Warehouses(ctx)
	if err != nil {
		return reply{}, err
	}
	told := warehouseList{Warehouses: make([]warehouse, 0, len(found))}
	for _, w := range found {
		told.Warehouses = append(told.Warehouses, newWarehouse(w))
	}
	return ok(told)
}

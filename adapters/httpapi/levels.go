package httpapi

import (
	"context"
	"net/http"

	"inventory/app"
)

// stockLevel is how much there is of a SKU. All are units.
type stockLevel struct {
	SKU        string           `json:"sku"`
	Region     string           `json:"region,omitzero" doc:"That was asked for; absent: all."`
	OnHand     int64            `json:"on_hand" doc:"Units that are there, in all warehouses below."`
	Held       int64            `json:"held" doc:"Units that are promised."`
	Available  int64            `json:"available" doc:"Units that can be promised: the sum of the warehouses'."`
	Short      int64            `json:"short" doc:"Units that are promised and not there: the sum of the warehouses'."`
	Warehouses []warehouseLevel `json:"warehouses" nullable:"false"`
	Source     string           `json:"source" doc:"Where the numbers come from: owner, the memory of the ledgers' owners; store, the tables, for a part at least; cache or global, copies of these."`
	AsOf       string           `json:"as_of" format:"date-time" doc:"No part is older. UTC, milliseconds."`
}

// warehouseLevel is how much there is in one warehouse. All are units.
type warehouseLevel struct {
	WarehouseID string `json:"warehouse_id"`
	Region      string `json:"region"`
	OnHand      int64  `json:"on_hand" doc:"Units that are there."`
	Held        int64  `json:"held" doc:"Units that are promised."`
	Available   int64  `json:"available" doc:"Units that can be promised: on_hand - held, or 0."`
	Short       int64  `json:"short" doc:"Units that are promised and not there: held - on_hand, or 0."`
	Version     int64  `json:"version" doc:"Of the level; grows with each change."`
}

func newStockLevel(s app.Stock) stockLevel {
	told := stockLevel{
		SKU: string(s.SKU), Region: string(s.Region), OnHand: s.OnHand, Held: s.Held, Available: s.Available, Short: s.Short,
		Warehouses: make([]warehouseLevel, 0, len(s.Warehouses)), Source: s.Source, AsOf: instant(s.AsOf),
	}
	for _, w := range s.Warehouses {
		told.Warehouses = append(told.Warehouses, warehouseLevel{
			WarehouseID: string(w.WarehouseID), Region: string(w.Region), OnHand: w.OnHand, Held: w.Held,
			Available: w.Available, Short: w.Short, Version: w.Version,
		})
	}
	return told
}

// readStock answers a question about one SKU, or says that the answer is as it was.
func (a *API) readStock(ctx context.Context, c *call) (reply, error) {
	one := app.StockItem{SKU: c.path("sku", skuFault), AtLeast: minVersions(&c.faults, "query.min_version", c.query["min_version"])}
	region, asked := c.parameter("region")
	if asked {
		c.faults.check("query.region", regionFault(region))
	}
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Stocks(ctx, app.StockQuery{Items: []app.StockItem{one}, Region: region})
	if err != nil {
		return reply{}, err
	}
	if found[0].Err != nil {
		return reply{}, found[0].Err
	}
	told := newStockLevel(found[0].Stock)
	tag, err := tagOf(told)
	if err != nil {
		return reply{}, err
	}
	if matches(c.r.Header.Values("If-None-Match"), tag) {
		return reply{status: http.StatusNotModified, tag: tag}, nil
	}
	return reply{status: http.StatusOK, body: told, tag: tag}, nil
}

// minVersions reads versions that levels must have reached.
func minVersions(f *faults, at string, given []string) []app.MinVersion {
	var all []app.MinVersion
	for _, text := range given {
		v, err := app.ParseMinVersion(text)
		f.check(at, err)
		all = append(all, v)
	}
	return all
}

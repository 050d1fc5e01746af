package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"inventory/app"
)

// stockQueryRequest asks about many SKUs, in the same warehouses each.
type stockQueryRequest struct {
	Items        []stockItemRequest `json:"items" minItems:"1" maxItems:"500" nullable:"false" doc:"The SKUs, each once."`
	Region       *string            `json:"region,omitempty" nullable:"true" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" doc:"Warehouses of this region only. Not beside warehouse_ids."`
	WarehouseIDs []string           `json:"warehouse_ids,omitempty" minItems:"1" maxItems:"500" nullable:"true" doc:"These warehouses only, each once."`
}

// stockItemRequest asks about a SKU.
type stockItemRequest struct {
	SKU         string   `json:"sku" pattern:"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"`
	MinVersions []string `json:"min_versions,omitempty" nullable:"true" doc:"WAREHOUSE:VERSION, such as HCM:7: versions that the levels must have reached, one for a warehouse."`
}

// stockList has the answers to the items of a query, in their order.
type stockList struct {
	Items []stockResult `json:"items" nullable:"false"`
}

// stockResult is how much there is of a SKU, or why that is not told.
type stockResult struct {
	SKU     string      `json:"sku"`
	Status  int         `json:"status" doc:"As the SKU by itself would have been answered."`
	Stock   *stockLevel `json:"stock,omitzero" doc:"As of GET /inventory/{sku}."`
	Problem *problem    `json:"problem,omitzero"`
}

func (a *API) queryStock(ctx context.Context, c *call) (reply, error) {
	var q stockQueryRequest
	if err := c.read(&q); err != nil {
		return reply{}, err
	}
	asked := q.asked(&c.faults)
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	found, err := a.in.Stocks(ctx, asked)
	if err != nil {
		return reply{}, err
	}
	told := stockList{make([]stockResult, 0, len(found))}
	for _, s := range found {
		one := stockResult{SKU: string(s.SKU), Status: http.StatusOK}
		if s.Err != nil {
			one.Problem = newProblem(s.Err, c.x.id)
			one.Status = one.Problem.Status
		} else {
			level := newStockLevel(s.Stock)
			one.Stock = &level
		}
		told.Items = append(told.Items, one)
	}
	return ok(told)
}

// asked is what the body asks for; all that is wrong with it is noted.
func (q *stockQueryRequest) asked(f *faults) app.StockQuery {
	asked := app.StockQuery{Items: make([]app.StockItem, 0, len(q.Items)), Region: given(q.Region), Warehouses: q.WarehouseIDs}
	if q.Region != nil {
		f.check("body.region", regionFault(*q.Region))
	}
	for i, id := range q.WarehouseIDs {
		f.check(fmt.Sprintf("body.warehouse_ids[%d]", i), warehouseFault(id))
	}
	for i, it := range q.Items {
		at := place{"items", true, i}
		if err := skuFault(it.SKU); err != nil {
			f.check(at.of("sku"), err)
		}
		one := app.StockItem{SKU: it.SKU}
		if len(it.MinVersions) > 0 {
			one.AtLeast = minVersions(f, at.of("min_versions"), it.MinVersions)
		}
		asked.Items = append(asked.Items, one)
	}
	if len(f.list) == 0 { // each part by itself is well: what is left is a fault of them together
		f.check("body", asked.Validate())
	}
	return asked
}

package httpapi

import (
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/stock"
)

var (
	exampleMark      = int64(12)
	exampleThreshold = threshold{SKU: "TEE-M-BLACK", WarehouseID: "HCM", LowMark: &exampleMark, Threshold: "LOW", OnHand: 14, Held: 2, Available: 12}
	exampleNoMark    = threshold{SKU: "TEE-M-BLACK", WarehouseID: "HCM", Threshold: "BACK", OnHand: 14, Held: 2, Available: 12}
)

// declareThresholds lists what sets and tells of low marks.
func (a *API) declareThresholds() []*operation {
	const path = "/inventory/warehouses/{warehouse_id}/thresholds"
	warehouse, sku := pathParam("warehouse_id", "The warehouse.", "HCM"), pathParam("sku", "The SKU.", "TEE-M-BLACK")
	actor := headerParam(actorHeader, "Who sets it: 1 to 128 printable ASCII characters without spaces.", "anna")
	unknown := fmt.Errorf("%w HUE", app.ErrUnknownWarehouse)
	return []*operation{
		{
			id: "putThreshold", method: http.MethodPut, path: path + "/{sku}", tag: stockTag, run: a.putThreshold,
			summary: "Give a SKU a low mark in a warehouse",
			about: "From then on inventory.threshold.v1 tells when what is available falls to the mark or below (LOW), comes to nothing (OUT) or rises above the mark (BACK), " +
				"whatever the cause, and only when it crosses; a mark that it is at or below already is told at once. The SKU need not have been there. The same request again changes nothing.",
			params:   []*huma.Param{warehouse, sku, actor},
			body:     thresholdRequest{LowMark: exampleMark},
			answers:  []answer{{http.StatusOK, "The mark, and how the SKU stands.", exampleThreshold}},
			refusals: []error{unknown, owner.ErrOverloaded, owner.ErrUnsettled},
		},
		{
			id: "deleteThreshold", method: http.MethodDelete, path: path + "/{sku}", tag: stockTag, run: a.deleteThreshold,
			summary:  "Take a SKU's low mark away",
			about:    "Nothing more is told of it, nor that it was taken away: no stock came back. Where there is none it stays so.",
			params:   []*huma.Param{warehouse, sku, actor},
			answers:  []answer{{http.StatusOK, "How the SKU stands without a mark.", exampleNoMark}},
			refusals: []error{unknown, owner.ErrOverloaded, owner.ErrUnsettled},
		},
		{
			id: "readThreshold", method: http.MethodGet, path: path + "/{sku}", tag: stockTag, run: a.readThreshold,
			summary:  "Read a SKU's low mark, and how it stands",
			about:    "Exact: the owner of the warehouse's ledger answers.",
			params:   []*huma.Param{warehouse, sku},
			answers:  []answer{{http.StatusOK, "The mark, and how the SKU stands.", exampleThreshold}},
			refusals: []error{unknown, fmt.Errorf("%w of sku TEE-M-BLACK in HCM", stock.ErrNoMark), owner.ErrUnsettled},
		},
		{
			id: "listThresholds", method: http.MethodGet, path: path, tag: stockTag, run: a.listThresholds,
			summary: "List a warehouse's low marks",
			about:   "Exact: the owners of the warehouse's ledgers answer, each as of one moment.",
			params: []*huma.Param{
				warehouse,
				queryParam("after", "The next of the page before.", "SHIRT-L-WHITE", false),
				queryParam("limit", "Marks of the page at most: 1 to 1000. Default: 100.", "100", false),
			},
			answers:  []answer{{http.StatusOK, "A page of marks.", thresholdList{Thresholds: []threshold{exampleThreshold}, Next: "TEE-M-BLACK"}}},
			refusals: []error{unknown, owner.ErrUnsettled},
		},
	}
}

package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

var (
	exampleTotal  = globalTotal{SKU: "TEE-M-BLACK", Region: exampleRegion, OnHand: 120, Held: 14, Available: 107, Version: 9120, AsOf: "2026-03-02T08:15:30.250Z"}
	exampleTotals = globalList{Totals: []globalTotal{exampleTotal}, Source: "global", Next: "TEE-M-BLACK:south"}
)

func regionsParam() *huma.Param {
	return listParam("region", "In one of these regions. Default: in any.", exampleRegion)
}

// declareGlobal lists what tells of stock by SKU and region.
func (a *API) declareGlobal() []*operation {
	return []*operation{
		{
			id: "listGlobalStock", method: http.MethodGet, path: "/inventory/global", tag: stockTag, asks: store, run: a.listGlobal,
			summary: "Read how much there is of many SKUs, by region",
			about: "From a table of totals, which follows the warehouses' levels within moments: for pages that show stock, not for promises. " +
				"Without a SKU all are listed. A page may have fewer totals than its limit, or none, and yet a next one.",
			params: []*huma.Param{
				listParam("sku", "Of these SKUs, at most 100. Default: of all.", "TEE-M-BLACK"),
				regionsParam(),
				queryParam("after", "The next of the page before.", "TEE-M-BLACK:north", false),
				queryParam("limit", "Totals of the page at most: 1 to 1000. Default: 100.", "100", false),
			},
			answers: []answer{{http.StatusOK, "A page of totals.", exampleTotals}},
		},
		{
			id: "exportGlobalStock", method: http.MethodGet, path: "/inventory/global/export", tag: stockTag, asks: store, run: a.exportGlobal, long: true,
			summary: "Take out how much there is of all SKUs, by region",
			about: "As CSV with a line of column names (RFC 4180), or as NDJSON, a JSON object on each line; written as it is read: an answer that is cut off before its end is not whole. " +
				"The totals of the table, each as it is when it is read.",
			params: []*huma.Param{
				regionsParam(),
				queryParam("format", "csv or ndjson. Default: csv.", formatNDJSON, false),
			},
			answers: []answer{{http.StatusOK, "The totals, a line each.", exampleTotal}}, told: true,
			csv: "sku,region,on_hand,held,available,version,as_of\r\nTEE-M-BLACK,south,120,14,107,9120,2026-03-02T08:15:30.250Z\r\n",
		},
	}
}

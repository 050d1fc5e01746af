package httpapi

import (
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"inventory/app"
)

func (a *API) declareReadStock() *operation {
	ifNoneMatch := headerParam("If-None-Match", "The ETag of an answer that the client has, or several: 304 where it still says what is so.", `W/"3q2-7wAAAAAAAAAAAAAAAA"`)
	ifNoneMatch.Required = false
	return &operation{
		id: "readStock", method: http.MethodGet, path: "/inventory/{sku}", tag: stockTag, asks: store, tagged: true, run: a.readStock,
		summary: "Read how much there is of a SKU",
		about: "Exact where the owner of the warehouse's ledger answers; else as the tables have it: source says so, and as_of how old that is. " +
			"Who gives the version of an answer about a write as min_version sees that write: the service waits for a moment where it has to, and says STOCK_BEHIND where the version is not there then.",
		params: []*huma.Param{
			pathParam("sku", "The SKU.", "TEE-M-BLACK"),
			{Name: "region", In: "query", Description: "Warehouses of this region only.", Schema: &huma.Schema{Type: huma.TypeString}, Example: "south"},
			listParam("min_version", "WAREHOUSE:VERSION: a version that the level in a warehouse must have reached; several, one for a warehouse.", "HCM:1"),
			ifNoneMatch,
		},
		answers: []answer{
			{http.StatusOK, "The level, in all and by warehouse.", exampleStock},
			{http.StatusNotModified, "It is as an answer with one of the tags of If-None-Match has it.", nil},
		},
		refusals: []error{fmt.Errorf("%w TEE-M-BLACK", app.ErrUnknownSKU), fmt.Errorf("%w: east", app.ErrUnknownRegion), exampleBehind},
	}
}

func (a *API) declareQueryStock() *operation {
	return &operation{
		id: "queryStock", method: http.MethodPost, path: "/inventory/query", tag: stockTag, asks: store, run: a.queryStock,
		summary: "Read how much there is of many SKUs at once",
		about: "Up to 500 SKUs in a region, in some warehouses or everywhere, answered in the order of the question, each as readStock answers. " +
			"A SKU that never was there, or is behind a min_version, is told as such and stops no other.",
		body:    exampleQuery,
		answers: []answer{{http.StatusOK, "An answer for each SKU.", exampleQueried}},
		refusals: []error{
			fmt.Errorf("%w HUE", app.ErrUnknownWarehouse), fmt.Errorf("%w: east", app.ErrUnknownRegion),
		},
	}
}

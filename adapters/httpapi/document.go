package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
)

// Version is the API's, not the program's: what is added changes its second number.
const Version = "1.0.0"

const (
	ordersTag     = "orders"
	stockTag      = "stock"
	warehousesTag = "warehouses"
	runningTag    = "running"
	lettersTag    = "letters"
	healthTag     = "health"
)

// exampleRequestID is the request id of the document's examples.
const exampleRequestID = "4QJHKLXXMLEY2LR6MQZVTZSAIH"

const about = `Holds stock for orders, keeps it until it is picked, released or expires, and says how much of each SKU there is.

Quantities are whole units. Times are RFC 3339 in UTC with milliseconds. Bodies are JSON, read strictly: unknown keys, keys given twice,
other letter case, wrong types and numbers with a fraction or an exponent are refused, all at once, with their places. A null stands for an
optional value that is absent. Parameters of a query that are not known are refused too.

Whatever is refused is answered as application/problem+json, and also where there is no such path (404, UNKNOWN_PATH) or method (405,
METHOD_NOT_ALLOWED). Where retry is true, the same request may be sent again as it is: nothing is done twice.`

// newDocument configures huma: its own routes, and what it would add to bodies, are off.
func newDocument() huma.Config {
	c := huma.DefaultConfig("Inventory", Version)
	c.CreateHooks = nil
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.Info.Description = about
	c.Tags = []*huma.Tag{
		{Name: ordersTag, Description: "Reservations of orders."},
		{Name: stockTag, Description: "How much there is."},
		{Name: warehousesTag, Description: "Where it is."},
		{Name: runningTag, Description: "For those who run the service."},
		{Name: lettersTag, Description: "Dead letters: order events that could not be acted on, what became of them, and jobs that replay them."},
		{Name: healthTag, Description: "For what restarts and routes."},
	}
	text := &huma.Schema{Type: huma.TypeString}
	c.Components.Parameters = map[string]*huma.Param{
		"X-Request-Id": {Name: "X-Request-Id", In: "header", Description: "Names the request in logs; the answer has it too. Default: a new one.", Schema: text},
		"traceparent":  {Name: "traceparent", In: "header", Description: "W3C trace context, version 00, which is passed on to what follows. One that is not valid is ignored.", Schema: text},
	}
	c.Components.Headers = map[string]*huma.Header{
		"X-Request-Id":  {Description: "The request's id.", Schema: text},
		"ETag":          {Description: "Of the answer but for as_of: what is told again with the same tag says the same. It is weak, since as_of differs.", Schema: text},
		"Cache-Control": {Description: "no-cache: the answer may be kept, and is not used again before If-None-Match has confirmed it.", Schema: text},
		"Retry-After":   {Description: "Seconds after which to ask again.", Schema: &huma.Schema{Type: huma.TypeInteger}},
	}
	return c
}

func pathParam(name, about, example string) *huma.Param {
	return &huma.Param{Name: name, In: "path", Required: true, Description: about, Schema: &huma.Schema{Type: huma.TypeString}, Example: example}
}

func headerParam(name, about, example string) *huma.Param {
	p := pathParam(name, about, example)
	p.In = "header"
	return p
}

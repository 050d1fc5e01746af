package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"inventory/adapters/memory"
)

// strictness has what is refused, and where the faults are that are named.
var strictness = []struct{ what, call, body, places string }{
	{"an unknown key", "POST /inventory/reserve", `{"order_id":"o","itms":[],"items":[{"sku":"A","quantity":1}]}`, "body.itms"},
	{"another letter case", "POST /inventory/reserve", `{"Order_ID":"o","items":[{"SKU":"A","quantity":1}]}`, "body.Order_ID body.items[0].SKU body.items[0].sku body.order_id"},
	{"a key given twice", "POST /inventory/reserve", `{"order_id":"o","order_id":"p","items":[{"sku":"A","sku":"A","quantity":1}]}`, "body.order_id body.items[0].sku"},
	{"a key given twice, once escaped", "POST /inventory/reserve", `{"order_id":"o","\u006frder_id":"p","items":[{"sku":"A","quantity":1}]}`, "body.order_id"},
	{"wrong types", "POST /inventory/reserve", `{"order_id":1,"region":true,"ttl_seconds":"60","items":{"sku":"A"}}`, "body.order_id body.region body.ttl_seconds body.items"},
	{
		"wrong types in lines", "POST /inventory/reserve", `{"order_id":"o","items":[{"sku":["A"],"quantity":"1"},"B",null,{"sku":"C","quantity":false,"warehouse_id":{}}]}`,
		"body.items[0].sku body.items[0].quantity body.items[1] body.items[2] body.items[3].quantity body.items[3].warehouse_id",
	},
	{
		"fractions and exponents", "POST /inventory/reserve", `{"order_id":"o","ttl_seconds":1e2,"items":[{"sku":"A","quantity":1.0},{"sku":"A","quantity":1E0},{"sku":"A","quantity":0.5}]}`,
		"body.ttl_seconds body.items[0].quantity body.items[1].quantity body.items[2].quantity",
	},
	{"numbers that are too large", "POST /inventory/reserve", `{"order_id":"o","ttl_seconds":9223372036854775807,"items":[{"sku":"A","quantity":9223372036854775808}]}`, "body.items[0].quantity body.ttl_seconds"},
	{"null where a value must be", "POST /inventory/reserve", `{"order_id":null,"items":null}`, "body.order_id body.items"},
	{"nothing where a value must be", "POST /inventory/reserve", `{}`, "body.order_id body.items"},
	{"empty values", "POST /inventory/reserve", `{"order_id":"","region":"","items":[{"sku":"","quantity":1,"warehouse_id":""}]}`, "body.order_id body.region body.items[0].sku body.items[0].warehouse_id"},
	{"no lines", "POST /inventory/reserve", `{"order_id":"o","items":[]}`, "body.items"},
	{
		"what the domain refuses", "POST /inventory/reserve", `{"order_id":"a b","region":"-","ttl_seconds":0,"items":[{"sku":"bulk","quantity":0},{"sku":"a/b","quantity":1000000001,"warehouse_id":"é"}]}`,
		"body.order_id body.region body.items[0].sku body.items[0].quantity body.items[1].sku body.items[1].quantity body.items[1].warehouse_id body.ttl_seconds",
	},
	{"a hold longer than a day", "POST /inventory/reserve", `{"order_id":"o","ttl_seconds":86401,"items":[{"sku":"A","quantity":1}]}`, "body.ttl_seconds"},
	{"a hold that ended before", "POST /inventory/reserve", `{"order_id":"o","ttl_seconds":-1,"items":[{"sku":"A","quantity":1}]}`, "body.ttl_seconds"},
	{"trailing data", "POST /inventory/reserve", `{"order_id":"o","items":[{"sku":"A","quantity":1}]} {}`, "body"},
	{"trailing letters", "POST /inventory/reserve", `{"order_id":"o","items":[{"sku":"A","quantity":1}]}x`, "body"},
	{"invalid UTF-8", "POST /inventory/reserve", "{\"order_id\":\"\xff\",\"items\":[]}", "body"},
	{"a lone surrogate", "POST /inventory/reserve", `{"order_id":"\ud800","items":[]}`, "body"},
	{"a byte order mark", "POST /inventory/reserve", "\ufeff{}", "body"},
	{"no object", "POST /inventory/reserve", `[]`, "body"},
	{"half an object", "POST /inventory/reserve", `{"order_id":"o"`, "body"},
	{"a comment", "POST /inventory/reserve", `{/* */}`, "body"},
	{"single quotes", "POST /inventory/reserve", `{'order_id':'o'}`, "body"},
	{"a comma too many", "POST /inventory/reserve", `{"order_id":"o",}`, "body"},
	{"a leading zero", "POST /inventory/reserve", `{"order_id":"o","ttl_seconds":060}`, "body"},
	{"no body", "POST /inventory/reserve", ` `, "body"},
	{"neither id", "POST /inventory/release", `{}`, "body.order_id"},
	{"ids that are none", "POST /inventory/release", `{"reservation_id":"o-1","order_id":"","reason":"BORED"}`, "body.reservation_id body.order_id body.reason"},
	{"a reason that is the service's own", "POST /inventory/release", `{"order_id":"o","reason":"TTL_EXPIRED"}`, "body.reason"},
	{"nothing picked", "POST /inventory/confirm", `{"order_id":"o","items":[]}`, "body.items"},
	{"a bad pick", "POST /inventory/confirm", `{"warehouse_id":"","items":[{"sku":"A","quantity":-1,"at":1}]}`, "body.items[0].at body.order_id body.warehouse_id body.items[0].quantity"},
	{"a pick of two warehouses", "POST /inventory/confirm", `{"order_id":"o","warehouse_id":"W1","items":[{"sku":"A","quantity":0,"warehouse_id":"W2"}]}`, "body.items"},
	{"no time", "POST /inventory/extend", `{"order_id":"o"}`, "body.ttl_seconds"},
	{"too much time", "POST /inventory/extend", `{"ttl_seconds":86401}`, "body.order_id body.ttl_seconds"},
	{"nothing in an adjustment", "POST /inventory/adjust", `{}`, "header.Idempotency-Key header.Inventory-Actor body.sku body.warehouse_id body.adjustment_type"},
	{"a warehouse of nothing", "PUT /inventory/warehouses/-", `{"rank":-1,"ledgers":65}`, "path.warehouse_id body.region body.rank body.ledgers"},
	{"ranks that are no numbers", "PUT /inventory/warehouses/W1", `{"region":"r","rank":"1","ledgers":1.5}`, "body.rank body.ledgers"},
	{"a threshold of nothing", "PUT /inventory/warehouses/-/thresholds/-", `{}`, "path.warehouse_id path.sku header.Inventory-Actor body.low_mark"},
	{"a mark below zero", "PUT /inventory/warehouses/W1/thresholds/A", `{"low_mark":-1}`, "header.Inventory-Actor body.low_mark"},
	{"a mark above all", "PUT /inventory/warehouses/W1/thresholds/A", `{"low_mark":1000000001}`, "header.Inventory-Actor body.low_mark"},
	{"a mark that is no number", "PUT /inventory/warehouses/W1/thresholds/A", `{"low_mark":"4"}`, "header.Inventory-Actor body.low_mark"},
	{"a mark that nobody takes away", "DELETE /inventory/warehouses/W1/thresholds/A", "", "header.Inventory-Actor"},
	{"a mark of no SKU", "GET /inventory/warehouses/W1/thresholds/-?x=1", "", "query.x path.sku"},
	{"a bad page of marks", "GET /inventory/warehouses/-/thresholds?after=-&limit=1001", "", "path.warehouse_id query.after query.limit"},
	{"unknown parameters", "GET /inventory/SKU-1?Region=south&x=", "", "query.Region query.x"},
	{"a parameter twice", "GET /inventory/SKU-1?region=south&region=north", "", "query.region"},
	{"a flag that is none", "GET /admin/ledgers?here=yes", "", "query.here"},
	{"an empty region", "GET /inventory/SKU-1?region=", "", "query.region"},
	{"a query that is none", "GET /inventory/SKU-1?region=%zz", "", "query"},
	{"a SKU that is none", "GET /inventory/-%2F%20", "", "path.sku"},
	{"a SKU that is a reserved word", "GET /inventory/orders", "", "path.sku"},
	{"a SKU that is two dots", "GET /inventory/%2e%2e", "", "path.sku"},
	{"a parameter where there is none", "POST /inventory/reserve?dry=1", `{"order_id":"o","items":[{"sku":"A","quantity":1}]}`, "query.dry"},
	{"a parameter of a list", "GET /inventory/warehouses?x=1", "", "query.x"},
	{"a parameter of a reservation", "GET /inventory/reservations/x?x=1", "", "query.x path.reservation_id"},
	{"a parameter of an order", "GET /inventory/orders/x?x=1", "", "query.x"},
	{"nothing in a repair", "POST /admin/repair", `{}`, "header.Inventory-Actor body.apply"},
	{"a repair that is neither", "POST /admin/repair", `{"apply":"yes","reason":"\u0001"}`, "header.Inventory-Actor body.apply body.reason"},
	{"a parameter of a reconciliation", "POST /admin/reconcile?x=1", "", "query.x"},
	{"a parameter of the ledgers", "GET /admin/ledgers?x=1", "", "query.x"},
	{"a parameter of health", "GET /livez?x=1", "", "query.x"},
	{"a parameter of readiness", "GET /readyz?x=1", "", "query.x"},
}

func TestEveryFaultOfARequestIsNamedWithItsPlace(t *testing.T) {
	c := stocked(t, Options{})
	for _, row := range strictness {
		t.Run(row.what, func(t *testing.T) {
			c := &client{t: t, api: c.api}
			p := c.call(row.call, row.body).problem(400, "INVALID")
			if p.places() != row.places {
				t.Errorf("expected faults at\n  %s\nfound at\n  %s: %v", row.places, p.places(), p.Errors)
			}
			for _, f := range p.Errors {
				if f.Message == "" || strings.Contains(f.Message, "jsontext") || strings.Contains(f.Message, "Go ") {
					t.Errorf("%s: message %q", f.Location, f.Message)
				}
			}
		})
	}
}

func TestOptionalValuesMayBeNull(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/reserve", `{"order_id":"o-1","region":null,"ttl_seconds":null,"items":[{"sku":"SKU-1","quantity":1,"warehouse_id":null}]}`).want(201)
	c.call("POST /inventory/confirm", `{"order_id":"o-1","reservation_id":null,"warehouse_id":null,"items":null}`).want(200)
}

func TestAFloodOfFaultsIsCounted(t *testing.T) {
	c := stocked(t, Options{})
	var keys []string
	for n := range 5000 {
		keys = append(keys, fmt.Sprintf(`"%s%d":1`, strings.Repeat("k", 100), n))
	}
	p := c.call("POST /inventory/reserve", "{"+strings.Join(keys, ",")+"}").problem(400, "INVALID")
	if last := p.Errors[len(p.Errors)-1]; len(p.Errors) != maxFaults+1 || last.Message != "4902 more faults" {
		t.Errorf("%d faults, the last: %v", len(p.Errors), last)
	}
}

func TestABodyIsJSONAndOfModestSize(t *testing.T) {
	c := serve(t, begin(t, memory.New()), Options{MaxBody: 200})
	large := `{"order_id":"` + strings.Repeat("x", 200) + `"}`
	for _, call := range []string{"POST /inventory/reserve", "POST /inventory/release", "POST /inventory/confirm", "POST /inventory/extend", "POST /inventory/adjust", "POST /inventory/query", "POST /admin/repair", "PUT /inventory/warehouses/W1", "PUT /inventory/warehouses/W1/thresholds/A"} {
		c.call(call, large).problem(413, "BODY_TOO_LARGE")
		for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "application/jsonx", "application/problem+json", ";"} {
			c.call(call, "", "Content-Type", media).problem(415, "UNSUPPORTED_MEDIA_TYPE")
		}
		c.call(call, "").problem(415, "UNSUPPORTED_MEDIA_TYPE")
		c.call(call, "{}", "Content-Encoding", "gzip").problem(415, "UNSUPPORTED_MEDIA_TYPE")
		c.call(call, "", "Content-Type", "Application/JSON; charset=UTF-8").problem(400, "INVALID")
	}
}

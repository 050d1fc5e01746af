package httpapi

import (
	"fmt"
	"strings"
	"testing"
)

func (c *client) adjust(key, body string) got {
	c.t.Helper()
	return c.call("POST /inventory/adjust", body, "Idempotency-Key", key, "Inventory-Actor", "wms:dock-3")
}

func adjustment1(kind, quantity string) string {
	return fmt.Sprintf(`{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":%q,%s}`, kind, quantity)
}

func TestStockIsAdjustedOnceForAKey(t *testing.T) {
	c := stocked(t, Options{})
	damage := `{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"DAMAGE","qty_delta":-3,"reason":"forklift","reference":"R-1"}`
	first := c.adjust("k-1", damage).want(200)
	first.wantJSON(`{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"DAMAGE","qty_delta":-3,"on_hand":7,"held":0,"available":7,"short":0,"version":"*"}`, "version")
	if again := c.adjust("k-1", damage).want(200); string(again.body) != string(first.body) {
		t.Errorf("expected %s, found %s", first.body, again.body)
	}
	c.adjust("k-1", adjustment1("DAMAGE", `"qty_delta":-2`)).problem(422, "KEY_REUSED")
	c.adjust("k-2", adjustment1("COUNT", `"counted":0`)).want(200).
		wantJSON(`{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"COUNT","qty_delta":-7,"on_hand":0,"held":0,"available":0,"short":0,"version":"*"}`, "version")
}

func TestACountBelowWhatIsHeldIsTakenAndShown(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/reserve", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":6}]}`).want(201)
	c.adjust("k-1", adjustment1("COUNT", `"counted":4`)).want(200).
		wantJSON(`{"sku":"SKU-1","warehouse_id":"W1","adjustment_type":"COUNT","qty_delta":-6,"on_hand":4,"held":6,"available":0,"short":2,"version":"*"}`, "version")
	c.call("GET /inventory/SKU-1", "").want(200).
		wantJSON(`{"sku":"SKU-1","on_hand":4,"held":6,"available":0,"short":2,"source":"owner","as_of":"*","warehouses":"*"}`, "as_of", "warehouses")
}

func TestAdjustmentsAreRefusedForTheirReasons(t *testing.T) {
	c := stocked(t, Options{})
	for _, refused := range []struct {
		body   string
		status int
		code   string
		places string
	}{
		{adjustment1("LOSS", `"qty_delta":-11`), 422, "BELOW_ZERO", ""},
		{adjustment1("RECEIPT", `"qty_delta":1000000000`), 422, "TOO_MANY", ""},
		{strings.ReplaceAll(adjustment1("RECEIPT", `"qty_delta":1`), "W1", "W9"), 422, "UNKNOWN_WAREHOUSE", ""},
		{adjustment1("RECEIPT", `"qty_delta":0`), 400, "INVALID", "body.qty_delta"},
		{adjustment1("RECEIPT", `"qty_delta":-9223372036854775808`), 400, "INVALID", "body.qty_delta"},
		{adjustment1("RECEIPT", `"counted":1`), 400, "INVALID", "body.counted body.qty_delta"},
		{adjustment1("RECEIPT", `"counted":1,"qty_delta":1`), 400, "INVALID", "body.counted"},
		{adjustment1("COUNT", `"qty_delta":1`), 400, "INVALID", "body.qty_delta body.counted"},
		{adjustment1("COUNT", `"counted":-1`), 400, "INVALID", "body.counted"},
		{adjustment1("COUNT", `"counted":1000000001`), 400, "INVALID", "body.counted"},
		{adjustment1("COUNT", `"counted":"4"`), 400, "INVALID", "body.counted"},
		{adjustment1("count", `"counted":1`), 400, "INVALID", "body.adjustment_type"},
		{adjustment1("RECEIPT", `"qty_delta":1,"reason":"a\nb","reference":"`+strings.Repeat("x", 513)+`"`), 400, "INVALID", "body.reason body.reference"},
	} {
		if p := c.adjust("k", refused.body).problem(refused.status, refused.code); p.places() != refused.places {
			t.Errorf("%.200s: faults at %s: %v", refused.body, p.places(), p.Errors)
		}
	}
	body := adjustment1("RECEIPT", `"qty_delta":1`)
	p := c.call("POST /inventory/adjust", body, "Idempotency-Key", "a", "Idempotency-Key", "b", "Inventory-Actor", "a b").problem(400, "INVALID")
	if p.places() != "header.Idempotency-Key header.Inventory-Actor" {
		t.Errorf("%v", p.Errors)
	}
}

func TestStockIsReadInAllAndByRegion(t *testing.T) {
	c := stocked(t, Options{})
	c.call("PUT /inventory/warehouses/W2", `{"region":"north","rank":2,"ledgers":2}`).want(200)
	c.receive("W2", "SKU-1", 5)
	all := c.call("GET /inventory/SKU-1", "").want(200)
	if body := string(all.body); !strings.Contains(body, `{"sku":"SKU-1","on_hand":15,"held":0,"available":15,"short":0,"warehouses":[{"warehouse_id":"W1","region":"south","on_hand":10,`) ||
		!strings.Contains(body, `{"warehouse_id":"W2","region":"north","on_hand":5,"held":0,"available":5,"short":0,"version":1}`) {
		t.Errorf("%s", body)
	}
	north := c.call("GET /inventory/SKU-1?region=north", "").want(200)
	if body := string(north.body); !strings.Contains(body, `{"sku":"SKU-1","region":"north","on_hand":5,`) || strings.Contains(body, "W1") {
		t.Errorf("%s", body)
	}
	c.call("GET /inventory/SKU-9", "").problem(404, "UNKNOWN_SKU")
	c.call("GET /inventory/SKU-1?region=mars", "").problem(422, "UNKNOWN_REGION")
}

func TestWarehousesAreAddedAndListed(t *testing.T) {
	c := stocked(t, Options{})
	c.call("PUT /inventory/warehouses/W0", `{"region":"north","rank":0,"ledgers":3}`).want(200).wantJSON(`{"warehouse_id":"W0","region":"north","rank":0,"ledgers":3}`)
	c.call("PUT /inventory/warehouses/W0", `{"region":"north","rank":5}`).want(200).wantJSON(`{"warehouse_id":"W0","region":"north","rank":5,"ledgers":3}`)
	c.call("PUT /inventory/warehouses/W0", `{"region":"south","rank":5}`).problem(409, "WAREHOUSE_FIXED")
	c.call("PUT /inventory/warehouses/W0", `{"region":"north","rank":5,"ledgers":1}`).problem(409, "WAREHOUSE_FIXED")
	c.call("GET /inventory/warehouses", "").want(200).
		wantJSON(`{"warehouses":[{"warehouse_id":"W1","region":"south","rank":1,"ledgers":1},{"warehouse_id":"W0","region":"north","rank":5,"ledgers":3}]}`)
}

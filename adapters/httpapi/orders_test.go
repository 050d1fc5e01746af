package httpapi

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
)

func order1(status, more string) string {
	return fmt.Sprintf(`{"reservation_id":%q,"order_id":"o-1","status":%q,"items":[{"sku":"SKU-1","warehouse_id":"W1","quantity":2,"status":%q}]%s}`,
		reservationOf("o-1"), status, status, more)
}

// wrote1 is order1 as the answer to a write.
func wrote1(status, more string) string {
	return strings.Replace(order1(status, more), `"quantity":2`, `"quantity":2,"version":1`, 1)
}

// anyVersion makes the versions in a body 1.
func (g got) anyVersion() got {
	g.body = regexp.MustCompile(`"version":[1-9]\d*`).ReplaceAll(g.body, []byte(`"version":1`))
	return g
}

const reserve1 = `{"order_id":"o-1","ttl_seconds":60,"items":[{"sku":"SKU-1","quantity":1},{"sku":"SKU-1","quantity":1}]}`

func TestAnOrderIsHeldReadAndPicked(t *testing.T) {
	c := stocked(t, Options{})
	first := c.call("POST /inventory/reserve", reserve1).want(201)
	first.anyVersion().wantJSON(wrote1("HELD", `,"expires_at":"*"`), "expires_at")
	if at := first.header.Get("Location"); at != "/inventory/reservations/"+reservationOf("o-1") {
		t.Errorf("Location %q", at)
	}
	if again := c.call("POST /inventory/reserve", reserve1).want(200); string(again.body) != string(first.body) {
		t.Errorf("%s: expected %s, found %s", again.call, first.body, again.body)
	}
	for _, read := range []string{"GET " + first.header.Get("Location"), "GET /inventory/orders/o-1"} {
		c.call(read, "").want(200).wantJSON(order1("HELD", `,"expires_at":"*","as_of":"*"`), "expires_at", "as_of")
	}
	c.call("POST /inventory/confirm", `{"reservation_id":"`+reservationOf("o-1")+`","warehouse_id":"W1","items":[{"sku":"SKU-1","quantity":2}]}`).want(200).anyVersion().
		wantJSON(strings.Replace(wrote1("CONFIRMED", `,"expires_at":"*"`), `"quantity":2`, `"quantity":2,"picked":2`, 1), "expires_at")
	c.call("POST /inventory/confirm", `{"order_id":"o-1"}`).want(200)
	c.call("GET /inventory/SKU-1", "").want(200).wantJSON(`{"sku":"SKU-1","on_hand":8,"held":0,"available":8,"short":0,"source":"owner","as_of":"*","warehouses":"*"}`, "as_of", "warehouses")
}

func TestAnOrderIsReleasedForItsReason(t *testing.T) {
	c := stocked(t, Options{})
	for order, reason := range map[string]string{"o-1": "", "o-2": "PAYMENT_FAILED", "o-3": "OPERATOR", "o-4": "ORDER_CANCELLED"} {
		c.call("POST /inventory/reserve", strings.ReplaceAll(reserve1, "o-1", order)).want(201)
		given, expected := fmt.Sprintf(`,"reason":%q`, reason), reason
		if reason == "" {
			given, expected = `,"reason":null`, "ORDER_CANCELLED"
		}
		for range 2 {
			got := c.call("POST /inventory/release", fmt.Sprintf(`{"order_id":%q%s}`, order, given)).want(200)
			if !strings.Contains(string(got.body), `"status":"RELEASED","reason":"`+expected+`"`) {
				t.Errorf("%s", got.body)
			}
		}
	}
	c.call("POST /inventory/reserve", reserve1).want(200)
}

func TestWhatIsNotEnoughIsSaidLineByLine(t *testing.T) {
	c := stocked(t, Options{})
	p := c.call("POST /inventory/reserve",
		`{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":11},{"sku":"SKU-2","quantity":3,"warehouse_id":"W1"},{"sku":"SKU-1","quantity":1,"warehouse_id":"W1"}]}`).
		problem(409, "INSUFFICIENT_STOCK")
	found := fmt.Sprint(p.Shortages)
	if len(p.Shortages) != 2 || !strings.Contains(found, "{SKU-2 W1 3 0}") || !strings.Contains(found, "{SKU-1  11 9}") {
		t.Errorf("%s", found)
	}
	c.call("GET /inventory/orders/o-1", "").problem(404, "UNKNOWN_ORDER")
	c.call("POST /inventory/reserve", reserve1).want(201)
}

func TestOrdersAreRefusedForTheirReasons(t *testing.T) {
	in := begin(t, memory.New())
	c := serve(t, in, Options{})
	c.call("PUT /inventory/warehouses/W1", `{"region":"south","rank":1}`).want(200)
	c.receive("W1", "SKU-1", 10)
	c.call("POST /inventory/reserve", reserve1).want(201)
	c.call("POST /inventory/release", `{"order_id":"never"}`).problem(404, "UNKNOWN_ORDER")
	c.call("POST /inventory/reserve", `{"order_id":"never","items":[{"sku":"SKU-1","quantity":3}]}`).want(200).
		wantJSON(`{"reservation_id":"` + reservationOf("never") + `","order_id":"never","status":"RELEASED","reason":"ORDER_CANCELLED","items":[]}`)
	final := app.ReserveRequest{OrderID: "rejected", Items: []app.ReserveItem{{SKU: "SKU-9", Quantity: 1}}, Final: true, Source: "test"}
	if _, err := in.Reserve(t.Context(), final); err != nil {
		t.Log(err) // the order is rejected, which is what is wanted
	}
	for _, refused := range []struct {
		call, body string
		status     int
		code       string
	}{
		{"POST /inventory/reserve", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":3}]}`, 422, "ORDER_MISMATCH"},
		{"POST /inventory/reserve", `{"order_id":"rejected","items":[{"sku":"SKU-9","quantity":1}]}`, 409, "REJECTED"},
		{"POST /inventory/reserve", `{"order_id":"o-2","region":"mars","items":[{"sku":"SKU-1","quantity":3}]}`, 422, "UNKNOWN_REGION"},
		{"POST /inventory/reserve", `{"order_id":"o-2","items":[{"sku":"SKU-1","quantity":3,"warehouse_id":"W9"}]}`, 422, "UNKNOWN_WAREHOUSE"},
		{"POST /inventory/release", `{"reservation_id":"` + reservationOf("o-9") + `"}`, 404, "UNKNOWN_ORDER"},
		{"POST /inventory/release", `{"order_id":"o-1","reservation_id":"` + reservationOf("o-9") + `"}`, 400, "INVALID"},
		{"POST /inventory/confirm", `{"order_id":"o-9"}`, 404, "UNKNOWN_ORDER"},
		{"POST /inventory/confirm", `{"order_id":"rejected"}`, 409, "NOT_HELD"},
		{"POST /inventory/confirm", `{"order_id":"o-1","items":[{"sku":"SKU-1","quantity":9}]}`, 422, "OVER_PICK"},
		{"POST /inventory/confirm", `{"order_id":"o-1","warehouse_id":"W9"}`, 422, "OVER_PICK"},
		{"POST /inventory/extend", `{"order_id":"o-9","ttl_seconds":60}`, 404, "UNKNOWN_ORDER"},
		{"POST /inventory/extend", `{"order_id":"rejected","ttl_seconds":60}`, 409, "HOLD_ENDED"},
		{"GET /inventory/reservations/" + reservationOf("o-9"), "", 404, "UNKNOWN_ORDER"},
		{"GET /inventory/reservations/o-1", "", 400, "INVALID"},
		{"GET /inventory/orders/a%20b", "", 400, "INVALID"},
	} {
		until(t, func() error {
			got := c.call(refused.call, refused.body)
			if got.status == 503 || refused.code == "REJECTED" && got.status == 409 && strings.Contains(string(got.body), `"code":"INSUFFICIENT_STOCK"`) {
				return fmt.Errorf("%s", got.body)
			}
			got.problem(refused.status, refused.code)
			return nil
		})
	}
	if len(c.troubles) > 0 {
		t.Errorf("told as trouble: %v", c.troubles)
	}
}

func TestALatePickTakesWhatIsLeftOrSaysWhatIsMissing(t *testing.T) {
	c := stocked(t, Options{})
	c.call("POST /inventory/reserve", reserve1).want(201)
	c.call("POST /inventory/release", `{"order_id":"o-1"}`).want(200)
	c.call("POST /inventory/reserve", `{"order_id":"o-2","items":[{"sku":"SKU-1","quantity":9}]}`).want(201)
	p := c.call("POST /inventory/confirm", `{"order_id":"o-1"}`).problem(409, "SHORTAGE")
	if fmt.Sprint(p.Shortages) != "[{SKU-1 W1 2 1}]" {
		t.Errorf("%v", p.Shortages)
	}
	c.receive("W1", "SKU-1", 1)
	got := c.call("POST /inventory/confirm", `{"order_id":"o-1"}`).want(200)
	if !strings.Contains(string(got.body), `"status":"CONFIRMED"`) || !strings.Contains(string(got.body), `"late":true`) {
		t.Errorf("%s", got.body)
	}
}

func TestOneOfTwentyCallersGetsTheLastUnit(t *testing.T) {
	c := stocked(t, Options{})
	c.receive("W1", "LAST", 1)
	var won, lost atomic.Int64
	var callers sync.WaitGroup
	for n := range 20 {
		callers.Go(func() {
			got := c.call("POST /inventory/reserve", fmt.Sprintf(`{"order_id":"order-%d","items":[{"sku":"LAST","quantity":1}]}`, n))
			switch {
			case got.status == 201:
				won.Add(1)
			case got.status == 409 && strings.Contains(string(got.body), `"shortages":[{"sku":"LAST","requested":1,"available":0}]`):
				lost.Add(1)
			default:
				t.Errorf("%d: %d %s", n, got.status, got.body)
			}
		})
	}
	callers.Wait()
	if won.Load() != 1 || lost.Load() != 19 {
		t.Errorf("%d won and %d lost, expected 1 and 19", won.Load(), lost.Load())
	}
}

func TestManyLinesAreHeldAndMoreAreRefused(t *testing.T) {
	c := stocked(t, Options{})
	lines := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(`{"sku":"S%d","quantity":1}`, i))
		}
		return `{"order_id":"o","items":[` + strings.Join(all, ",") + `]}`
	}
	c.call("POST /inventory/reserve", lines(100)).problem(409, "INSUFFICIENT_STOCK")
	if p := c.call("POST /inventory/reserve", lines(101)).problem(400, "INVALID"); p.places() != "body.items" {
		t.Errorf("%v", p.Errors)
	}
	if p := c.call("POST /inventory/reserve", lines(1001)).problem(400, "INVALID"); p.places() != "body.items" {
		t.Errorf("%v", p.Errors)
	}
	twice := fmt.Sprintf(`{"order_id":"o","items":[{"sku":"A","quantity":%d},{"sku":"A","quantity":1}]}`, stock.MaxQuantity)
	if p := c.call("POST /inventory/reserve", twice).problem(400, "INVALID"); p.places() != "body.items" {
		t.Errorf("%v", p.Errors)
	}
}

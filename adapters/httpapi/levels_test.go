package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"inventory/app"
)

// versionOf reads the version of SKU-1 in W1.
func (c *client) versionOf() int64 {
	c.t.Helper()
	var s stockLevel
	if err := json.Unmarshal(c.call("GET /inventory/SKU-1", "").want(200).body, &s); err != nil {
		c.t.Fatal(err)
	}
	return s.Warehouses[0].Version
}

func TestManySKUsAreAnsweredInTheOrderOfTheQuestion(t *testing.T) {
	c := stocked(t, Options{})
	c.call("PUT /inventory/warehouses/W2", `{"region":"north","rank":2}`).want(200)
	c.receive("W2", "SKU-2", 5)
	for body, want := range map[string]string{
		`{"items":[{"sku":"SKU-2"},{"sku":"never"},{"sku":"SKU-1","min_versions":["W1:1"]}]}`: "SKU-2 200 W2:5, never 404 UNKNOWN_SKU, SKU-1 200 W1:10",
		`{"items":[{"sku":"SKU-2"},{"sku":"SKU-1"}],"region":"north","warehouse_ids":null}`:   "SKU-2 200 W2:5, SKU-1 404 UNKNOWN_SKU",
		`{"items":[{"sku":"SKU-2"},{"sku":"SKU-1"}],"warehouse_ids":["W2","W1"]}`:             "SKU-2 200 W2:5, SKU-1 200 W1:10",
	} {
		answer := c.call("POST /inventory/query", body).want(200)
		var list stockList
		if err := json.Unmarshal(answer.body, &list); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, r := range list.Items {
			line := fmt.Sprint(r.SKU, " ", r.Status)
			if r.Problem != nil {
				line += " " + r.Problem.Code
				if r.Problem.RequestID != answer.header.Get("X-Request-Id") {
					t.Errorf("a problem of another request: %s", answer.body)
				}
			} else {
				line += fmt.Sprintf(" %s:%d", r.Stock.Warehouses[0].WarehouseID, r.Stock.OnHand)
			}
			all = append(all, line)
		}
		if found := strings.Join(all, ", "); found != want {
			t.Errorf("%s:\nexpected %s\n   found %s", body, want, found)
		}
	}
}

// One SKU is answered the same, by itself and among many.
func TestASKUIsAnsweredTheSameByItself(t *testing.T) {
	c := stocked(t, Options{})
	var alone stockLevel
	var many stockList
	for into, got := range map[any]got{
		&alone: c.call("GET /inventory/SKU-1?region=south", "").want(200),
		&many:  c.call("POST /inventory/query", `{"items":[{"sku":"SKU-1"}],"region":"south"}`).want(200),
	} {
		if err := json.Unmarshal(got.body, into); err != nil {
			t.Fatal(err)
		}
	}
	many.Items[0].Stock.AsOf = alone.AsOf
	if a, b := fmt.Sprint(alone), fmt.Sprint(*many.Items[0].Stock); a != b {
		t.Errorf("by itself %s, among many %s", a, b)
	}
}

func TestABadQueryIsToldWhereAndWhat(t *testing.T) {
	c := stocked(t, Options{})
	many := make([]string, app.MaxStockItems+1)
	for n := range many {
		many[n] = fmt.Sprintf(`{"sku":"S%d"}`, n)
	}
	for _, bad := range []struct{ body, places, says string }{
		{`{"items":[]}`, "body", "expected 1 to 500, found 0"},
		{`{"items":[` + strings.Join(many, ",") + `]}`, "body", "expected 1 to 500, found 501"},
		{`{"items":[{"sku":"A"},{"sku":"B"},{"sku":"A"}]}`, "body", "sku A: item 0 has it, too"},
		{`{"items":[{"sku":"bulk"},{"sku":"B","min_versions":["W1"]},{"SKU":"C"}]}`, "body.items[2].SKU body.items[2].sku body.items[0].sku body.items[1].min_versions", "reserved"},
		{`{"items":[{"sku":"A","min_versions":["W1:1","W1:2"]}]}`, "body", "expected one for each warehouse"},
		{`{"items":[{"sku":"A"}],"region":"north","warehouse_ids":["W1"]}`, "body", "region beside warehouses"},
		{`{"items":[{"sku":"A"}],"region":"-","warehouse_ids":["W1","é"]}`, "body.region body.warehouse_ids[1]", "region"},
		{`{"items":[{"sku":"A"}],"warehouse_ids":["W1","W1"]}`, "body", "given twice"},
		{`{"items":[{"sku":"A","min_versions":["W9:1"]}]}`, "request", "expected one of the warehouses asked about"},
	} {
		p := c.call("POST /inventory/query", bad.body).problem(400, "INVALID")
		if p.places() != bad.places || !strings.Contains(fmt.Sprint(p.Errors), bad.says) {
			t.Errorf("%.100s: %v", bad.body, p.Errors)
		}
	}
	c.call("POST /inventory/query", `{"items":[{"sku":"A"}],"warehouse_ids":["W9"]}`).problem(422, "UNKNOWN_WAREHOUSE")
	c.call("POST /inventory/query", `{"items":[{"sku":"A"}],"region":"mars"}`).problem(422, "UNKNOWN_REGION")
	for query, places := range map[string]string{"min_version=7": "query.min_version", "min_version=W1:1&min_version=W1:2": "request", "min_version=W9:1": "request"} {
		if p := c.call("GET /inventory/SKU-1?"+query, "").problem(400, "INVALID"); p.places() != places {
			t.Errorf("%s: %v", query, p.Errors)
		}
	}
}

func TestAReaderSeesItsOwnWrite(t *testing.T) {
	c := stocked(t, Options{})
	var made adjustment
	if err := json.Unmarshal(c.adjust("k-1", adjustment1("RECEIPT", `"qty_delta":3`)).want(200).body, &made); err != nil {
		t.Fatal(err)
	}
	version := fmt.Sprintf("W1:%d", made.Version)
	c.call("GET /inventory/SKU-1?min_version="+version, "").want(200).
		wantJSON(`{"sku":"SKU-1","on_hand":13,"held":0,"available":13,"short":0,"source":"owner","as_of":"*","warehouses":"*"}`, "as_of", "warehouses")

	p := c.call(fmt.Sprintf("GET /inventory/SKU-1?min_version=W1:%d", made.Version+1), "").problem(503, "STOCK_BEHIND")
	if want := (behind{"SKU-1", "W1", made.Version + 1, made.Version}); p.Behind == nil || *p.Behind != want {
		t.Errorf("behind %+v, expected %+v", p.Behind, want)
	}
	answer := c.call("POST /inventory/query", fmt.Sprintf(`{"items":[{"sku":"SKU-1","min_versions":["W1:%d"]}]}`, made.Version+1)).want(200)
	if body := string(answer.body); !strings.Contains(body, `"status":503`) || !strings.Contains(body, `"code":"STOCK_BEHIND"`) || !strings.Contains(body, `"retry":true`) {
		t.Error(body)
	}
}

// Each write about an order tells a version, with which what it did is seen.
func TestAReaderSeesWhatWasDoneForAnOrder(t *testing.T) {
	c := stocked(t, Options{})
	for _, write := range []struct {
		call, body string
		held       int64
	}{
		{"POST /inventory/reserve", reserve1, 2},
		{"POST /inventory/release", `{"order_id":"o-1"}`, 0},
		{"POST /inventory/reserve", strings.Replace(reserve1, "o-1", "o-2", 1), 2},
		{"POST /inventory/confirm", `{"order_id":"o-2"}`, 0},
	} {
		var o order
		var s stockLevel
		if err := json.Unmarshal(c.call(write.call, write.body).body, &o); err != nil {
			t.Fatal(err)
		}
		read := c.call(fmt.Sprintf("GET /inventory/SKU-1?min_version=W1:%d", o.Items[0].Version), "").want(200)
		if err := json.Unmarshal(read.body, &s); err != nil || s.Held != write.held || s.Warehouses[0].Version != o.Items[0].Version {
			t.Errorf("%s: %+v, and then %s", write.call, o, read.body)
		}
	}
}

func TestAnAnswerThatIsAsItWasIsNotSentAgain(t *testing.T) {
	c := stocked(t, Options{})
	first := c.call("GET /inventory/SKU-1", "").want(200)
	tag := first.header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || first.header.Get("Cache-Control") != "no-cache" {
		t.Fatalf("ETag %s, Cache-Control %s", tag, first.header.Get("Cache-Control"))
	}
	until(t, func() error { // whenever it is read
		if again := c.call("GET /inventory/SKU-1", "").want(200); string(again.body) == string(first.body) {
			return fmt.Errorf("as_of stands still")
		} else if again.header.Get("ETag") != tag {
			t.Errorf("the tag of the same level was %s, and is %s", tag, again.header.Get("ETag"))
		}
		return nil
	})
	strong := strings.TrimPrefix(tag, "W/")
	for _, given := range [][]string{{tag}, {strong}, {"*"}, {" * "}, {`"other", ` + tag}, {`"a,b" ,, ` + strong + ` , W/"z"`}, {`"other"`, tag}} {
		got := c.call("GET /inventory/SKU-1", "", noneMatch(given)...).want(http.StatusNotModified)
		if len(got.body) != 0 || got.header.Get("ETag") != tag || got.header.Get("Cache-Control") != "no-cache" || got.header.Get("Content-Type") != "" || got.header.Get("X-Request-Id") == "" {
			t.Errorf("If-None-Match %q: %v %s", given, got.header, got.body)
		}
	}
	for _, given := range [][]string{{""}, {`"other"`}, {strings.Trim(strong, `"`)}, {strings.ToLower(tag)}, {`w/` + strong}, {`"open` + strong}, {`*, ` + tag}, {tag + " " + tag}} {
		if got := c.call("GET /inventory/SKU-1", "", noneMatch(given)...).want(200); got.header.Get("ETag") != tag || len(got.body) == 0 {
			t.Errorf("If-None-Match %q: %v %s", given, got.header, got.body)
		}
	}
	c.adjust("k-1", adjustment1("RECEIPT", `"qty_delta":1`)).want(200)
	c.adjust("k-2", adjustment1("DAMAGE", `"qty_delta":-1`)).want(200)
	changed := c.call("GET /inventory/SKU-1", "", "If-None-Match", tag).want(200)
	if changed.header.Get("ETag") == tag {
		t.Error("there is as much as before, of another version, and the tag is the same")
	}
	if other := c.call("GET /inventory/SKU-1?region=south", "").want(200); other.header.Get("ETag") == changed.header.Get("ETag") {
		t.Error("other answers have the same tag")
	}
	none := c.call("GET /inventory/SKU-9", "", "If-None-Match", "*")
	none.problem(404, "UNKNOWN_SKU")
	if none.header.Get("ETag") != "" || none.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", none.header)
	}
	late := c.call(fmt.Sprintf("GET /inventory/SKU-1?min_version=W1:%d", c.versionOf()+1), "", "If-None-Match", "*")
	late.problem(503, "STOCK_BEHIND")
}

func noneMatch(fields []string) (headers []string) {
	for _, f := range fields {
		headers = append(headers, "If-None-Match", f)
	}
	return headers
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/audit"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/ports"
)

// requests has a well-formed request to each operation.
var requests = map[string]string{
	"POST /inventory/reserve":                          reserve1,
	"POST /inventory/release":                          `{"order_id":"o-1"}`,
	"POST /inventory/confirm":                          `{"order_id":"o-1"}`,
	"POST /inventory/extend":                           `{"order_id":"o-1","ttl_seconds":60}`,
	"POST /inventory/adjust":                           adjustment1("RECEIPT", `"qty_delta":1`),
	"PUT /inventory/warehouses/W1":                     `{"region":"south","rank":1}`,
	"GET /inventory/warehouses":                        "",
	"PUT /inventory/warehouses/W1/thresholds/SKU-1":    `{"low_mark":4}`,
	"DELETE /inventory/warehouses/W1/thresholds/SKU-1": "",
	"GET /inventory/warehouses/W1/thresholds/SKU-1":    "",
	"GET /inventory/warehouses/W1/thresholds":          "",
	"GET /inventory/SKU-1":                             "",
	"GET /inventory/global":                            "",
	"GET /inventory/global/export":                     "",
	"GET /inventory/reservations/" + someUUID:          "",
	"GET /inventory/orders/o-1":                        "",
	"POST /admin/reconcile":                            "",
	"POST /admin/repair":                               `{"apply":false}`,
	"GET /admin/ledgers":                               "",
	"GET /admin/why?subject=SKU-1":                     "",
	"POST /inventory/query":                            `{"items":[{"sku":"SKU-1"}]}`,

	"GET /admin/dlq/groups":                         "",
	"GET /admin/dlq/letters":                        "",
	"GET /admin/dlq/letters/" + someUUID:            "",
	"GET /admin/dlq/audit":                          "",
	"GET /admin/dlq/export":                         "",
	"POST /admin/dlq/import":                        `{"id":"` + someUUID + `","topic":"order.created.v1"}`,
	"POST /admin/dlq/rehearsal":                     `{"filter":{}}`,
	"POST /admin/dlq/jobs":                          `{"filter":{}}`,
	"GET /admin/dlq/jobs":                           "",
	"GET /admin/dlq/jobs/" + someUUID:               "",
	"GET /admin/dlq/jobs/" + someUUID + "/report":   "",
	"POST /admin/dlq/jobs/" + someUUID + "/cancel":  `{}`,
	"POST /admin/dlq/discard":                       `{"filter":{},"reason":"r"}`,
	"POST /admin/dlq/restore":                       `{"filter":{}}`,
	"POST /admin/dlq/letters/" + someUUID + "/edit": `{"event":{}}`,
}

const someUUID = "0b51ac5b-3a3a-5b8e-8d0a-4f4f5a1c7f10"

func (c *client) request(call string) got {
	c.t.Helper()
	headers := []string{"Content-Type", "application/json"}
	if call == "POST /admin/dlq/import" {
		headers[1] = linesType
	}
	body := requests[call]
	if body != "" && headers[1] == jsonType {
		headers = nil
	}
	switch {
	case call == "POST /inventory/adjust":
		headers = append(headers, "Idempotency-Key", "k", "Inventory-Actor", "a")
	case strings.HasPrefix(call, "POST /admin/"), strings.Contains(call, "/thresholds/"):
		headers = append(headers, "Inventory-Actor", "a")
	}
	return c.call(call, body, headers...)
}

func TestEveryDocumentedRefusalIsAnsweredAsDocumented(t *testing.T) {
	c := serve(t, failing{}, Options{})
	for call := range requests {
		method, path, _ := strings.Cut(call, " ")
		op := c.operation(c.routeOf(method, path))
		for _, err := range append(slices.Clone(op.refusals), owner.ErrNotOwner, ports.ErrTransient, errors.New("odd")) {
			f := app.FailureOf(err)
			c.fail(failing{err: fmt.Errorf("use case: %w", err)})
			c.request(call).problem(StatusOf(f.Kind), f.Code)
		}
	}
}

// fail has all use cases fail.
func (c *client) fail(f failing) {
	c.api.in, c.api.options.Letters, c.api.options.Totals = f, f, f
}

// routeOf finds the route of a request.
func (c *client) routeOf(method, path string) string {
	_, pattern := c.api.mux.Handler(httptest.NewRequest(method, path, nil))
	return pattern
}

func TestWhatIsBrokenIsToldToThoseWhoRunTheServiceOnly(t *testing.T) {
	secret := "dial tcp 10.1.2.3:9042: password=hunter2"
	c := serve(t, failing{}, Options{})
	for class, code := range map[error]string{
		ports.ErrPermanent: "STORE_REFUSED", ports.ErrTransient: "UNAVAILABLE", ports.ErrUnknown: "STORE_UNKNOWN", ports.ErrConflict: "STORE_CONFLICT",
		ledger.ErrCorrupt: "CORRUPT", owner.ErrDefect: "DEFECT", errors.New("odd"): "INTERNAL",
	} {
		for call := range requests {
			c.fail(failing{err: fmt.Errorf("%w: %s", class, secret)})
			c.troubles = nil
			got := c.request(call)
			if p := got.problem(got.status, code); strings.Contains(string(got.body), "hunter2") || got.status < 500 {
				t.Errorf("%s: %v", call, p)
			}
			if len(c.troubles) != 1 || !strings.Contains(c.troubles[0].Err.Error(), secret) || c.troubles[0].RequestID != got.header.Get("X-Request-Id") || c.troubles[0].Route == "" {
				t.Errorf("%s: told %v", call, c.troubles)
			}
		}
	}
}

func TestAPanicIsAnsweredAndToldWithItsStack(t *testing.T) {
	broken := failing{do: func(context.Context) { panic("at the disco") }}
	c := serve(t, broken, Options{Letters: broken, Totals: broken})
	for call := range requests {
		c.troubles = nil
		got := c.request(call)
		got.problem(500, "INTERNAL")
		if len(c.troubles) != 1 || !strings.HasPrefix(c.troubles[0].Err.Error(), "panic: ") || !strings.Contains(string(c.troubles[0].Stack), "httpapi") {
			t.Errorf("%s: told %v", call, c.troubles)
		}
	}
}

func TestAProcessThatReachesNoOwnerRefusesAndReads(t *testing.T) {
	store := memory.New()
	c := serve(t, begin(t, store), Options{})
	c.call("PUT /inventory/warehouses/W1", `{"region":"south","rank":1}`).want(200)
	c.receive("W1", "SKU-1", 10)
	c.call("POST /inventory/reserve", `{"order_id":"o-2","items":[{"sku":"SKU-1","quantity":1}]}`).want(201)
	cfg := app.DefaultConfig()
	cfg.Owner.Owner, cfg.Member.Patience = "lonely", time.Millisecond
	apart, err := app.New(t.Context(), cfg, store, app.Outside{Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID})
	if err != nil {
		t.Fatal(err)
	}
	lonely := serve(t, apart, Options{Checks: []Check{{"ledgers", apart.Ready}}})
	for _, call := range []string{"POST /inventory/reserve", "POST /inventory/release", "POST /inventory/confirm", "POST /inventory/extend", "POST /inventory/adjust", "GET /inventory/orders/o-1", "GET /admin/why?subject=o-1"} {
		lonely.request(call).problem(503, "NOT_OWNER")
	}
	lonely.call("GET /admin/ledgers?here=true", "").want(200).wantJSON(`{"ledgers":[]}`)
	if all, _ := lonely.ledgers("/admin/ledgers"); all["stock/W1/0"].Owner != "" || ownersOf(all)[""] != 5 {
		t.Errorf("it knows of no owner, and lists %v", all)
	}
	lonely.call("GET /readyz", "").want(503)
	for read, says := range map[string]string{"GET /inventory/SKU-1": `"on_hand":10`, "GET /inventory/orders/o-2": `"status":"HELD"`} {
		until(t, func() error {
			if got := lonely.call(read, ""); got.status != 200 || !strings.Contains(string(got.body), says) || !strings.Contains(string(got.body), "as_of") {
				return fmt.Errorf("%s", got.body)
			}
			return nil
		})
	}
	if len(lonely.troubles) > 0 {
		t.Errorf("told as trouble: %v", lonely.troubles)
	}
}

func TestThereIsNoOtherPathOrMethod(t *testing.T) {
	c := stocked(t, Options{})
	for _, call := range []string{
		"GET /inventory", "GET /inventory/", "GET /nothing", "POST /inventory//reserve", "GET /inventory/../livez", "GET /metrics", "GET /docs",
		"GET /openapi-3.0.json", "GET /schemas/Order", "GET /inventory/orders/", "GET /inventory/orders/a/b", "PUT /inventory/warehouses/",
	} {
		got := c.call(call, "")
		if p := got.problem(404, "UNKNOWN_PATH"); p.Hint == "" || got.header.Get("Location") != "" {
			t.Errorf("%s: hint %q, Location %q", call, p.Hint, got.header.Get("Location"))
		}
	}
	for call, allow := range map[string]string{
		"GET /inventory/reserve/x": "", "DELETE /inventory/reserve": "GET, HEAD, POST", "POST /livez": "GET, HEAD",
		"OPTIONS /inventory/warehouses/W1": "PUT", "DELETE /inventory/SKU-1": "GET, HEAD", "PATCH /": "GET, HEAD",
	} {
		if allow == "" {
			c.call(call, "").problem(404, "UNKNOWN_PATH")
			continue
		}
		got := c.call(call, "")
		got.problem(405, "METHOD_NOT_ALLOWED")
		if got.header.Get("Allow") != allow {
			t.Errorf("%s: Allow %q, expected %q", call, got.header.Get("Allow"), allow)
		}
	}
	c.call("GET /inventory/reserve", "").problem(404, "UNKNOWN_SKU")
	c.call("HEAD /inventory/SKU-1", "").want(200)
}

func TestObserversSeeRoutesAndNeverASKUOrAnOrder(t *testing.T) {
	c := stocked(t, Options{Metrics: http.NotFoundHandler()})
	c.observed = nil
	c.call("GET /inventory/SKU-1", "")
	c.call("GET /inventory/orders/o-1", "")
	c.call("GET /inventory/SKU-1/x", "")
	c.call("GET /metrics", "")
	c.call("GET /", "").want(200)
	expected := "[GET /inventory/{sku} 200 GET /inventory/orders/{order_id} 404 unmatched 404 GET /metrics 404 GET /{$} 200]"
	if found := fmt.Sprint(c.observed); found != expected {
		t.Errorf("expected %s, found %s", expected, found)
	}
}

func TestTheFirstPageListsWhatThereIs(t *testing.T) {
	c := serve(t, failing{}, Options{Metrics: http.NotFoundHandler()})
	page := string(c.call("GET /", "").want(200).body)
	for _, op := range c.api.operations {
		if !strings.Contains(page, op.route+" ") {
			t.Errorf("no %s in\n%s", op.route, page)
		}
	}
	if !strings.Contains(page, "GET /metrics\n") {
		t.Error(page)
	}
}

func TestHealthNamesWhatIsWrong(t *testing.T) {
	bad := errors.New("broker-1 does not answer")
	well := func(context.Context) error { return nil }
	c := serve(t, failing{}, Options{Checks: []Check{{"ledgers", well}, {"kafka", func(context.Context) error { return bad }}, {"odd", func(context.Context) error { panic("at the disco") }}}})
	got := c.call("GET /readyz", "").want(503)
	got.wantJSON(`{"ready":false,"checks":[{"name":"ledgers","ok":true},{"name":"kafka","ok":false,"error":"broker-1 does not answer"},{"name":"odd","ok":false,"error":"panic: at the disco"}]}`)
	if got.header.Get("Retry-After") != "1" {
		t.Error("no Retry-After")
	}
	serve(t, failing{}, Options{Checks: []Check{{"ledgers", well}}}).call("GET /readyz", "").want(200).wantJSON(`{"ready":true,"checks":[{"name":"ledgers","ok":true}]}`)
	serve(t, failing{}, Options{}).call("GET /livez", "").want(200).wantJSON(`{"alive":true}`)
}

func TestThoseWhoRunTheServiceSeeItsLedgersAndReconcile(t *testing.T) {
	c := stocked(t, Options{})
	ledgers := c.call("GET /admin/ledgers", "").want(200)
	if body := string(ledgers.body); !strings.Contains(body, `{"ledger":"stock/W1/0","owner":"inventory-0","epoch":1,"version":1,`) {
		t.Error(body)
	}
	until(t, func() error {
		got := c.call("POST /admin/reconcile", "").want(200)
		if !strings.Contains(string(got.body), `"skus":1,"events":1,`) {
			return fmt.Errorf("%s", got.body)
		}
		return nil
	})
	told := newReconciliation(app.Reconciliation{Report: audit.Report{Differences: []app.Difference{{Kind: "events", Ledger: "stock/W1/0", Subject: "sku A", What: "held", Journal: "1", Found: "2"}}}})
	if fmt.Sprint(told.Differences) != "[{events stock/W1/0 sku A held 1 2}]" {
		t.Errorf("%v", told)
	}
}

func TestARequestKeepsItsIDAndItsTrace(t *testing.T) {
	valid := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	asked := &capture{}
	api := serve(t, asked, Options{})
	for _, trace := range []string{
		valid, strings.ToUpper(valid), strings.Replace(valid, "00-", "ff-", 1), valid + "-x", "00-" + noTrace + valid[35:], valid[:36] + noSpan + "-01", "", "x",
	} {
		got := api.call("POST /inventory/reserve", reserve1, "traceparent", trace, "X-Request-Id", "mine-1")
		if got.header.Get("X-Request-Id") != "mine-1" {
			t.Errorf("X-Request-Id %q", got.header.Get("X-Request-Id"))
		}
		if expected := map[bool]string{true: valid}[trace == valid]; asked.reserve.Trace != expected || asked.reserve.Source != "http" {
			t.Errorf("traceparent %q was taken as %q", trace, asked.reserve.Trace)
		}
		first := api.call("GET /livez", "", "X-Request-Id", "a b").header.Get("X-Request-Id")
		if second := api.call("GET /livez", "").header.Get("X-Request-Id"); first == second || len(first) < 20 || len(second) < 20 {
			t.Errorf("ids %q and %q", first, second)
		}
	}
}

// capture remembers what a use case was asked.
type capture struct {
	failing
	reserve app.ReserveRequest
}

func (c *capture) Reserve(_ context.Context, r app.ReserveRequest) (app.Reservation, error) {
	c.reserve = r
	return app.Reservation{}, owner.ErrOverloaded
}

func TestARequestHasADeadline(t *testing.T) {
	bound := func(o Options) (times map[string]time.Duration) {
		times = map[string]time.Duration{}
		for _, call := range []string{"POST /inventory/reserve", "POST /admin/reconcile"} {
			c := serve(t, failing{err: owner.ErrUnsettled, do: func(ctx context.Context) {
				at, _ := ctx.Deadline()
				times[call] = time.Until(at).Round(time.Second)
			}}, o)
			c.request(call).problem(503, "UNSETTLED")
		}
		return times
	}
	if found := fmt.Sprint(bound(Options{})); found != "map[POST /admin/reconcile:5m0s POST /inventory/reserve:10s]" {
		t.Error(found)
	}
	if found := fmt.Sprint(bound(Options{Timeout: time.Minute, ReconcileTimeout: time.Hour})); found != "map[POST /admin/reconcile:1h0m0s POST /inventory/reserve:1m0s]" {
		t.Error(found)
	}
}

func TestOptionsThatMakeNoSenseAreAllNamed(t *testing.T) {
	_, err := New(failing{}, Options{Timeout: -1, MaxBody: -1, Checks: []Check{{"", nil}}})
	for _, part := range []string{"Log", "Scans", "-1ns", "MaxBody -1", `check ""`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %s in %v", part, err)
		}
	}
}

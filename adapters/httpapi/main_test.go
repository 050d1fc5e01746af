package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/fleet"
	appglobal "inventory/app/global"
	"inventory/app/scan"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

var update = flag.Bool("update", false, "write the OpenAPI document again")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && wholeRun() {
		code = seen.unlike()
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// wholeRun tells whether all tests of the package ran.
func wholeRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if flag.Lookup(name).Value.String() != "" {
			return false
		}
	}
	return true
}

// silent is an observer of a test that looks at answers only.
type silent struct{}

func (silent) Observe(ports.Event) {}

// begin runs a process of the service on a store until the test ends, and waits until it
// owns the ledgers.
func begin(t testing.TB, store app.Store) *app.Inventory {
	t.Helper()
	return beginWith(t, store, nil, fleet.Config{Name: "inventory-0"})
}

// beginWith runs a process as a member of a fleet, until the test ends, and waits until it is
// ready.
func beginWith(t testing.TB, store app.Store, wire ports.Wire, member fleet.Config) *app.Inventory {
	t.Helper()
	cfg := app.DefaultConfig()
	member.Patience = cfg.Member.Patience
	cfg.Member = member
	cfg.Owner.Owner = system.NewUUID().String()
	cfg.Owner.Lease = 200 * time.Millisecond
	in, err := app.New(t.Context(), cfg, store, app.Outside{Publisher: &memory.Publisher{}, Clock: system.Clock{}, Observer: silent{}, CommitID: system.NewUUID, Wire: wire})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); running.Wait() })
	until(t, func() error { return in.Ready(t.Context()) })
	return in
}

// until tries again until there is no error.
func until(t testing.TB, try func() error) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

// client is a test's client of an API.
type client struct {
	t    testing.TB
	api  *API
	path string // behind that of a bulk

	mu       sync.Mutex
	troubles []Trouble
	observed []string
}

// serve makes an API of in; its options are those of a test where they are not given.
func serve(t testing.TB, in UseCases, o Options) *client {
	t.Helper()
	c := &client{t: t}
	if o.Log == nil {
		o.Log = func(trouble Trouble) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.troubles = append(c.troubles, trouble)
		}
	}
	if o.Scans == nil {
		o.Scans = newRoom()
	}
	if o.Letters == nil {
		o.Letters = newDesk()
	}
	if o.Totals == nil {
		o.Totals = appglobal.NewReader(memory.New())
	}
	o.Observe = func(route string, status int, _ time.Duration) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.observed = append(c.observed, fmt.Sprint(route, " ", status))
		seen.note(route, status)
	}
	var err error
	if c.api, err = New(in, o); err != nil {
		t.Fatal(err)
	}
	return c
}

// newRoom is what a process's scans share.
func newRoom() *scan.Room { return scan.NewRoom(scan.DefaultConfig(), system.Clock{}, app.Retryable) }

// stocked serves an inventory with 10 of SKU-1 in warehouse W1 of region south.
func stocked(t testing.TB, o Options) *client {
	t.Helper()
	c := serve(t, begin(t, memory.New()), o)
	c.call("PUT /inventory/warehouses/W1", `{"region":"south","rank":1}`).want(200)
	c.receive("W1", "SKU-1", 10)
	return c
}

// receive brings units in. The warehouse's ledger may have to be opened first.
func (c *client) receive(warehouse, sku string, n int) {
	c.t.Helper()
	body := fmt.Sprintf(`{"sku":%q,"warehouse_id":%q,"adjustment_type":"RECEIPT","qty_delta":%d}`, sku, warehouse, n)
	key := system.NewUUID().String()
	until(c.t, func() error {
		got := c.call("POST /inventory/adjust", body, "Idempotency-Key", key, "Inventory-Actor", "test")
		if got.status == http.StatusServiceUnavailable {
			return fmt.Errorf("%s", got.body)
		}
		got.want(200)
		return nil
	})
}

// got is an answer.
type got struct {
	t      testing.TB
	call   string
	status int
	header http.Header
	body   []byte
}

// call sends a request, such as "GET /livez"; headers are names and values in turn, an
// empty value takes a header away.
func (c *client) call(what, body string, headers ...string) got {
	c.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Content-Type" && headers[i+1] == linesType {
			r.Header.Del("Content-Type")
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	return c.send(r)
}

func (c *client) send(r *http.Request) got {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r)
	answer := w.Result()
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return got{c.t, r.Method + " " + r.URL.Path, answer.StatusCode, answer.Header, body}
}

// want fails the test where the status is another.
func (g got) want(status int) got {
	g.t.Helper()
	if g.status != status {
		g.t.Fatalf("%s: expected %d, found %d: %s", g.call, status, g.status, g.body)
	}
	return g
}

// problem reads the answer as one, and checks what is true of every problem.
func (g got) problem(status int, code string) problem {
	g.t.Helper()
	g.want(status)
	var p problem
	strict := json.NewDecoder(bytes.NewReader(g.body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&p); err != nil {
		g.t.Fatalf("%s: %v: %s", g.call, err, g.body)
	}
	if p.Code != code {
		g.t.Fatalf("%s: expected %s, found %s", g.call, code, g.body)
	}
	if media := g.header.Get("Content-Type"); media != "application/problem+json" {
		g.t.Errorf("%s: Content-Type %q", g.call, media)
	}
	if p.Type != "urn:inventory:problem:"+code || p.Status != status || p.Title == "" || p.Detail == "" || p.RequestID != g.header.Get("X-Request-Id") {
		g.t.Errorf("%s: %s", g.call, g.body)
	}
	if again := g.header.Get("Retry-After") == "1"; again != p.Retry || again != (status == 503) {
		g.t.Errorf("%s: Retry-After %q, retry %t", g.call, g.header.Get("Retry-After"), p.Retry)
	}
	return p
}

// places lists where the faults of a problem are.
func (p problem) places() string {
	var all []string
	for _, f := range p.Errors {
		all = append(all, f.Location)
	}
	return strings.Join(all, " ")
}

// wantJSON compares the body, in which the values of volatile keys are replaced by "*".
func (g got) wantJSON(expected string, volatile ...string) {
	g.t.Helper()
	var body map[string]any
	if err := json.Unmarshal(g.body, &body); err != nil {
		g.t.Fatalf("%s: %v: %s", g.call, err, g.body)
	}
	for _, key := range volatile {
		if body[key] == nil {
			g.t.Errorf("%s: no %s in %s", g.call, key, g.body)
		}
		body[key] = "*"
	}
	found, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(expected), &want); err != nil {
		g.t.Fatal(err)
	}
	sorted, err := json.Marshal(want)
	if err != nil {
		g.t.Fatal(err)
	}
	if !bytes.Equal(found, sorted) {
		g.t.Errorf("%s:\nexpected %s\n   found %s", g.call, sorted, found)
	}
	if media := g.header.Get("Content-Type"); media != "application/json" {
		g.t.Errorf("%s: Content-Type %q", g.call, media)
	}
}

func reservationOf(orderID string) string { return reservation.IDOf(stock.OrderID(orderID)).String() }

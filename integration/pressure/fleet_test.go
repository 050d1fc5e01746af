package pressure

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"inventory/integration/service"
	"inventory/integration/stack"
)

const (
	warehouses = 12
	theSKU     = "A"
	filled     = 1_000_000 // units in each warehouse
)

// fleet is processes over twelve warehouses, on a Cassandra of their own.
type fleet struct {
	t         *testing.T
	tables    *stack.Stack
	site      *service.Site
	processes []*service.Process
}

func startFleet(t *testing.T, processes int, flags ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, tables: suite.StartStack(t, stack.Cassandra)}
	f.site = suite.OnServers(t, f.tables, suite.Stack(t), flags...).AsDelivered()
	t.Cleanup(f.resume) // the keyspace is dropped after it
	for n := range processes {
		at := f.site
		if n > 0 {
			at = f.site.Beside()
		}
		f.processes = append(f.processes, at.Launch())
	}
	for n := range warehouses {
		f.ask(http.MethodPut, "/inventory/warehouses/"+place(n), nil, map[string]any{"region": "R", "rank": n})
	}
	for n := range warehouses {
		f.ask(http.MethodPost, "/inventory/adjust", service.Header{"Idempotency-Key": place(n), "Inventory-Actor": "test"},
			map[string]any{"sku": theSKU, "warehouse_id": place(n), "adjustment_type": "RECEIPT", "qty_delta": filled})
	}
	for _, p := range f.processes {
		if err := p.AwaitReady(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func place(n int) string { return fmt.Sprintf("W%02d", n%warehouses) }

// ask asks the first process until it has decided.
func (f *fleet) ask(method, path string, h service.Header, body any) service.Answer {
	f.t.Helper()
	if err := f.processes[0].AwaitLedgers(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	a, err := f.processes[0].Client().Decide(context.Background(), method, path, h, body)
	if err != nil || a.Status >= http.StatusMultipleChoices {
		f.t.Fatalf("%s %s: %s %v", method, path, a, err)
	}
	return a
}

func (f *fleet) pause() {
	f.t.Helper()
	if err := f.tables.Pause(stack.Cassandra); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fleet) resume() {
	f.t.Helper()
	if err := f.tables.Continue(stack.Cassandra); err != nil {
		f.t.Error(err)
	}
}

// held is how many units of the SKU are held, and how many are on hand.
func (f *fleet) held() (held, onHand int64) {
	f.t.Helper()
	var s struct {
		Held   int64
		OnHand int64 `json:"on_hand"`
	}
	if err := f.ask(http.MethodGet, "/inventory/"+theSKU, nil, nil).Into(&s); err != nil {
		f.t.Fatal(err)
	}
	return s.Held, s.OnHand
}

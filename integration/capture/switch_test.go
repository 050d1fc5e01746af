package capture

import (
	"fmt"
	"net/http"
	"testing"

	"inventory/adapters/system"
	"inventory/integration/service"
)

const (
	warehouse = "HCM"
	region    = "south"
	sku       = "SKU-A"
)

// ask asks a service, which must not refuse.
func ask(t *testing.T, p *service.Process, method, path string, body map[string]any) {
	t.Helper()
	h := service.Header{"Idempotency-Key": system.NewUUID().String(), "Inventory-Actor": "clerk"}
	a, err := p.Client().Decide(t.Context(), method, path, h, body)
	if err != nil || a.Status >= http.StatusBadRequest {
		t.Errorf("%s %s: %s %v", method, path, a, err)
	}
}

func open(t *testing.T, p *service.Process) {
	t.Helper()
	ask(t, p, http.MethodPut, "/inventory/warehouses/"+warehouse, map[string]any{"region": region, "rank": 0})
	receive(t, p, 10_000)
}

func receive(t *testing.T, p *service.Process, units int) {
	t.Helper()
	ask(t, p, http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": "RECEIPT", "qty_delta": units})
}

// order has n orders held; every other one is confirmed.
func order(t *testing.T, p *service.Process, name string, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("%s-%03d", name, i)
		ids = append(ids, id)
		ask(t, p, http.MethodPost, "/inventory/reserve", map[string]any{"order_id": id, "items": []map[string]any{{"sku": sku, "quantity": 1}}})
		if i%2 == 0 {
			ask(t, p, http.MethodPost, "/inventory/confirm", map[string]any{"order_id": id})
		}
	}
	receive(t, p, 1)
	return ids
}

// Nothing captures here: what is left to capture is published from the table alone.
func TestWhoPublishesMayChangeAtAnyRestartAndNoEventIsLostOrGetsAnotherID(t *testing.T) {
	everywhere(t, func(t *testing.T, s *service.Site) {
		direct, cdc := s.With("--publish=direct"), s.With("--publish=cdc")
		if s.Name == "real" { // the embedded broker's are made when it starts
			if out, err := cdc.Try("topics", "create"); err != nil {
				t.Fatalf("topics create: %v\n%s", err, out)
			}
		}
		var l *listener
		var orders []string
		for n, site := range []*service.Site{direct, cdc, direct, cdc, cdc, direct} {
			p := site.Start()
			if l == nil {
				l = listen(t, s)
				open(t, p)
			}
			orders = append(orders, order(t, p, fmt.Sprint("phase-", n), 20)...)
			if n%2 == 0 { // others end with much that is not published
				l.await(orders...)
			}
			if n == 5 {
				l.await(orders...)
				if s.Name == "real" {
					s.Read(func(store service.Store) {
						waitUntil(t, func() string { return l.missing(wants(t, store)) })
					})
				}
			}
			site.Stop(p)
		}
		s.Read(func(store service.Store) { l.mustSayOnly(wants(t, store)) })
	})
}

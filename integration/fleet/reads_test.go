package fleet

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"inventory/integration/service"
)

// told is an answer about a SKU in warehouses.
type told struct {
	SKU        string
	Source     string
	Warehouses []toldLevel
}

type toldLevel struct {
	WarehouseID string `json:"warehouse_id"`
	OnHand      int64  `json:"on_hand"`
	Version     int64
}

// in finds a warehouse: those of a dead owner may not be in the tables yet.
func (s told) in(warehouse string) (found toldLevel) {
	for _, l := range s.Warehouses {
		if l.WarehouseID == warehouse {
			found = l
		}
	}
	return found
}

// Whoever writes at one process and reads at another one sees what it wrote, or is told to come
// again, also while the owner of the ledger is killed.
func TestReadersSeeTheirWritesAtAnyProcess(t *testing.T) {
	f := newFleet(t, 2*time.Second)
	f.start()
	const warehouses, rounds = 6, 60
	for w := range warehouses {
		f.decide(f.members[0], http.MethodPut, fmt.Sprint("/inventory/warehouses/R", w), nil, map[string]any{"region": "reads", "rank": w}, nil)
	}
	f.awaitShared()
	again, sources := 0, map[string]int{}
	written := [warehouses]int64{}
	for n := range rounds {
		w, writer, reader := n%warehouses, f.members[1+n%2], f.members[2-n%2]
		if n == rounds/3 {
			f.members[0].kill() // some of the ledgers are its
		}
		var made struct{ Version int64 }
		f.decide(writer, http.MethodPost, "/inventory/adjust", service.Header{"Idempotency-Key": fmt.Sprint("reads-", n), "Inventory-Actor": "test"},
			map[string]any{"sku": "READ", "warehouse_id": fmt.Sprint("R", w), "adjustment_type": "RECEIPT", "qty_delta": 1}, &made)
		written[w] = made.Version
		var s told
		again += f.decide(reader, http.MethodGet, fmt.Sprintf("/inventory/READ?region=reads&min_version=R%d:%d", w, made.Version), nil, nil, &s)
		sources[s.Source]++
		if at := s.in(fmt.Sprint("R", w)); at.Version < made.Version || at.OnHand < int64(n/warehouses+1) {
			t.Fatalf("round %d: %+v was told of version %d of R%d", n, s, made.Version, w)
		}
	}
	t.Logf("%d reads, %d told to come again, from %v", rounds, again, sources)
	f.members[0].launch()
	f.members[0].awaitReady(f.ctx)
	f.awaitShared()
	f.readAtOnce(written[:])
	for _, m := range f.members {
		m.terminate()
	}
}

// readAtOnce reads all that was written in one question of each member.
func (f *fleet) readAtOnce(written []int64) {
	f.t.Helper()
	least := make([]string, 0, len(written))
	for w, version := range written {
		least = append(least, fmt.Sprintf("R%d:%d", w, version))
	}
	items := []map[string]any{{"sku": "READ", "min_versions": least}, {"sku": "NEVER"}}
	for _, m := range f.members {
		var all struct {
			Items []struct {
				Status int
				Stock  told
			}
		}
		f.decide(m, http.MethodPost, "/inventory/query", nil, map[string]any{"items": items, "region": "reads"}, &all)
		if all.Items[0].Status != http.StatusOK || len(all.Items[0].Stock.Warehouses) != len(written) || all.Items[1].Status != http.StatusNotFound {
			f.t.Errorf("%s: %+v", m.name, all)
		}
	}
}

// decide asks a member until it does not say that it should be asked again, and tells how often it did.
func (f *fleet) decide(m *member, method, path string, h service.Header, body, into any) (again int) {
	f.t.Helper()
	f.await(method+" "+path, func() error {
		a, err := m.p().Client().Ask(f.ctx, method, path, h, body)
		if err != nil {
			return err
		}
		if a.Status == http.StatusServiceUnavailable {
			again++
			return fmt.Errorf("%s", a)
		}
		if a.Status != http.StatusOK {
			f.t.Fatalf("%s %s: %s", method, path, a)
		}
		if into == nil {
			return nil
		}
		return a.Into(into)
	})
	return again
}

package global

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/adapters/system"
	"inventory/integration/service"
)

// patience bounds each wait, far above what is normal.
const patience = time.Minute

// Warehouses of the tests, by region.
var warehouses = map[string]string{"HAN": "north", "HPH": "north", "HCM": "south", "CTH": "south", "DAD": "central"}

// filled is how much of each SKU there is in each warehouse at first, in units.
const filled = 40

// Total is how much there is of a SKU in a region.
type Total struct {
	SKU       string `json:"sku"`
	Region    string `json:"region"`
	OnHand    int64  `json:"on_hand"`
	Held      int64  `json:"held"`
	Available int64  `json:"available"`
	Version   int64  `json:"version"`
}

// Shop is a service with stock, to which orders come.
type Shop struct {
	t      testing.TB
	site   *service.Site
	p      *service.Process // that decides
	skus   []string
	orders int
	seed   uint64
	dice   *rand.Rand
}

// Open fills warehouses of a service that runs with some SKUs.
func Open(t testing.TB, site *service.Site, p *service.Process, skus int) *Shop {
	t.Helper()
	s := &Shop{t: t, site: site, p: p, seed: rand.Uint64()}
	s.dice = rand.New(rand.NewPCG(s.seed, 0))
	t.Logf("seed %d", s.seed)
	for i, id := range slices.Sorted(maps.Keys(warehouses)) {
		s.Ask(http.MethodPut, "/inventory/warehouses/"+id, map[string]any{"region": warehouses[id], "rank": i}, nil)
	}
	for i := range skus {
		s.skus = append(s.skus, fmt.Sprintf("SKU-%02d", i))
		for id := range warehouses {
			s.Adjust(s.skus[i], id, filled)
		}
	}
	return s
}

// Ask asks the service, which must not refuse, and reads its answer.
func (s *Shop) Ask(method, path string, body, into any) {
	s.t.Helper()
	h := service.Header{"Idempotency-Key": system.NewUUID().String(), "Inventory-Actor": "clerk"}
	a, err := s.p.Client().Decide(s.t.Context(), method, path, h, body)
	if err == nil && a.Status == http.StatusConflict { // there may not be enough
		return
	}
	if err != nil || a.Status >= http.StatusBadRequest {
		s.t.Fatalf("%s %s: %s %v", method, path, a, err)
	}
	if into == nil {
		return
	}
	if err := a.Into(into); err != nil {
		s.t.Fatal(err)
	}
}

// Adjust changes what is on hand.
func (s *Shop) Adjust(sku, warehouse string, delta int64) {
	s.t.Helper()
	s.Ask(http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": "RECEIPT", "qty_delta": delta}, nil)
}

// Count says how much there is after all, though more may be held.
func (s *Shop) Count(sku, warehouse string, counted int64) {
	s.t.Helper()
	s.Ask(http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": "COUNT", "counted": counted}, nil)
}

// Orders brings in n orders, some of which are picked or cancelled, and now and then a count.
func (s *Shop) Orders(n int) {
	s.t.Helper()
	for range n {
		s.orders++
		id := fmt.Sprint("o-", s.orders)
		item := map[string]any{"sku": s.sku(), "quantity": 1 + s.dice.IntN(4)}
		s.Ask(http.MethodPost, "/inventory/reserve", map[string]any{"order_id": id, "region": s.region(), "items": []any{item}}, nil)
		switch s.dice.IntN(5) {
		case 0:
			s.end("confirm", id)
		case 1:
			s.end("release", id)
		case 2:
			s.Count(s.sku(), s.warehouse(), s.dice.Int64N(filled))
		}
	}
}

// end ends an order, which may not be held.
func (s *Shop) end(how, id string) {
	s.t.Helper()
	a, err := s.p.Client().Decide(s.t.Context(), http.MethodPost, "/inventory/"+how, nil, map[string]any{"order_id": id})
	if err != nil || a.Status >= http.StatusInternalServerError {
		s.t.Fatalf("%s %s: %s %v", how, id, a, err)
	}
}

func (s *Shop) sku() string { return s.skus[s.dice.IntN(len(s.skus))] }

func (s *Shop) region() string { return warehouses[s.warehouse()] }

func (s *Shop) warehouse() string {
	all := slices.Sorted(maps.Keys(warehouses))
	return all[s.dice.IntN(len(all))]
}

// Ledgers adds up what the owners of the ledgers say.
func (s *Shop) Ledgers() map[string]Total {
	s.t.Helper()
	sums := map[string]Total{}
	for _, sku := range s.skus {
		var told struct {
			Source     string
			Warehouses []Total
		}
		s.Ask(http.MethodGet, "/inventory/"+sku, nil, &told)
		if told.Source != "owner" || len(told.Warehouses) != len(warehouses) {
			s.t.Fatalf("%s: %+v", sku, told)
		}
		for _, w := range told.Warehouses {
			sum := sums[sku+":"+w.Region]
			sums[sku+":"+w.Region] = Total{sku, w.Region, sum.OnHand + w.OnHand, sum.Held + w.Held, sum.Available + w.Available, sum.Version + w.Version}
		}
	}
	return sums
}

// Table reads the table of totals, by the API of a process.
func (s *Shop) Table(p *service.Process) map[string]Total {
	s.t.Helper()
	all, after := map[string]Total{}, ""
	for {
		var told struct {
			Totals []Total
			Next   string
		}
		a, err := p.Client().Decide(s.t.Context(), http.MethodGet, "/inventory/global?limit=7"+after, nil, nil)
		if err != nil || a.Status != http.StatusOK {
			s.t.Fatalf("%s %v", a, err)
		}
		if err := a.Into(&told); err != nil {
			s.t.Fatal(err)
		}
		for _, one := range told.Totals {
			all[one.SKU+":"+one.Region] = one
		}
		if told.Next == "" {
			return all
		}
		after = "&after=" + url.QueryEscape(told.Next)
	}
}

// AwaitTable waits until the table says what the ledgers do, which nobody changes now.
func (s *Shop) AwaitTable(what string) map[string]Total {
	s.t.Helper()
	want := s.Ledgers()
	var got map[string]Total
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if got = s.Table(s.p); maps.Equal(got, want) {
			return want
		}
	}
	s.t.Fatalf("%s: the table has\n%v\nthe ledgers say\n%v\nthe process said\n%s", what, got, want, s.p.Said())
	return nil
}

// Export takes the table out as CSV.
func (s *Shop) Export() map[string]Total {
	s.t.Helper()
	a, err := s.p.Client().Ask(s.t.Context(), http.MethodGet, "/inventory/global/export", nil, nil)
	if err != nil || a.Status != http.StatusOK {
		s.t.Fatalf("%s %v", a, err)
	}
	lines, err := csv.NewReader(strings.NewReader(string(a.Body))).ReadAll()
	if err != nil || len(lines) == 0 || lines[0][0] != "sku" {
		s.t.Fatalf("%s: %v", a.Body, err)
	}
	all := map[string]Total{}
	for _, line := range lines[1:] {
		var one Total
		text := strings.Join(line[2:6], " ")
		if _, err := fmt.Sscan(text, &one.OnHand, &one.Held, &one.Available, &one.Version); err != nil {
			s.t.Fatalf("%s: %v", text, err)
		}
		one.SKU, one.Region = line[0], line[1]
		all[one.SKU+":"+one.Region] = one
	}
	return all
}

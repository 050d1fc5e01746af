package scans

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"inventory/integration/service"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// tally is what was scanned, and what was told of it. What is told comes from one goroutine.
type tally struct {
	*testing.T
	units, scans map[string]int64 // by SKU
	told         map[string]bool  // by id
	repeated     int
	heard        chan struct{} // gets a token for each acknowledgement
}

func newTally(t *testing.T) *tally {
	return &tally{T: t, units: map[string]int64{}, scans: map[string]int64{}, told: map[string]bool{}, heard: make(chan struct{}, 1_000_000)}
}

// tell notes an acknowledgement.
func (y *tally) tell(m *inventoryv1.ScanResponse) {
	did := m.GetApplied()
	if did == nil || y.told[m.GetId()] {
		y.Errorf("told %v; it was told before: %t", m, y.told[m.GetId()])
	}
	y.told[m.GetId()] = true
	if did.GetRepeated() {
		y.repeated++
	}
	l := did.GetAdjusted().GetLevel()
	y.units[l.GetSku()] += did.GetAdjusted().GetQuantity()
	y.scans[l.GetSku()]++
	y.heard <- struct{}{}
}

// A level's seq grows by one with each change: it tells whether anything was done twice.
func TestEachScanIsDoneOnceThoughTheConnectionIsCutAgainAndAgain(t *testing.T) {
	s, p := start(t)
	way, err := newProxy(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer way.close()
	c, y, dice := newClient(t, way.addr()), newTally(t), newDice(t)
	scans, finished := c.Scans(t.Context()), make(chan struct{})
	var cutting sync.WaitGroup
	lives := make([]int, *cutsFlag) // how many acknowledgements come before each cut
	for i := range lives {
		lives[i] = dice.IntN(80)
	}
	cutting.Go(func() {
		defer close(finished)
		for _, acks := range lives {
			for range acks {
				select {
				case <-y.heard:
				case <-t.Context().Done():
					return
				}
			}
			way.cut()
		}
	})
	sent := 0
	for more := true; more; sent++ {
		select {
		case <-finished:
			more = false
		default:
		}
		if err := scans.Send(t.Context(), receipt(fmt.Sprint("scan-", sent), sku(dice.IntN(skus)), 1+dice.Int64N(9)), y.tell); err != nil {
			t.Fatal(err)
		}
	}
	if err := scans.Close(); err != nil {
		t.Fatal(err)
	}
	cutting.Wait()
	if len(y.told) != sent {
		t.Errorf("%d scans were sent, %d are acknowledged", sent, len(y.told))
	}
	direct := newClient(t, s.Addr)
	found := levels(t, direct, y.scans)
	for n := range skus {
		l := found[sku(n)]
		if there, err := direct.Stock(t.Context(), sku(n), ""); err != nil || there.OnHand != y.units[sku(n)] {
			t.Errorf("%s: there are %d units, scanned were %d: %v", sku(n), there.OnHand, y.units[sku(n)], err)
		}
		if l.GetOnHand() != y.units[sku(n)] || l.GetSeq() != y.scans[sku(n)] {
			t.Errorf("%s: there are %d units after %d changes, scanned were %d in %d scans", sku(n), l.GetOnHand(), l.GetSeq(), y.units[sku(n)], y.scans[sku(n)])
		}
	}
	if y.repeated == 0 {
		t.Error("no scan was sent twice: the cuts cut nothing")
	}
	t.Logf("%d scans, %d cuts, %d were done before they were acknowledged", sent, *cutsFlag, y.repeated)
	s.Stop(p)
}

const (
	streams = 8  // of scans, each as full as may be
	orders  = 50 // that are made one after the other beside them
)

// The burst ends when the orders are done: if it kept them waiting, neither would.
func TestLiveOrdersGoOnBesideABurstOfScans(t *testing.T) {
	s, p := start(t)
	c := newClient(t, s.Addr)
	first := c.Scans(t.Context())
	if m, err := first.Do(t.Context(), receipt("first", sku(0), 1_000_000)); err != nil || m.GetApplied() == nil {
		t.Fatal(m, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	var acked, underway atomic.Int64
	full, ordered := make(chan struct{}, streams), make(chan struct{})
	var scanning sync.WaitGroup
	for stream := range streams {
		scanning.Go(func() {
			scans, y, sent := c.Scans(t.Context()), newTally(t), 0
			for {
				select {
				case <-ordered:
					if err := scans.Close(); err != nil || len(y.told) != sent {
						t.Errorf("stream %d: %d scans were sent, %d are acknowledged: %v", stream, sent, len(y.told), err)
					}
					return
				default:
				}
				underway.Add(1)
				if err := scans.Send(t.Context(), receipt(fmt.Sprintf("%d-%d", stream, sent), sku(sent%skus), 1), func(m *inventoryv1.ScanResponse) {
					underway.Add(-1)
					acked.Add(1)
					y.tell(m)
				}); err != nil {
					t.Error(err)
					return
				}
				if sent++; sent == 100 {
					full <- struct{}{}
				}
			}
		})
	}
	for range streams {
		<-full
	}
	least := underway.Load()
	for n := range orders {
		a, err := p.Client().Ask(t.Context(), http.MethodPost, "/inventory/reserve", service.Header{}, map[string]any{
			"order_id": fmt.Sprint("order-", n), "items": []any{map[string]any{"sku": sku(0), "quantity": 1}},
		})
		if err != nil || a.Status != http.StatusCreated {
			t.Errorf("order %d: %v, %v", n, a, err)
		}
		least = min(least, underway.Load())
	}
	during := acked.Load()
	close(ordered)
	scanning.Wait()
	if least < streams {
		t.Errorf("at some moment only %d scans were under way", least)
	}
	t.Logf("%d orders, while %d scans were acknowledged and no fewer than %d were under way", orders, during, least)
	s.Stop(p)
}

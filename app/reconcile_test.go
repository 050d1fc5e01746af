package app_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// farOff has a story happen to a process whose store is distant, and can be damaged, with live
// orders of one unit each, of as many SKUs.
func farOff(t *testing.T, orders int, story func(t *testing.T, in *app.Inventory, far *distant, near *damaged)) {
	synctest.Test(t, func(t *testing.T) {
		near := &damaged{Store: memory.New()}
		far := &distant{Store: near}
		in, stop := beginUntil(t, far, app.Outside{}, unhurried)
		synctest.Wait()
		if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "home", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		for n := range orders {
			sku := fmt.Sprint("S", n)
			must(t)(in.Adjust(t.Context(), app.AdjustRequest{SKU: sku, WarehouseID: "W1", Type: "RECEIPT", Quantity: 2, Actor: "test", Key: sku}))
			must(t)(in.Reserve(t.Context(), app.ReserveRequest{OrderID: fmt.Sprint("o", n), Items: []app.ReserveItem{{SKU: sku, Quantity: 1}}}))
		}
		pass(time.Minute)
		story(t, in, far, near)
		stop()
	})
}

// Whoever asks over HTTP gets an answer within minutes.
func TestReconcileDoesNotWaitForTheNetworkWithEachRow(t *testing.T) {
	const orders = 700
	farOff(t, orders, func(t *testing.T, in *app.Inventory, far *distant, _ *damaged) {
		far.reads.Store(0)
		began := time.Now()
		r, err := in.Reconcile(t.Context())
		took, reads := time.Since(began), far.reads.Load()
		if err != nil || len(r.Differences) > 0 || r.Orders != orders || r.Holds != orders || r.SKUs != orders || r.Events != 2*orders || reads != 3*orders {
			t.Errorf("%d rows were read, and it says %+v, %v", reads, r, err)
		}
		if apart := time.Duration(reads) * travel; took > apart/8 {
			t.Errorf("it took %v, and %v if each row is waited for", took, apart)
		}
		if most := far.most; most > 16 {
			t.Errorf("%d rows were read at once, which others have to wait for", most)
		}
	})
}

func keyOf(n int) ledger.UUID { return reservation.IDOf(stock.OrderID(fmt.Sprint("o", n))) }

func TestReconcileFindsEachRowThatIsWrongAmongMany(t *testing.T) {
	farOff(t, 700, func(t *testing.T, in *app.Inventory, far *distant, near *damaged) {
		var want []string
		wrong := map[ledger.UUID]bool{}
		for n := 0; n < 700; n += 90 {
			want = append(want, fmt.Sprint("order o", n), fmt.Sprint("sku S", n), fmt.Sprint("sku S", n))
			wrong[keyOf(n)] = true
		}
		near.now(func(d *damaged) {
			d.orders = func(r *ports.ReservationRow) bool { return !wrong[r.ReservationID] }
			d.events = func(r *ports.EventRow) bool {
				return !wrong[reservation.IDOf(stock.OrderID("o"+r.SKU[1:]))] || r.EventType != "HELD"
			}
		})
		r, err := in.Reconcile(t.Context())
		var got []string
		for _, d := range r.Differences {
			got = append(got, d.Subject)
		}
		slices.Sort(want)
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("expected differences of %v\nfound %v, %v", want, got, err)
		}
		far.failing = keyOf(500)
		if _, err := in.Reconcile(t.Context()); !errors.Is(err, ports.ErrTransient) {
			t.Errorf("a row that can't be read: %v", err)
		}
	})
}

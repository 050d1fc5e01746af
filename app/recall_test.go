package app_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
	"inventory/ports/porttest"
)

// looked is a store whose look-ups a test can hold up.
type looked struct {
	porttest.JournalStore
	porttest.TablesStore
	ports.Directory
	members
}

// members is ports.Members embedded by another name, which would hide its method.
type members = ports.Members

// TestAnOrderIsNotForgottenWhileItIsLookedUp has two picks of an order that was forgotten
// look it up. The first one's late pick is done, relayed and ready to be forgotten when the
// second one's look-up comes back with how the order was before: it must not take the
// goods again.
func TestAnOrderIsNotForgottenWhileItIsLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, faults := memory.New(), porttest.NewFaults(1, porttest.Chances{})
		in := begin(t, looked{store, faults.Tables(store), store, store})
		synctest.Wait()
		stockUp(t, in)
		reserved := app.ReserveRequest{OrderID: "o", Items: []app.ReserveItem{{SKU: "A", Quantity: 1}}}
		must(t)(in.Reserve(t.Context(), reserved))
		must(t)(in.Release(t.Context(), app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: "o"}}))
		aWhile() // relayed and forgotten

		recall := porttest.Call{Op: porttest.OpRecall}
		first := faults.Hold(recall, porttest.Before)
		var picks sync.WaitGroup
		pick := func() {
			must(t)(in.Confirm(context.WithoutCancel(t.Context()), app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: "o"}}))
		}
		picks.Go(pick)
		<-first.Reached()
		picks.Go(pick)
		synctest.Wait()                               // the second waits for a look-up of its own
		faults.Hold(recall, porttest.After).Release() // the first one's answer passes
		second := faults.Hold(recall, porttest.After)
		first.Release()
		<-second.Reached() // it has read the order as released
		aWhile()           // the late pick is done, and would be forgotten
		second.Release()
		picks.Wait()

		s, err := in.Stock(t.Context(), "A", "")
		if err != nil || s.OnHand != 9 || s.Held != 0 {
			t.Errorf("after one order of one unit was picked: %d on hand, %d held (%v); expected 9 and 0", s.OnHand, s.Held, err)
		}
	})
}

// stockUp receives ten units of A in W1.
func stockUp(t *testing.T, in *app.Inventory) {
	t.Helper()
	put := func() (struct{}, error) {
		return struct{}{}, in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1})
	}
	if _, err := insist(t, put); err != nil {
		t.Fatal(err)
	}
	must(t)(in.Adjust(t.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 10, Actor: "test", Key: "k"}))
}

// must fails the test on an error.
func must(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
}

// aWhile passes in a bubble, where it costs no time.
func aWhile() { <-time.After(10 * time.Second) }

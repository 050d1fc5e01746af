package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// outage is a store whose journal takes nothing while it lasts.
type outage struct {
	app.Store
	on atomic.Bool
}

func (o *outage) Commit(ctx context.Context, id ledger.ID, c ports.Commit) error {
	if o.on.Load() {
		return fmt.Errorf("%w: the store is away", ports.ErrTransient)
	}
	return o.Store.Commit(ctx, id, c)
}

func TestWhoseStoreIsAwayIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &outage{Store: memory.New()}
		in := beginIn(t, store, app.Outside{})
		synctest.Wait()
		<-time.After(time.Second)
		if err := in.Ready(t.Context()); err != nil {
			t.Fatalf("idle, and not ready: %v", err)
		}
		store.on.Store(true)
		<-time.After(time.Second) // several leases
		if err := in.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "the store") {
			t.Errorf("ready, though nothing can be decided: %v", err)
		}
		store.on.Store(false)
		<-time.After(time.Second)
		if err := in.Ready(t.Context()); err != nil {
			t.Errorf("the store is back, and not ready: %v", err)
		}
	})
}

// switched is a publisher that can be switched off.
type switched struct {
	memory.Publisher
	off atomic.Bool
}

func (s *switched) Publish(ctx context.Context, events []ports.PublicEvent) error {
	if s.off.Load() {
		return fmt.Errorf("%w: the brokers are away", ports.ErrTransient)
	}
	return s.Publisher.Publish(ctx, events)
}

func TestWhoTakesNoCommandsBecauseNothingCanBePublishedIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &switched{}
		in := beginIn(t, memory.New(), app.Outside{Publisher: to}, func(c *app.Config) { c.Owner.RelayLag = 512 })
		synctest.Wait()
		if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1}); err != nil {
			t.Fatal(err)
		}
		to.off.Store(true)
		var err error
		for n := 0; err == nil && n < 1000; n++ { // each is an entry: in the end the ledger takes no more
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			_, err = in.Adjust(ctx, app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 1, Actor: "test", Key: fmt.Sprint(n)})
			cancel()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("expected a ledger that takes no more, found %v", err)
		}
		if err := in.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "stock/W1/0") {
			t.Errorf("ready, though the ledger takes nothing: %v", err)
		}
		to.off.Store(false)
		<-time.After(5 * time.Second)
		if err := in.Ready(t.Context()); err != nil {
			t.Errorf("all is published, and not ready: %v", err)
		}
	})
}

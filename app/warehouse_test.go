package app_test

import (
	"context"
	"testing"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/ports"
)

// slowDirectory is a store that holds an answer about its warehouses back from who asks slowly.
type slowDirectory struct {
	app.Store
	read chan struct{} // closed when the answer is there,
	send chan struct{} // and closed to let it go
}

type inNoHurry struct{}

func (s *slowDirectory) Warehouses(ctx context.Context) ([]ports.WarehouseRecord, error) {
	ws, err := s.Store.Warehouses(ctx)
	if ctx.Value(inNoHurry{}) != nil {
		close(s.read)
		<-s.send
	}
	return ws, err
}

// What was read before a warehouse was added may come after what was read since.
func TestAWarehouseIsNotForgottenForASlowReadingOfTheDirectory(t *testing.T) {
	store := &slowDirectory{Store: memory.New(), read: make(chan struct{}), send: make(chan struct{})}
	in := beginIn(t, store, app.Outside{})
	old := make(chan error, 1)
	go func() {
		_, err := in.Warehouses(context.WithValue(t.Context(), inNoHurry{}, true))
		old <- err
	}()
	<-store.read
	if err := in.PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1}); err != nil {
		t.Fatal(err)
	}
	close(store.send)
	if err := <-old; err != nil {
		t.Fatal(err)
	}
	ids, err := in.Ledgers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id.Scope() == "W1" {
			return
		}
	}
	t.Fatalf("after a warehouse was added the ledgers are %v", ids)
}

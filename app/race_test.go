package app_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// silent is an observer of a test that looks at answers only.
type silent struct{}

func (silent) Observe(ports.Event) {}

// begin runs a process of the service on a handle of a store until the test ends.
func begin(t *testing.T, store app.Store) *app.Inventory {
	t.Helper()
	return beginIn(t, store, app.Outside{})
}

// beginIn is begin in a world of which only some is given.
func beginIn(t testing.TB, store app.Store, out app.Outside, set ...func(*app.Config)) *app.Inventory {
	t.Helper()
	in, _ := beginUntil(t, store, out, set...)
	return in
}

// unhurried is for stories of hours: a lease that is renewed less often costs less.
func unhurried(cfg *app.Config) { cfg.Owner.Lease = app.DefaultConfig().Owner.Lease }

// beginUntil is beginIn, and gives what ends the process before the test does.
func beginUntil(t testing.TB, store app.Store, out app.Outside, set ...func(*app.Config)) (in *app.Inventory, stop func()) {
	t.Helper()
	out.CommitID = system.NewUUID
	if out.Clock == nil {
		out.Clock = system.Clock{}
	}
	if out.Publisher == nil {
		out.Publisher = &memory.Publisher{}
	}
	if out.Observer == nil {
		out.Observer = silent{}
	}
	cfg := app.DefaultConfig()
	cfg.Owner.Owner = system.NewUUID().String()
	cfg.Owner.Lease = 200 * time.Millisecond
	cfg.Member.Patience = 20 * time.Millisecond // a story's times are its own
	for _, some := range set {
		some(&cfg)
	}
	in, err := app.New(t.Context(), cfg, store, out)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); in.Close(); running.Wait() }
	t.Cleanup(stop)
	return in, stop
}

// doorbell is where others reach a member, from before it begins.
type doorbell struct{ in atomic.Pointer[app.Inventory] }

func (d *doorbell) Answer(ctx context.Context, request []byte) []byte {
	if in := d.in.Load(); in != nil {
		return in.Wire().Answer(ctx, request)
	}
	return nil
}

func (d *doorbell) Hear(message []byte) {
	if in := d.in.Load(); in != nil {
		in.Wire().Hear(message)
	}
}

// beginFleet runs members on handles of one store until the test ends.
func beginFleet(t *testing.T, stores ...app.Store) (all []*app.Inventory) {
	t.Helper()
	network := memory.NewNetwork()
	for n, store := range stores {
		name, bell := fmt.Sprint("member-", n), &doorbell{}
		in := beginIn(t, store, app.Outside{Wire: network.Join(name, bell)}, func(c *app.Config) {
			c.Member.Name, c.Member.Addr = name, name
		})
		bell.in.Store(in)
		all = append(all, in)
	}
	return all
}

// insist asks until the answer is not that it should be asked again.
func insist[T any](t *testing.T, ask func() (T, error)) (T, error) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		answer, err := ask()
		if !app.Retryable(err) {
			return answer, err
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal(err)
		}
	}
}

// raceForOneUnit has twenty callers, each at both processes, want the only unit there is.
func raceForOneUnit(t *testing.T, processes []*app.Inventory) {
	put := func() (struct{}, error) {
		return struct{}{}, processes[0].PutWarehouse(t.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1})
	}
	if _, err := insist(t, put); err != nil {
		t.Fatal(err)
	}
	receipt := app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 1, Actor: "test", Key: "only-one"}
	askEither := func(n int) *app.Inventory { return processes[n%2] }
	n := 0
	if _, err := insist(t, func() (stock.Adjustment, error) { n++; return askEither(n).Adjust(t.Context(), receipt) }); err != nil {
		t.Fatal(err)
	}
	var won, lost atomic.Int64
	var callers sync.WaitGroup
	for caller := range 20 {
		callers.Go(func() {
			n := caller
			o, err := insist(t, func() (app.Reservation, error) {
				n++
				return askEither(n).Reserve(t.Context(), app.ReserveRequest{
					OrderID: fmt.Sprint("order-", caller), Items: []app.ReserveItem{{SKU: "A", Quantity: 1}},
				})
			})
			switch {
			case err == nil && o.Status == reservation.Held:
				won.Add(1)
			case errors.Is(err, reservation.ErrInsufficient):
				lost.Add(1)
			default:
				t.Errorf("caller %d: %v, %v", caller, o, err)
			}
		})
	}
	callers.Wait()
	if won.Load() != 1 || lost.Load() != 19 {
		t.Errorf("%d won and %d lost, expected 1 and 19", won.Load(), lost.Load())
	}
}

func TestOneOfTwentyCallersAtTwoProcessesGetsTheLastUnitInMemory(t *testing.T) {
	store := memory.New()
	raceForOneUnit(t, beginFleet(t, store, store))
}

func TestOneOfTwentyCallersAtTwoProcessesGetsTheLastUnitOnSQLite(t *testing.T) {
	dir := t.TempDir()
	open := func() app.Store {
		s, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: system.Clock{}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	raceForOneUnit(t, beginFleet(t, open(), open()))
}

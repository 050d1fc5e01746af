package watch_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/adapters/cassandra"
	"inventory/adapters/client"
	"inventory/adapters/grpcapi"
	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/adapters/telemetry"
	"inventory/adapters/wire"
	"inventory/app"
	"inventory/app/scan"
)

// lease is long enough for a server that shares two cores.
const lease = 3 * time.Second

// fleet is some members on one keyspace, each with its own connections, wire and API.
type fleet struct {
	*testing.T
	cfg  cassandra.Config
	mu   sync.Mutex // guards all below
	dice *rand.Rand
	all  map[string]*member
}

type member struct {
	in     *app.Inventory
	client *client.Client
	stop   func()
}

func newFleet(t *testing.T, cfg cassandra.Config, seed uint64) *fleet {
	f := &fleet{T: t, cfg: cfg, dice: rand.New(rand.NewPCG(seed, 1)), all: map[string]*member{}}
	t.Cleanup(func() {
		for _, m := range f.all {
			m.stop()
		}
	})
	return f
}

func (f *fleet) below(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dice.IntN(n)
}

func (f *fleet) pick() *member {
	f.mu.Lock()
	defer f.mu.Unlock()
	names := slices.Sorted(maps.Keys(f.all))
	return f.all[names[f.dice.IntN(len(names))]]
}

func (f *fleet) any() *app.Inventory { return f.pick().in }

func (f *fleet) anyClient() *client.Client { return f.pick().client }

// ready waits until all ledgers have an owner.
func (f *fleet) ready() {
	for {
		err := f.any().Ready(f.Context())
		if err == nil {
			return
		}
		if f.Context().Err() != nil {
			f.Fatal(err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// move has a member end in good order, and begin again: its ledgers move away and back.
func (f *fleet) move() {
	f.mu.Lock()
	names := slices.Sorted(maps.Keys(f.all))
	name := names[f.dice.IntN(len(names))]
	m := f.all[name]
	delete(f.all, name)
	f.mu.Unlock()
	m.stop()
	f.begin(name)
}

// must gives what there is, or fails the test.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// begin begins a member.
func (f *fleet) begin(name string) {
	f.Helper()
	store := must[*cassandra.Store](f.T)(cassandra.Open(f.Context(), f.cfg))
	roads := wire.Config{Warn: func(text string) { f.Log(name, ": ", text) }}
	road := must[*wire.Client](f.T)(wire.NewClient(roads))
	at := must[net.Listener](f.T)(net.Listen("tcp", "127.0.0.1:0"))
	cfg := app.DefaultConfig()
	cfg.Member.Name, cfg.Member.Addr = name, at.Addr().String()
	cfg.Owner.Owner, cfg.Owner.Lease, cfg.Owner.MaxSkew = system.NewUUID().String(), lease, cassandra.MaxClockSkew
	in := must[*app.Inventory](f.T)(app.New(f.Context(), cfg, store, app.Outside{
		Clock: system.Clock{}, StoreClock: store, Observer: telemetry.Tee(), Publisher: &memory.Publisher{}, CommitID: system.NewUUID, Wire: road,
	}))
	others := must[*wire.Server](f.T)(wire.Serve(roads, at, in.Wire()))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := in.Run(ctx); err != nil {
			f.Error(err)
		}
	})
	asks, shutdown := f.serve(in)
	stop := func() {
		shutdown()
		cancel()
		running.Wait()
		in.Close()
		closing, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := others.Close(closing); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			f.Error(err)
		}
		road.Close()
		store.Close()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all[name] = &member{in, asks, stop}
}

// serve serves a member's API.
func (f *fleet) serve(in *app.Inventory) (asks *client.Client, shutdown func()) {
	f.Helper()
	s := &http.Server{Handler: http.NotFoundHandler()}
	grpcapi.New(in, grpcapi.Options{Ready: in.Ready, Scans: scan.NewRoom(scan.DefaultConfig(), system.Clock{}, app.Retryable), Log: func(procedure string, err error) { f.Error(procedure, err) }}).Attach(s)
	l := must[net.Listener](f.T)(net.Listen("tcp", "127.0.0.1:0"))
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = s.Serve(l) // until it is shut down
	}()
	asks = must[*client.Client](f.T)(client.New(client.Options{}, fmt.Sprint("http://", l.Addr())))
	return asks, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			f.Error("shutting down: ", err)
		}
		asks.Close()
		<-served
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"inventory/adapters/cassandra"
	"inventory/adapters/memory"
	"inventory/adapters/redis"
	"inventory/adapters/system"
	"inventory/adapters/wire"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/integration/stack"
	"inventory/ports"
)

// readSite is two members of a fleet in this process, on real servers: one that is read at, and one
// that has the ledgers of what is read.
type readSite struct {
	counts
	tables     *onCassandra
	redis      rueidis.Client // for raw reads
	prefix     string
	reader     *app.Inventory
	owner      *app.Inventory
	warehouses []string // of which owner has the ledgers
	closers    []func() error
}

func openReadSite(ctx context.Context) (*readSite, error) {
	s := &readSite{}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// close ends what was opened, what was opened last first.
func (s *readSite) close() error {
	var errs []error
	for _, shut := range slices.Backward(s.closers) {
		errs = append(errs, shut())
	}
	return errors.Join(errs...)
}

func (s *readSite) open(ctx context.Context) (err error) {
	servers, _ := stack.FromEnv()
	if servers.Redis() == "" {
		return errors.New("no Redis: run it as make bench-reads, which starts one")
	}
	if s.tables, err = openCassandra(ctx, 0); err != nil {
		return err
	}
	s.closers = append(s.closers, s.tables.close)
	s.prefix = s.tables.name
	s.redis, err = rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{servers.Redis()}, DisableCache: true})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() error { s.redis.Close(); return nil })
	for name, in := range map[string]**app.Inventory{"reader": &s.reader, "owner": &s.owner} {
		if *in, err = s.begin(ctx, name, servers.Redis()); err != nil {
			return err
		}
	}
	if err := s.await(ctx, "both members own ledgers", func() bool { return s.reader.Ready(ctx) == nil && s.owner.Ready(ctx) == nil }); err != nil {
		return err
	}
	return s.stock(ctx)
}

// begin begins a member.
func (s *readSite) begin(ctx context.Context, name, redisAddr string) (*app.Inventory, error) {
	cfg := app.DefaultConfig()
	levels, err := redis.New(redis.Config{Addrs: []string{redisAddr}, Prefix: s.prefix, TTL: cfg.Cache.TTL, Lease: cfg.Cache.Lease})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { levels.Close(); return nil })
	road, err := wire.NewClient(wire.Config{})
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, func() error { road.Close(); return nil })
	at, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cfg.Audit.Interval = 0
	cfg.Member.Name, cfg.Member.Addr = name, at.Addr().String()
	cfg.Owner.Owner, cfg.Owner.Lease, cfg.Owner.MaxSkew = system.NewUUID().String(), 10*time.Second, cassandra.MaxClockSkew
	in, err := app.New(ctx, cfg, s.tables.store, app.Outside{
		Clock: system.Clock{}, StoreClock: s.tables.store, Observer: &s.counts, Publisher: &memory.Publisher{}, CommitID: system.NewUUID, Wire: road, Cache: levels,
	})
	if err != nil {
		return nil, err
	}
	return in, s.run(in, at)
}

// run has a member take part until the site is closed.
func (s *readSite) run(in *app.Inventory, at net.Listener) error {
	others, err := wire.Serve(wire.Config{}, at, in.Wire())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	var ended error
	running.Go(func() { ended = in.Run(ctx) })
	s.closers = append(s.closers, func() error {
		cancel()
		running.Wait()
		in.Close()
		closing, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := others.Close(closing); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return ended
	})
	return nil
}

// stock has each SKU in each warehouse whose ledger the owner has.
func (s *readSite) stock(ctx context.Context) error {
	for n := range readWarehouses {
		w := stock.Warehouse{ID: stock.WarehouseID(fmt.Sprintf("W%02d", n)), Region: "home", Rank: n, Ledgers: 1}
		if err := s.owner.PutWarehouse(ctx, w); err != nil {
			return err
		}
	}
	err := s.await(ctx, "the owner has half of the warehouses", func() bool {
		s.warehouses = nil
		for _, standing := range s.owner.Own() {
			if standing.Ledger.Scope() != "home" {
				s.warehouses = append(s.warehouses, standing.Ledger.Scope())
			}
		}
		return len(s.warehouses) == readWarehouses/2
	})
	if err != nil {
		return err
	}
	for n := range readSKUs {
		for _, w := range s.warehouses {
			if _, err := s.receive(ctx, fmt.Sprintf("SKU-%04d", n), w); err != nil {
				return err
			}
		}
	}
	return nil
}

// receive adds a unit, and gives the version of its level.
func (s *readSite) receive(ctx context.Context, sku, warehouse string) (int64, error) {
	made, err := s.owner.Adjust(ctx, app.AdjustRequest{
		SKU: sku, WarehouseID: warehouse, Type: "RECEIPT", Quantity: 1, Actor: "bench", Key: system.NewUUID().String(),
	})
	return made.Level.Version(), err
}

// warm reads until all is in the cache.
func (s *readSite) warm(ctx context.Context) error {
	_, err := drive(ctx, 64, 5*time.Second, s.readCache, func(context.Context) error { return nil })
	s.read.Store(0)
	s.cached.Store(0)
	return err
}

// await waits until something holds.
func (s *readSite) await(ctx context.Context, what string, holds func() bool) error {
	limited, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !holds() {
		if err := ports.Sleep(limited, system.Clock{}, 50*time.Millisecond); err != nil {
			return fmt.Errorf("waiting until %s: %w", what, err)
		}
	}
	return nil
}

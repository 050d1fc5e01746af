package app_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/cache"
	"inventory/domain/stock"
	"inventory/ports"
)

var cacheSeed = flag.Uint64("cache.seed", 0, "of the story of a cache; 0: another one each time")

// shaky is a cache that fails, is silent, or forgets.
type shaky struct {
	mu     sync.Mutex
	is     *memory.Cache
	err    error
	silent bool
	untold bool // Tell alone fails
}

func newShaky() *shaky {
	s := &shaky{}
	s.forget()
	return s
}

func (s *shaky) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := cache.DefaultConfig()
	s.is = memory.NewCache(d.TTL, d.Lease, time.Now)
}

func (s *shaky) set(err error, silent, untold bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.silent, s.untold = err, silent, untold
}

func (s *shaky) take(ctx context.Context, tell bool) (*memory.Cache, error) {
	s.mu.Lock()
	is, err, silent := s.is, s.err, s.silent
	if tell && s.untold {
		err = ports.ErrTransient
	}
	s.mu.Unlock()
	if silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return is, err
}

func (s *shaky) Get(ctx context.Context, keys []ports.LevelKey) ([]ports.Cached, error) {
	is, err := s.take(ctx, false)
	if err != nil {
		return nil, err
	}
	return is.Get(ctx, keys)
}

func (s *shaky) Claim(ctx context.Context, by string, keys []ports.LevelKey) ([]bool, error) {
	is, err := s.take(ctx, false)
	if err != nil {
		return nil, err
	}
	return is.Claim(ctx, by, keys)
}

func (s *shaky) Fill(ctx context.Context, by string, levels []ports.CachedLevel) (int, error) {
	is, err := s.take(ctx, false)
	if err != nil {
		return 0, err
	}
	return is.Fill(ctx, by, levels)
}

func (s *shaky) Tell(ctx context.Context, levels []ports.CachedLevel) error {
	is, err := s.take(ctx, true)
	if err != nil {
		return err
	}
	return is.Tell(ctx, levels)
}

// cacheStory is a fleet with a cache, and what is true of the SKU A.
type cacheStory struct {
	*crew
	cache *shaky
	dice  *rand.Rand

	oldest   time.Duration // how old a level may be that is read
	receipts int
	history  map[string][]changed // by warehouse
	sources  map[string]int
}

type changed struct {
	version int64
	at      time.Time
}

func cacheStories(t *testing.T, seed uint64, story func(*cacheStory)) {
	d := cache.DefaultConfig()
	crewed(t, nil, func(c *crew) {
		s := &cacheStory{crew: c, oldest: d.TTL + d.Lease, cache: newShaky(), dice: rand.New(rand.NewPCG(seed, 1)), history: map[string][]changed{}, sources: map[string]int{}}
		c.cache = s.cache
		for _, name := range []string{"a", "b", "c"} {
			c.begin(name)
		}
		pass(5 * fleetLease)
		for n := range 6 {
			id := fmt.Sprint("W", n)
			if err := c.members["a"].PutWarehouse(c.Context(), stock.Warehouse{ID: stock.WarehouseID(id), Region: "home", Rank: n, Ledgers: 1}); err != nil {
				c.Fatal(err)
			}
		}
		pass(5 * fleetLease)
		for n := range 5 { // of the sixth it never hears
			s.receive(fmt.Sprint("W", n))
		}
		story(s)
	})
}

func (s *cacheStory) any() *hand {
	names := slices.Sorted(maps.Keys(s.members))
	return s.members[names[s.dice.IntN(len(names))]]
}

func (s *cacheStory) receive(warehouse string) int64 {
	s.Helper()
	s.receipts++
	v := receive(s.T, s.any().Inventory, "A", warehouse, int64(s.receipts))
	s.history[warehouse] = append(s.history[warehouse], changed{v, time.Now()})
	return v
}

// read reads the SKU and fails the test where a version is older than may be.
func (s *cacheStory) read(by *hand, least ...app.MinVersion) {
	s.Helper()
	bound := time.Now().Add(-s.oldest)
	all, err := by.Stocks(s.Context(), app.StockQuery{Items: []app.StockItem{{SKU: "A", AtLeast: least}}})
	if err != nil || all[0].Err != nil {
		s.Fatalf("a read failed: %v %+v", err, all)
	}
	s.sources[all[0].Source]++
	got := map[string]int64{}
	for _, w := range all[0].Warehouses {
		got[string(w.WarehouseID)] = w.Version
	}
	for _, v := range least {
		if got[v.WarehouseID] < v.Version {
			s.Fatalf("%s must have reached %d, read %d", v.WarehouseID, v.Version, got[v.WarehouseID])
		}
	}
	for id, changes := range s.history {
		newest := changes[len(changes)-1].version
		for _, c := range changes {
			late := all[0].Source == app.SourceStore && s.oldest < time.Second // the tables, while a ledger moves
			if c.at.Before(bound) && got[id] < c.version && !late {
				s.Fatalf("%s: read version %d from the %s %s after %d was committed", id, got[id], all[0].Source, time.Since(c.at), c.version)
			}
		}
		if got[id] > newest {
			s.Fatalf("%s: read version %d, the newest is %d", id, got[id], newest)
		}
	}
}

func seedOf(t *testing.T) uint64 {
	seed := *cacheSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-cache.seed %d", seed)
	return seed
}

// Where nothing fails, ledgers may move.
func TestTheCacheIsToldOfEachChangeAtOnce(t *testing.T) {
	cacheStories(t, seedOf(t), func(s *cacheStory) {
		s.oldest = 20 * time.Millisecond
		for n := range 3000 {
			if n%10 == 0 {
				s.receive(fmt.Sprint("W", s.dice.IntN(5)))
			}
			if n%1000 == 500 {
				s.move()
			}
			pass(time.Duration(s.dice.IntN(25)) * time.Millisecond)
			s.read(s.any())
		}
		if s.sources[app.SourceCache] < 1000 {
			s.Errorf("reads came from %v: expected most from the cache", s.sources)
		}
	})
}

func TestThroughACacheAReaderSeesItsOwnWriteAndNothingOlderThanItMayBe(t *testing.T) {
	cacheStories(t, seedOf(t), func(s *cacheStory) {
		for range 4000 {
			switch s.dice.IntN(40) {
			default:
				s.read(s.any())
			case 0, 1, 2:
				id := fmt.Sprint("W", s.dice.IntN(5))
				s.read(s.any(), app.MinVersion{WarehouseID: id, Version: s.receive(id)})
			case 3:
				s.cache.forget()
			case 4:
				s.trouble()
			}
			pass(time.Duration(s.dice.IntN(30)) * time.Millisecond)
		}
		s.cache.set(nil, false, false)
		if s.sources[app.SourceCache] < 500 || s.sources[app.SourceOwner] < 100 {
			s.Errorf("reads came from %v: expected many of each", s.sources)
		}
	})
}

// trouble has the cache, or the fleet, do something else from now on.
func (s *cacheStory) trouble() {
	switch s.dice.IntN(10) {
	case 0:
		s.cache.set(ports.ErrTransient, false, false)
	case 1:
		s.cache.set(nil, true, false)
	case 2, 3:
		s.cache.set(nil, false, true)
	case 4:
		s.move()
	default:
		s.cache.set(nil, false, false)
	}
}

// move has a member begin anew: its ledgers move to others, and some back.
func (s *cacheStory) move() {
	h := s.any()
	h.stop()
	delete(s.members, h.name)
	s.begin(h.name)
	for n := range 200 { // meanwhile what is read much stays so
		if s.read(s.any()); n%3 == 0 {
			s.receive(fmt.Sprint("W", s.dice.IntN(5)))
		}
		pass(25 * time.Millisecond)
	}
}

// A reader that planning depends on would promise what is gone.
func TestOrdersAreNotPlannedByTheCache(t *testing.T) {
	cacheStories(t, 1, func(s *cacheStory) {
		for range 30 {
			for _, h := range s.members {
				s.read(h)
			}
		}
		lie := []ports.CachedLevel{}
		for n := range 6 {
			lie = append(lie, ports.CachedLevel{LevelKey: ports.LevelKey{SKU: "A", WarehouseID: fmt.Sprint("W", n)}, OnHand: 1000, Version: 1 << 40, At: time.Now()})
		}
		if err := s.cache.Tell(s.Context(), lie); err != nil {
			s.Fatal(err)
		}
		_, err := s.members["a"].Reserve(s.Context(), app.ReserveRequest{OrderID: "o-1", Items: []app.ReserveItem{{SKU: "A", Quantity: 500}}})
		if f := app.FailureOf(err); f.Code != "INSUFFICIENT_STOCK" {
			s.Errorf("an order for what only the cache has: %v", err)
		}
	})
}

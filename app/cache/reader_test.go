package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/ports"
)

// place is where tests read: a cache, the owner behind it, and what was seen.
type place struct {
	*testing.T
	cfg   Config
	cache *faulty
	seen  seen

	version atomic.Int64  // of each level at the owner
	reads   atomic.Int64  // levels that were read there
	takes   time.Duration // how long it takes
	from    From
	err     error
}

// seen counts events.
type seen struct {
	mu    sync.Mutex
	count map[string]int
	last  map[string]ports.Event
}

func (s *seen) Observe(e ports.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fmt.Sprintf("%T", e)
	n := 1
	switch e := e.(type) {
	case ports.CacheFilled:
		n = e.Levels
	case ports.CacheTold:
		n = e.Levels
	case ports.CacheUntold:
		n = e.Levels
	case ports.CachePassed:
		n = e.Levels
	}
	s.count[name] += n
	s.last[name] = e
}

func (s *seen) of(e ports.Event) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[fmt.Sprintf("%T", e)]
}

// faulty is a cache that fails, or is silent, when it is told to.
type faulty struct {
	ports.LevelCache
	mu     sync.Mutex
	err    error
	silent bool
	calls  int
}

func (f *faulty) set(silent bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent, f.err = silent, err
}

func (f *faulty) fault(ctx context.Context) error {
	f.mu.Lock()
	silent, err := f.silent, f.err
	f.calls++
	f.mu.Unlock()
	if silent {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (f *faulty) Get(ctx context.Context, keys []ports.LevelKey) ([]ports.Cached, error) {
	if err := f.fault(ctx); err != nil {
		return nil, err
	}
	return f.LevelCache.Get(ctx, keys)
}

func (f *faulty) Claim(ctx context.Context, by string, keys []ports.LevelKey) ([]bool, error) {
	if err := f.fault(ctx); err != nil {
		return nil, err
	}
	return f.LevelCache.Claim(ctx, by, keys)
}

func (f *faulty) Fill(ctx context.Context, by string, levels []ports.CachedLevel) (int, error) {
	if err := f.fault(ctx); err != nil {
		return 0, err
	}
	return f.LevelCache.Fill(ctx, by, levels)
}

func (f *faulty) Tell(ctx context.Context, levels []ports.CachedLevel) error {
	if err := f.fault(ctx); err != nil {
		return err
	}
	return f.LevelCache.Tell(ctx, levels)
}

// in runs a test where time passes only while all wait.
func in(t *testing.T, test func(*place)) {
	synctest.Test(t, func(t *testing.T) {
		p := &place{T: t, cfg: DefaultConfig(), from: FromOwner, takes: time.Millisecond, seen: seen{count: map[string]int{}, last: map[string]ports.Event{}}}
		p.cache = &faulty{LevelCache: memory.NewCache(p.cfg.TTL, p.cfg.Lease, time.Now)}
		p.version.Store(5)
		test(p)
	})
}

// pass lets time pass.
func pass(d time.Duration) { <-time.After(d) }

func (p *place) world() World {
	return World{Cache: p.cache, Clock: system.Clock{}, Observer: &p.seen, NewID: system.NewUUID}
}

// hot returns a reader, one for each process, that has found these SKUs to be read much.
func (p *place) hot(skus ...string) *Reader {
	r := NewReader(p.cfg, p.world())
	r.heat.cool(time.Now())
	for range 50 * p.cfg.Hot {
		for _, sku := range skus {
			r.heat.read(sku)
		}
	}
	return r
}

func (p *place) source(asked []ports.LevelKey) Source {
	return func(ctx context.Context, places []int) ([]Level, error) {
		version := p.version.Load()
		p.reads.Add(int64(len(places)))
		if err := ports.Sleep(ctx, system.Clock{}, p.takes); err != nil {
			return nil, err
		}
		var all []Level
		for _, i := range places {
			all = append(all, Level{ports.CachedLevel{LevelKey: asked[i], OnHand: 100 + version, Version: version, At: time.Now()}, p.from})
		}
		return all, p.err
	}
}

func ask(skus ...string) (asked []ports.LevelKey) {
	for _, sku := range skus {
		asked = append(asked, ports.LevelKey{SKU: sku, WarehouseID: "W"})
	}
	return asked
}

func (p *place) read(r *Reader, asked []ports.LevelKey) []Level {
	p.Helper()
	levels, err := r.Read(p.Context(), asked, p.source(asked))
	if err != nil || len(levels) != len(asked) {
		p.Fatalf("reading %v: %v %v", asked, levels, err)
	}
	for i, l := range levels {
		if l.LevelKey != asked[i] || l.From == FromNowhere || l.OnHand != 100+l.Version {
			p.Fatalf("%+v is read as %+v", asked[i], l)
		}
	}
	return levels
}

// want fails the test unless the owner was asked for so many levels, and so many were filled in.
func (p *place) want(reads, fills int) {
	p.Helper()
	if r, f := int(p.reads.Load()), p.seen.of(ports.CacheFilled{}); r != reads || f != fills {
		p.Fatalf("%d levels were read at the owner and %d filled in, want %d and %d", r, f, reads, fills)
	}
}

func TestOnlyWhatIsReadMuchIsLookedForInTheCache(t *testing.T) {
	in(t, func(p *place) {
		r := NewReader(p.cfg, p.world())
		for n := range 100 { // two a second
			if l := p.read(r, ask("A"))[0]; l.From != FromOwner {
				p.Fatalf("read %d comes from %v", n, l.From)
			}
			pass(500 * time.Millisecond)
		}
		if p.cache.calls > 0 {
			p.Fatalf("the cache was called %d times", p.cache.calls)
		}
		for range 100 { // a hundred a second
			p.read(r, ask("A"))
			pass(9 * time.Millisecond)
		}
		if l := p.read(r, ask("A", "B")); l[0].From != FromCache || l[1].From != FromOwner {
			p.Fatalf("what is read much comes from %v, and what is not from %v", l[0].From, l[1].From)
		}
		pass(10 * time.Second)
		if l := p.read(r, ask("A"))[0]; l.From != FromOwner {
			p.Fatal("what was read much once is looked for ever after")
		}
	})
}

func TestHoweverManyMissALevelItIsReadAndFilledInOnce(t *testing.T) {
	in(t, func(p *place) {
		readers := []*Reader{p.hot("A", "B"), p.hot("A", "B"), p.hot("A", "B")}
		var all sync.WaitGroup
		for n := range 1000 {
			all.Go(func() { p.read(readers[n%3], ask("A", "B")) })
		}
		all.Wait()
		p.want(2, 2)
		for _, r := range readers {
			if l := p.read(r, ask("A", "B")); l[0].From != FromCache || l[1].From != FromCache {
				p.Fatalf("after the fill: %+v", l)
			}
		}
		p.want(2, 2)
	})
}

func TestACacheThatIsSilentIsLeftAloneAndTriedAgain(t *testing.T) {
	in(t, func(p *place) {
		r := p.hot("A")
		p.read(r, ask("A"))
		for _, fault := range []error{nil, ports.ErrTransient} {
			p.cache.set(fault == nil, fault)
			began := time.Now()
			for range 100 {
				if l := p.read(r, ask("A"))[0]; l.From != FromOwner {
					p.Fatalf("read from %v", l.From)
				}
			}
			if took := time.Since(began); took > 400*time.Millisecond {
				p.Fatalf("a hundred reads took %s", took)
			}
			if away, ok := p.seen.last["ports.CacheAway"].(ports.CacheAway); !ok || !away.Away {
				p.Fatal("nobody was told that the cache is away")
			}
			p.cache.set(false, nil)
			pass(rest)
			p.hotter(r)
			if l := p.read(r, ask("A"))[0]; l.From != FromCache {
				p.Fatalf("when it answers again: from %v", l.From)
			}
			if p.seen.last["ports.CacheAway"].(ports.CacheAway).Away {
				p.Fatal("nobody was told that it is back")
			}
		}
	})
}

// hotter has what is read much be so after a rest.
func (p *place) hotter(r *Reader) {
	r.heat.cool(time.Now())
	for range 50 * p.cfg.Hot {
		r.heat.read("A")
	}
}

func TestWhoGivesUpTakesNobodyWithHim(t *testing.T) {
	in(t, func(p *place) {
		r := p.hot("A")
		p.takes = time.Second
		ctx, cancel := context.WithCancel(p.Context())
		var all sync.WaitGroup
		all.Go(func() {
			asked := ask("A")
			if _, err := r.Read(ctx, asked, p.source(asked)); !errors.Is(err, context.Canceled) {
				p.Errorf("who gave up got %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() { p.read(r, ask("A")) })
		synctest.Wait()
		cancel()
		all.Wait()
		p.read(r, ask("A"))
	})
}

func TestAReadThatPanicsLeavesNobodyWaiting(t *testing.T) {
	in(t, func(p *place) {
		r := p.hot("A")
		func() {
			defer func() { _ = recover() }()
			_, _ = r.Read(p.Context(), ask("A"), func(context.Context, []int) ([]Level, error) { panic("a defect") })
		}()
		p.read(r, ask("A"))
	})
}

func TestAnErrorOfTheSourceIsTold(t *testing.T) {
	in(t, func(p *place) {
		r := p.hot("A")
		p.err = ports.ErrPermanent
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				asked := ask("A")
				if _, err := r.Read(p.Context(), asked, p.source(asked)); !errors.Is(err, ports.ErrPermanent) {
					p.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		p.want(1, 0)
	})
}

func TestWhatTheTablesTellIsNotFilledIn(t *testing.T) {
	in(t, func(p *place) {
		p.from = FromStore
		r := p.hot("A")
		p.read(r, ask("A"))
		p.want(1, 0)
	})
}

func TestASKUThatIsNamedTwiceIsReadOnce(t *testing.T) {
	in(t, func(p *place) {
		p.read(p.hot("A"), ask("A", "A"))
		p.want(1, 1)
	})
}

// The one interleaving for which levels are claimed: what changes between a read at the owner and
// its fill is not lost behind it.
func TestWhatIsToldDuringAFillStays(t *testing.T) {
	in(t, func(p *place) {
		r, teller := p.hot("A"), NewTeller(p.cfg, p.world())
		ctx, end := context.WithCancel(p.Context())
		var telling sync.WaitGroup
		telling.Go(func() { teller.Run(ctx) })
		asked := ask("A")
		_, err := r.Read(ctx, asked, func(ctx context.Context, places []int) ([]Level, error) {
			teller.Asked([]ports.LevelKey{asked[0]})
			old, err := p.source(asked)(ctx, places)
			teller.Committed("stock/W/0", entry(6, "A"))
			synctest.Wait()
			return old, err
		})
		if err != nil {
			p.Fatal(err)
		}
		if l := p.got("A"); l.Version != 6 {
			p.Fatalf("the cache has %+v", l)
		}
		end()
		telling.Wait()
	})
}

// got is what the cache has.
func (p *place) got(sku string) ports.CachedLevel {
	all, err := p.cache.LevelCache.Get(p.Context(), []ports.LevelKey{{SKU: sku, WarehouseID: "W"}})
	if err != nil {
		p.Fatal(err)
	}
	return all[0].Level
}

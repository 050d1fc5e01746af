package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/integration/stack"
)

const (
	sku        = "HOT"
	warehouses = 6
	members    = 3
)

// shop is three processes on real servers, with a Redis of their own, and one SKU.
type shop struct {
	*server
	all []*service.Process

	mu        sync.Mutex
	dice      *rand.Rand
	receipts  int
	committed map[string][]commit // by warehouse
}

// commit is a version that was answered.
type commit struct {
	version int64
	at      time.Time
}

// level is what the API tells of the SKU.
type stocked struct {
	Source     string
	Warehouses []struct {
		WarehouseID string `json:"warehouse_id"`
		Version     int64
	}
}

// newShop has the processes run. Their Redis need not.
func newShop(t *testing.T, r *server, flags ...string) *shop {
	st := suite.Stack(t)
	s := &shop{server: r, dice: rand.New(rand.NewPCG(1, 2)), committed: map[string][]commit{}}
	flags = append([]string{"--redis=" + r.st.Redis(), "--lease=3s", "--reservation-ledgers=2"}, flags...)
	site := suite.OnServers(t, st, st, flags...).AsDelivered()
	for n := range members {
		if n > 0 {
			site = site.Beside()
		}
		s.all = append(s.all, site.Launch())
	}
	for _, p := range s.all {
		s.must(p.AwaitReady(t.Context()))
	}
	for n := range warehouses {
		s.ask(http.MethodPut, "/inventory/warehouses/"+warehouse(n), map[string]any{"region": "home", "rank": n})
	}
	s.eventually("all is owned by all", func() error {
		for _, p := range s.all {
			if err := p.Client().Ready(t.Context()); err != nil {
				return err
			}
		}
		return nil
	})
	for n := range warehouses {
		s.receive(warehouse(n))
	}
	if t.Failed() {
		t.FailNow()
	}
	for _, p := range s.all { // they look for new warehouses now and then
		s.eventually("all know of all warehouses", func() error {
			if n := len(s.read(p.Client(), nil).Warehouses); n != warehouses {
				return fmt.Errorf("of %d", n)
			}
			return nil
		})
	}
	return s
}

func warehouse(n int) string { return fmt.Sprint("W", n) }

func (s *shop) below(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

func (s *shop) any() *service.Client { return s.all[s.below(members)].Client() }

// ask has something done that must succeed.
func (s *shop) ask(method, path string, body any) service.Answer {
	s.Helper()
	s.mu.Lock()
	s.receipts++
	h := service.Header{"Idempotency-Key": fmt.Sprint("key-", s.receipts), "Inventory-Actor": "test"}
	s.mu.Unlock()
	a, err := s.any().Decide(context.Background(), method, path, h, body)
	if err != nil || a.Status >= 300 {
		s.Errorf("%s %s: %v %v", method, path, a, err)
	}
	return a
}

// receive adds a unit, and gives the version of its level.
func (s *shop) receive(warehouse string) int64 {
	s.Helper()
	var made struct{ Version int64 }
	a := s.ask(http.MethodPost, "/inventory/adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": "RECEIPT", "qty_delta": 1})
	if err := a.Into(&made); err != nil || made.Version == 0 {
		s.Errorf("no version in %v: %v", a, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed[warehouse] = append(s.committed[warehouse], commit{made.Version, time.Now()})
	return made.Version
}

// read reads the SKU at a process, from some versions on. A read that fails, or that is too old,
// fails the test.
func (s *shop) read(by *service.Client, least map[string]int64) (found stocked) {
	s.Helper()
	path := "/inventory/" + sku
	if len(least) > 0 {
		query := url.Values{}
		for w, v := range least {
			query.Add("min_version", fmt.Sprint(w, ":", v))
		}
		path += "?" + query.Encode()
	}
	a, err := by.Ask(context.Background(), http.MethodGet, path, nil, nil)
	if err != nil || a.Status != http.StatusOK {
		s.Errorf("a read failed: %.400v %v", a, err)
		return found
	}
	s.must(a.Into(&found))
	for _, w := range found.Warehouses {
		if w.Version < least[w.WarehouseID] {
			s.Errorf("%s: read version %d, at least %d was asked for: %v", w.WarehouseID, w.Version, least[w.WarehouseID], a)
		}
	}
	return found
}

// metric sums a counter of all processes.
func (s *shop) metric(name string) (sum float64) {
	s.Helper()
	line := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`)
	for _, p := range s.all {
		a, err := p.Client().Ask(context.Background(), http.MethodGet, "/metrics", nil, nil)
		s.must(err)
		found := line.FindSubmatch(a.Body)
		if found == nil {
			s.Fatalf("/metrics has no %s", name)
		}
		n, err := strconv.ParseFloat(string(found[1]), 64)
		s.must(err)
		sum += n
	}
	return sum
}

// warm reads until each process reads from the cache.
func (s *shop) warm() {
	s.Helper()
	for n, p := range s.all {
		s.eventually(fmt.Sprint("process ", n, " reads from the cache"), func() error {
			if found := s.read(p.Client(), nil); found.Source != "cache" {
				return fmt.Errorf("it reads from %s", found.Source)
			}
			return nil
		})
	}
}

func TestAThousandWhoMissALevelFillItOnce(t *testing.T) {
	r := newServer(t)
	s := newShop(t, r, "--redis-ttl=1m")
	s.warm()
	s.eventually("all levels are in the cache", func() error {
		if n, err := s.do("DBSIZE").AsInt64(); err != nil || n != warehouses {
			s.read(s.any(), nil)
			return fmt.Errorf("there are %d of %d: %w", n, warehouses, err)
		}
		return nil
	})
	before, missed := s.metric("inventory_cache_fills_total"), s.metric(`inventory_cache_reads_total{found="miss"}`)
	s.do("FLUSHALL")
	var all sync.WaitGroup
	begin := make(chan struct{})
	for n := range 1000 {
		all.Go(func() {
			<-begin
			s.read(s.all[n%members].Client(), nil)
		})
	}
	close(begin)
	all.Wait()
	fills := s.metric("inventory_cache_fills_total") - before
	if fills != warehouses {
		t.Errorf("%v fills of %d levels, want one of each", fills, warehouses)
	}
	t.Logf("%d levels were missed %v times and filled in %v times", warehouses, s.metric(`inventory_cache_reads_total{found="miss"}`)-missed, fills)
}

func TestAChangeIsReadThroughTheCacheAtOnce(t *testing.T) {
	s := newShop(t, newServer(t))
	s.warm()
	var took []time.Duration
	fromCache := 0
	for n := range 200 {
		at := warehouse(n % warehouses)
		version, began := s.receive(at), time.Now()
		by := s.any()
		s.eventually("the change is read", func() error {
			found := s.read(by, nil)
			if found.Source == "cache" {
				fromCache++
			}
			for _, w := range found.Warehouses {
				if w.WarehouseID == at && w.Version >= version {
					return nil
				}
			}
			return fmt.Errorf("found %+v", found)
		})
		took = append(took, time.Since(began))
	}
	p50, p99 := percentiles(took)
	t.Logf("staleness after the answer to a write: p50 %s, p99 %s; %d reads were from the cache", p50, p99, fromCache)
	if p99 > 250*time.Millisecond || fromCache < 100 {
		t.Errorf("p99 %s, want at most 250ms; %d reads from the cache, want 100 or more", p99, fromCache)
	}
}

func TestWithoutRedisAProcessIsReadyAndReads(t *testing.T) {
	r := newServer(t)
	s0 := r.st
	r.must(s0.Kill(stack.Redis))
	s := newShop(t, r)
	for range 100 {
		if found := s.read(s.any(), nil); found.Source == "cache" || len(found.Warehouses) != warehouses {
			t.Fatalf("read %+v", found)
		}
	}
	s.must(s0.Restart(t.Context(), stack.Redis))
	s.warm()
}

package cache

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inventory/integration/stack"
)

func percentiles(all []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(all)
	return all[len(all)/2], all[len(all)*99/100]
}

// oldest is how old a level may be that is read, whatever fails: as the documentation says it, and
// a second, for a busy machine.
const oldest = 5*time.Second + time.Second + time.Second

// load is readers and writers that go on until they are ended.
type load struct {
	*shop
	reads, cached, writes atomic.Int64
	ended                 chan struct{}
	working               sync.WaitGroup
}

func (s *shop) load() *load {
	l := &load{shop: s, ended: make(chan struct{})}
	for range 2 {
		l.repeat(l.writer())
	}
	for range 6 {
		l.repeat(l.reader())
	}
	for range 2 {
		l.repeat(l.stranger)
	}
	return l
}

// repeat does something again and again.
func (l *load) repeat(do func()) {
	l.working.Go(func() {
		for {
			select {
			case <-l.ended:
				return
			default:
				do()
			}
		}
	})
}

func (l *load) end() {
	close(l.ended)
	l.working.Wait()
}

// writer writes, and sees its own write wherever it reads.
func (l *load) writer() func() {
	tick := time.NewTicker(20 * time.Millisecond)
	return func() {
		<-tick.C
		at := warehouse(l.below(warehouses))
		v := l.receive(at)
		l.writes.Add(1)
		l.read(l.any(), map[string]int64{at: v})
	}
}

// reader never sees a version again that is older than what it saw.
func (l *load) reader() func() {
	seen := map[string]int64{}
	return func() {
		found := l.read(l.any(), seen)
		l.note(found)
		for _, w := range found.Warehouses {
			seen[w.WarehouseID] = w.Version
		}
	}
}

// stranger knows nothing, and is told of nothing that is older than it may be.
func (l *load) stranger() {
	l.mu.Lock()
	bound, least := time.Now().Add(-oldest), map[string]int64{}
	for w, all := range l.committed {
		for _, c := range all {
			if c.at.Before(bound) {
				least[w] = max(least[w], c.version)
			}
		}
	}
	l.mu.Unlock()
	found := l.read(l.any(), nil)
	l.note(found)
	for _, w := range found.Warehouses {
		if w.Version < least[w.WarehouseID] {
			l.Errorf("%s: read version %d from the %s, %d was committed more than %s ago", w.WarehouseID, w.Version, found.Source, least[w.WarehouseID], oldest)
		}
	}
}

func (l *load) note(found stocked) {
	l.reads.Add(1)
	if found.Source == "cache" {
		l.cached.Add(1)
	}
}

// wait lets some time pass under load.
func (l *load) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

func TestWhateverBecomesOfRedisNoReadIsWrongAndNoneFails(t *testing.T) {
	s := newShop(t, newServer(t))
	s.warm()
	l := s.load()
	faults := map[string]func(){
		"1 flushed": func() {
			for range 20 {
				s.do("FLUSHALL")
				l.wait(50 * time.Millisecond)
			}
		},
		"2 frozen": func() {
			s.must(s.st.Pause(stack.Redis))
			l.wait(3 * time.Second)
			s.must(s.st.Continue(stack.Redis))
		},
		"3 killed": func() {
			s.must(s.st.Kill(stack.Redis))
			l.wait(2 * time.Second)
			s.must(s.st.Restart(context.Background(), stack.Redis))
		},
		"4 full": func() {
			s.do("CONFIG", "SET", "maxmemory", "1")
			l.wait(3 * time.Second)
			s.do("CONFIG", "SET", "maxmemory", "0")
		},
		"5 full, and lets go": func() {
			s.do("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
			s.do("CONFIG", "SET", "maxmemory", "1")
			l.wait(2 * time.Second)
			s.do("CONFIG", "SET", "maxmemory", "0")
		},
		"6 frozen again and again": func() {
			for range 10 {
				s.must(s.st.Pause(stack.Redis))
				l.wait(100 * time.Millisecond)
				s.must(s.st.Continue(stack.Redis))
				l.wait(50 * time.Millisecond)
			}
		},
	}
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		reads, cached := l.reads.Load(), l.cached.Load()
		faults[name]()
		if more := l.reads.Load() - reads; more < 20 {
			t.Errorf("%s: only %d reads meanwhile", name, more)
		}
		s.warm()
		t.Logf("%s: %d reads meanwhile, %d from the cache", name, l.reads.Load()-reads, l.cached.Load()-cached)
	}
	l.end()
	for n, p := range s.all {
		s.must(p.Client().Ready(t.Context()))
		if said := p.Faults(); said != "" {
			t.Errorf("process %d: %s", n, said)
		}
	}
	t.Logf("%d writes, %d reads, %d from the cache", l.writes.Load(), l.reads.Load(), l.cached.Load())
	if l.cached.Load() == 0 {
		t.Error("none was from the cache")
	}
}

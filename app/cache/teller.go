package cache

import (
	"context"
	"sync"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

const (
	// mostUntold bounds the levels that wait to be told.
	mostUntold = 1 << 16
	// atOnce bounds those that are told at once.
	atOnce = 256
	// tellTimeout bounds one try. Nobody waits for it.
	tellTimeout = 250 * time.Millisecond
	// tryAgain is how long after a try that failed the next one is made.
	tryAgain = 250 * time.Millisecond
)

// Teller tells the cache of what changes in ledgers of this process. Of a level that changes faster
// than it can be told the last state is, so what waits is bounded by what may be in the cache.
type Teller struct {
	w     World
	lasts time.Duration
	noted *noted

	mu     sync.Mutex
	untold map[ports.LevelKey]untold
	news   chan struct{} // has room for one sign
}

// untold is a level that waits to be told.
type untold struct {
	level ports.CachedLevel
	first time.Time // when the first of the changes that are not told was committed, on this process's clock
	last  time.Time // and the last one
}

// NewTeller returns a teller that knows of nothing yet.
func NewTeller(cfg Config, w World) *Teller {
	return &Teller{
		w: w, lasts: cfg.lasts(), noted: newNoted(cfg.lasts(), w.Clock.Now()),
		untold: map[ports.LevelKey]untold{}, news: make(chan struct{}, 1),
	}
}

// Asked notes that another process is about to be told of levels, which it may fill in.
func (t *Teller) Asked(keys []ports.LevelKey) { t.noted.note(t.w.Clock.Now(), keys) }

// Took notes that this process has taken a ledger over. What others asked the last owner for it
// does not know.
func (t *Teller) Took(id ledger.ID) { t.noted.took(t.w.Clock.Now(), id) }

// Committed takes note of an entry. It does not wait.
func (t *Teller) Committed(id ledger.ID, e *ledger.Entry) {
	now := t.w.Clock.Now()
	if id.Kind() != ledger.KindStock || t.noted.none(now, id) {
		return
	}
	levels, keys := levelsOf(id, e)
	if keys = t.noted.of(now, id, keys); len(keys) > 0 {
		t.add(now, levels, keys)
	}
}

func (t *Teller) add(now time.Time, levels map[ports.LevelKey]ports.CachedLevel, keys []ports.LevelKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	lost := 0
	for _, k := range keys {
		one, waits := t.untold[k]
		if !waits {
			if len(t.untold) >= mostUntold {
				lost++
				continue
			}
			one.first = now
		}
		one.level, one.last = levels[k], now
		t.untold[k] = one
	}
	if lost > 0 {
		t.w.Observer.Observe(ports.CacheUntold{Levels: lost})
	}
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// levelsOf gives the levels that an entry changed, as it leaves them.
func levelsOf(id ledger.ID, e *ledger.Entry) (map[ports.LevelKey]ports.CachedLevel, []ports.LevelKey) {
	levels := map[ports.LevelKey]ports.CachedLevel{}
	var keys []ports.LevelKey
	put := func(sku stock.SKU, l stock.Level) {
		k := ports.LevelKey{SKU: string(sku), WarehouseID: id.Scope()}
		if _, ok := levels[k]; !ok {
			keys = append(keys, k)
		}
		levels[k] = ports.CachedLevel{LevelKey: k, OnHand: l.OnHand(), Held: l.Held(), Version: e.Version, At: time.UnixMilli(e.At).UTC()}
	}
	for _, c := range e.Changes {
		switch c := c.(type) {
		case stock.Moved:
			for _, l := range c.Lines {
				put(l.SKU, l.After)
			}
		case stock.AdjustmentMade:
			put(c.SKU, c.Level)
		case stock.Corrected:
			put(c.SKU, c.After)
		}
	}
	return levels, keys
}

// Run tells until ctx ends, and once more then.
func (t *Teller) Run(ctx context.Context) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-t.news:
			for more := true; more && ctx.Err() == nil; {
				more = t.tell(ctx)
			}
		}
	}
	last, end := ports.Lasting(ctx, t.w.Clock, tellTimeout)
	defer end()
	t.tell(last)
}

// tell tells of some of what waits; true where there is more. What can't be told waits on, until
// nothing so old can be in the cache any more.
func (t *Teller) tell(ctx context.Context) bool {
	some, waiting := t.take()
	if len(some) == 0 {
		return false
	}
	levels := make([]ports.CachedLevel, 0, len(some))
	oldest := some[0].first
	for _, u := range some {
		levels = append(levels, u.level)
		if u.first.Before(oldest) {
			oldest = u.first
		}
	}
	limited, cancel := context.WithTimeout(ctx, tellTimeout)
	err := t.w.Cache.Tell(limited, levels)
	cancel()
	if err == nil {
		t.w.Observer.Observe(ports.CacheStands{Waiting: waiting})
		t.w.Observer.Observe(ports.CacheTold{Levels: len(levels), Oldest: t.w.Clock.Now().Sub(oldest)})
		return waiting > 0
	}
	t.w.Observer.Observe(ports.CacheStands{Waiting: t.putBack(some)})
	if ctx.Err() != nil {
		return false
	}
	t.w.Observer.Observe(ports.CacheTrouble{Call: ports.CacheTell, Err: err})
	return ports.Sleep(ctx, t.w.Clock, tryAgain) == nil
}

// take takes some of what waits.
func (t *Teller) take() (some []untold, waiting int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, u := range t.untold {
		if len(some) == atOnce {
			break
		}
		some = append(some, u)
		delete(t.untold, k)
	}
	return some, len(t.untold)
}

// putBack has levels wait again, but for those that changed meanwhile, and those that the cache has
// forgotten anyway what was before.
func (t *Teller) putBack(some []untold) (waiting int) {
	now := t.w.Clock.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	lost := 0
	for _, u := range some {
		is, waits := t.untold[u.level.LevelKey]
		switch {
		case waits:
			is.first = u.first
			t.untold[u.level.LevelKey] = is
		case now.Sub(u.last) < t.lasts:
			t.untold[u.level.LevelKey] = u
		default:
			lost++
		}
	}
	if lost > 0 {
		t.w.Observer.Observe(ports.CacheUntold{Levels: lost})
	}
	return len(t.untold)
}

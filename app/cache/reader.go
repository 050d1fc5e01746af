package cache

import (
	"context"
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// World is what the cache needs of its surroundings.
type World struct {
	Cache    ports.LevelCache
	Clock    ports.Clock
	Observer ports.Observer
	// NewID gives ids that are never alike.
	NewID func() ledger.UUID
}

// Level is a level as it was read.
type Level struct {
	ports.CachedLevel
	From From
}

// From says where a level was read.
type From int

// Where levels are read. What was not read at all is FromNowhere.
const (
	FromNowhere From = iota
	FromCache
	FromOwner
	FromStore
)

// Source reads the levels of the keys at some places, in their order, where they are exact or nearly
// so. The version of a SKU that never was there is 0.
type Source func(ctx context.Context, places []int) ([]Level, error)

// Reader reads levels through the cache. It may be used from many goroutines.
type Reader struct {
	cfg     Config
	w       World
	heat    *heat
	breaker breaker
	flights flights
}

// NewReader returns a reader that has counted nothing yet.
func NewReader(cfg Config, w World) *Reader {
	return &Reader{cfg: cfg, w: w, heat: newHeat(cfg.Hot), flights: flights{all: map[ports.LevelKey]*flight{}}}
}

// Read reads levels, in the order of their keys: those of SKUs that are read much from the cache,
// as far as it has them, and all others from source. Errors are the source's: the cache has none.
func (r *Reader) Read(ctx context.Context, keys []ports.LevelKey, source Source) ([]Level, error) {
	r.heat.cool(r.w.Clock.Now())
	levels := make([]Level, len(keys))
	hot := make([]int, 0, len(keys))
	var left []int
	for i, k := range keys {
		if r.heat.read(k.SKU) {
			hot = append(hot, i)
		} else {
			left = append(left, i)
		}
	}
	more, err := r.readHot(ctx, keys, hot, levels, source)
	if err != nil {
		return nil, err
	}
	return levels, fetch(ctx, append(left, more...), levels, source)
}

// readHot reads levels of SKUs that are read much. It gives the places of those that others were
// reading and that did not come of use.
func (r *Reader) readHot(ctx context.Context, keys []ports.LevelKey, hot []int, levels []Level, source Source) (left []int, err error) {
	if len(hot) == 0 {
		return nil, nil
	}
	missing, answers := r.look(ctx, keys, hot, levels)
	if len(missing) == 0 {
		return nil, nil
	}
	joined, own := r.flights.board(pick(keys, missing))
	if err := r.fly(ctx, keys, missing, own, levels, answers, source); err != nil {
		return nil, err
	}
	for n, i := range missing {
		if joined[n] == nil {
			continue
		}
		level, ok, err := joined[n].wait(ctx)
		switch {
		case err != nil:
			return nil, err
		case !ok:
			left = append(left, i)
		default:
			levels[i] = level
		}
	}
	return left, nil
}

// fly reads the levels of the flights that are this caller's own, and lands them, whatever happens.
// answers tells whether the cache does.
func (r *Reader) fly(ctx context.Context, keys []ports.LevelKey, missing []int, own []*flight, levels []Level, answers bool, source Source) (err error) {
	done := false
	defer func() {
		for n, i := range missing {
			if own[n] != nil { // those who wait read it themselves where this caller alone has given up
				r.flights.land(keys[i], own[n], levels[i], done && err == nil, unless(ctx, err))
			}
		}
	}()
	m := missed{}
	for n, i := range missing {
		if own[n] != nil {
			m.pass = append(m.pass, i)
		}
	}
	if answers && len(m.pass) > 0 {
		m = r.claim(ctx, keys, m.pass, levels)
	}
	err = r.lead(ctx, m, levels, source)
	done = true
	return err
}

// pick gives the keys at some places.
func pick(keys []ports.LevelKey, places []int) []ports.LevelKey {
	some := make([]ports.LevelKey, 0, len(places))
	for _, i := range places {
		some = append(some, keys[i])
	}
	return some
}

// unless gives an error, but for one that comes of the end of ctx.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// lead reads from the source what nobody else of this process is reading, and fills in what is
// claimed.
func (r *Reader) lead(ctx context.Context, m missed, levels []Level, source Source) error {
	if err := fetch(ctx, slices.Concat(m.fill, m.pass), levels, source); err != nil {
		return err
	}
	var filled []ports.CachedLevel
	for _, i := range m.fill {
		if levels[i].From == FromOwner { // the tables may be behind what the cache was told
			filled = append(filled, levels[i].CachedLevel)
		}
	}
	r.fill(ctx, m.by, filled)
	return nil
}

// fetch reads the levels at some places from the source.
func fetch(ctx context.Context, places []int, levels []Level, source Source) error {
	if len(places) == 0 {
		return nil
	}
	found, err := source(ctx, places)
	if err != nil {
		return err
	}
	for n, i := range places {
		levels[i] = found[n]
	}
	return nil
}

// missed are the places of what is to be read elsewhere.
type missed struct {
	by   string // the name of the claims
	fill []int  // it is claimed, and can be filled in
	pass []int
}

// look looks levels up in the cache. It gives the places of those that are not there, and whether the
// cache answers.
func (r *Reader) look(ctx context.Context, keys []ports.LevelKey, places []int, levels []Level) (missing []int, answers bool) {
	began := r.w.Clock.Now()
	if !r.breaker.allow(began) {
		r.w.Observer.Observe(ports.CachePassed{Levels: len(places)})
		return places, false
	}
	missing, err := r.get(ctx, keys, places, levels)
	if err != nil {
		return places, false
	}
	r.w.Observer.Observe(ports.CacheRead{Hits: len(places) - len(missing), Misses: len(missing), Took: r.w.Clock.Now().Sub(began)})
	return missing, true
}

// get looks levels up, and gives the places of those that are not there.
func (r *Reader) get(ctx context.Context, keys []ports.LevelKey, places []int, levels []Level) (none []int, err error) {
	some := pick(keys, places)
	var found []ports.Cached
	if err := r.call(ctx, ports.CacheGet, func(ctx context.Context) (err error) {
		found, err = r.w.Cache.Get(ctx, some)
		return err
	}); err != nil {
		return nil, err
	}
	for n, i := range places {
		if found[n].Found {
			levels[i] = Level{found[n].Level, FromCache}
		} else {
			none = append(none, i)
		}
	}
	return none, nil
}

// What others have claimed is looked for so often, after waiting so long and then twice as long.
const (
	looks = 4
	pause = 2 * time.Millisecond
)

// claim claims levels of which the cache has nothing. Where others have claimed all of them it waits
// a little.
func (r *Reader) claim(ctx context.Context, keys []ports.LevelKey, none []int, levels []Level) missed {
	m := missed{by: r.w.NewID().String()}
	some := pick(keys, none)
	var mine []bool
	if err := r.call(ctx, ports.CacheClaim, func(ctx context.Context) (err error) {
		mine, err = r.w.Cache.Claim(ctx, m.by, some)
		return err
	}); err != nil {
		return missed{pass: none}
	}
	for n, i := range none {
		if mine[n] {
			m.fill = append(m.fill, i)
		} else {
			m.pass = append(m.pass, i)
		}
	}
	for wait, n := pause, 0; n < looks && len(m.fill) == 0 && len(m.pass) > 0; wait, n = 2*wait, n+1 {
		if ports.Sleep(ctx, r.w.Clock, wait) != nil {
			return m
		}
		none, err := r.get(ctx, keys, m.pass, levels)
		if err != nil {
			return m
		}
		m.pass = none
	}
	return m
}

// fill fills levels in, however it ends for who asked.
func (r *Reader) fill(ctx context.Context, by string, levels []ports.CachedLevel) {
	if len(levels) == 0 {
		return
	}
	stored := 0
	err := r.call(context.WithoutCancel(ctx), ports.CacheFill, func(ctx context.Context) (err error) {
		stored, err = r.w.Cache.Fill(ctx, by, levels)
		return err
	})
	if err == nil && stored > 0 {
		r.w.Observer.Observe(ports.CacheFilled{Levels: stored})
	}
}

// call makes a call of the cache, and notes how it went.
func (r *Reader) call(ctx context.Context, name string, do func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	err := do(limited)
	cancel()
	if err != nil && ctx.Err() != nil { // the caller's end, not the cache's
		r.breaker.leave()
		return err
	}
	away, news := r.breaker.note(r.w.Clock.Now(), err == nil)
	if err != nil {
		r.w.Observer.Observe(ports.CacheTrouble{Call: name, Err: err})
	}
	if news {
		r.w.Observer.Observe(ports.CacheAway{Away: away})
	}
	return err
}

package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"inventory/ports"
)

// What becomes of a level that is looked for in the cache.
const (
	cacheHit    = "hit"
	cacheMiss   = "miss"
	cachePassed = "passed"
)

var (
	labelFound = label{"found", []string{cacheHit, cacheMiss, cachePassed}}
	labelCall  = label{"call", []string{ports.CacheGet, ports.CacheClaim, ports.CacheFill, ports.CacheTell, other}}
)

// cacheMetrics are of the cache of levels.
type cacheMetrics struct {
	read, filled, told, untold, errors counter
	took, age                          histogram
	waiting, away                      prometheus.Gauge
}

func newCacheMetrics(c *catalog) *cacheMetrics {
	return &cacheMetrics{
		read: c.counter("inventory_cache_reads_total",
			"Levels of SKUs that are read much, and of which another process has the ledger: found in the cache; missed there; or read past it, as it did not answer lately.", labelFound),
		took:   c.histogram("inventory_cache_read_seconds", "Time that looking levels up in the cache took, where it answered.", bucketsLatency),
		filled: c.counter("inventory_cache_fills_total", "Levels that were missing in the cache and that this process filled in."),
		told:   c.counter("inventory_cache_told_total", "Changed levels that the cache was told of by this process, which has their ledger."),
		age: c.histogram("inventory_cache_told_age_seconds",
			"From committing a change until the cache was told of it, of the oldest of those that were told together: so old are levels in the cache, but for what could not be told.", bucketsLatency),
		untold:  c.counter("inventory_cache_untold_total", "Changed levels that the cache was never told of: too many waited, or for too long. What it has of them leaves it by itself within its time to live."),
		waiting: c.gauge("inventory_cache_waiting_levels", "Changed levels that waited to be told when some were told last."),
		away:    c.gauge("inventory_cache_passing_members", "1 while reads of this process pass the cache by, since it does not answer in time."),
		errors:  c.counter("inventory_cache_errors_total", "Calls of the cache that failed or took too long.", labelCall),
	}
}

// observe counts an event of the cache; false where it is none.
func (m *cacheMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.CacheRead:
		m.read.add(e.Hits, cacheHit)
		m.read.add(e.Misses, cacheMiss)
		m.took.took(e.Took)
	case ports.CachePassed:
		m.read.add(e.Levels, cachePassed)
	case ports.CacheFilled:
		m.filled.add(e.Levels)
	case ports.CacheTold:
		m.told.add(e.Levels)
		m.age.took(e.Oldest)
	case ports.CacheUntold:
		m.untold.add(e.Levels)
	case ports.CacheStands:
		m.waiting.Set(float64(e.Waiting))
	case ports.CacheAway:
		m.away.Set(map[bool]float64{true: 1}[e.Away])
	default:
		return false
	}
	return true
}

// ofCache logs an event of the cache; false where it is none.
func (o *Observer) ofCache(e ports.Event) bool {
	switch e := e.(type) {
	case ports.CacheRead:
		if line := o.log.Check(zap.DebugLevel, "cache read"); line != nil {
			line.Write(zap.Int("hits", e.Hits), zap.Int("misses", e.Misses), zap.Duration("took", e.Took))
		}
	case ports.CachePassed:
		o.log.Debug("cache passed by", zap.Int("levels", e.Levels))
	case ports.CacheFilled:
		o.log.Debug("cache filled", zap.Int("levels", e.Levels))
	case ports.CacheTold:
		if line := o.log.Check(zap.DebugLevel, "cache told"); line != nil {
			line.Write(zap.Int("levels", e.Levels), zap.Duration("oldest", e.Oldest))
		}
	case ports.CacheUntold:
		o.log.Debug("cache never told", zap.Int("levels", e.Levels))
	case ports.CacheStands:
		o.log.Debug("waits for the cache", zap.Int("levels", e.Waiting))
	case ports.CacheAway:
		o.log.Info("reads pass the cache by, or do no longer", zap.Bool("away", e.Away))
	case ports.CacheTrouble:
		o.limitedBy("cache trouble "+e.Call, zap.WarnLevel, "cache trouble", e.Err, zap.String("call", e.Call))
	default:
		return false
	}
	return true
}

package telemetry

import (
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

// cacheCases has the events of the cache of levels.
var cacheCases = []eventCase{
	{
		ports.CacheRead{Hits: 3, Misses: 2, Took: time.Millisecond},
		zapcore.DebugLevel, "cache read",
		map[string]any{"hits": int64(3), "misses": int64(2), "took": time.Millisecond},
	},
	{ports.CachePassed{Levels: 4}, zapcore.DebugLevel, "cache passed by", map[string]any{"levels": int64(4)}},
	{ports.CacheFilled{Levels: 2}, zapcore.DebugLevel, "cache filled", map[string]any{"levels": int64(2)}},
	{
		ports.CacheTold{Levels: 5, Oldest: time.Second},
		zapcore.DebugLevel, "cache told",
		map[string]any{"levels": int64(5), "oldest": time.Second},
	},
	{ports.CacheUntold{Levels: 6}, zapcore.DebugLevel, "cache never told", map[string]any{"levels": int64(6)}},
	{ports.CacheStands{Waiting: 7}, zapcore.DebugLevel, "waits for the cache", map[string]any{"levels": int64(7)}},
	{ports.CacheAway{Away: true}, zapcore.InfoLevel, "reads pass the cache by, or do no longer", map[string]any{"away": true}},
	{
		ports.CacheTrouble{Call: ports.CacheGet, Err: ports.ErrTransient},
		zapcore.WarnLevel, "cache trouble",
		map[string]any{"call": "get", "class": "transient", "error": "not done, try again"},
	},
}

func TestHowTheCacheIsUsedIsCounted(t *testing.T) {
	m := NewMetrics()
	for _, e := range []ports.Event{
		ports.CacheRead{Hits: 3, Misses: 2, Took: time.Second},
		ports.CachePassed{Levels: 4},
		ports.CacheFilled{Levels: 2},
		ports.CacheStands{Waiting: 7},
		ports.CacheAway{Away: true},
		ports.CacheTold{Levels: 5, Oldest: 2 * time.Second},
		ports.CacheUntold{Levels: 6},
		ports.CacheTrouble{Call: ports.CacheTell, Err: errStore},
	} {
		m.Observe(e)
	}
	expectSeries(t, m,
		`inventory_cache_reads_total{found="hit"} 3`, `inventory_cache_reads_total{found="miss"} 2`, `inventory_cache_reads_total{found="passed"} 4`,
		`inventory_cache_read_seconds_sum 1`, `inventory_cache_fills_total 2`, `inventory_cache_told_total 5`, `inventory_cache_told_age_seconds_sum 2`,
		`inventory_cache_untold_total 6`, `inventory_cache_waiting_levels 7`, `inventory_cache_passing_members 1`,
		`inventory_cache_errors_total{call="tell"} 1`, `inventory_trouble_total{of="cache"} 1`)
	m.Observe(ports.CacheAway{})
	expectSeries(t, m, `inventory_cache_passing_members 0`)
}

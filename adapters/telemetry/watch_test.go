package telemetry

import (
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

// watchCases has the events of watches.
var watchCases = []eventCase{
	{ports.WatchBegan{Resumed: true}, zapcore.DebugLevel, "watch began", map[string]any{"resumed": true}},
	{ports.WatchEnded{Outcome: ports.WatchBehind}, zapcore.DebugLevel, "watch ended", map[string]any{"outcome": "behind"}},
	{
		ports.WatchTold{Changes: 3, Delay: time.Second},
		zapcore.DebugLevel, "watch told",
		map[string]any{"changes": int64(3), "delay": time.Second},
	},
	{
		ports.WatchTrouble{Ledger: "stock/W/0", Err: ports.ErrTransient},
		zapcore.WarnLevel, "watch trouble",
		map[string]any{"ledger": "stock/W/0", "class": "transient", "error": ports.ErrTransient.Error()},
	},
}

func TestWatchesAreCounted(t *testing.T) {
	m := NewMetrics()
	m.Observe(ports.WatchBegan{})
	m.Observe(ports.WatchBegan{Resumed: true})
	m.Observe(ports.WatchTold{Changes: 3, Delay: 20 * time.Millisecond})
	m.Observe(ports.WatchTold{Changes: 4, Delay: -time.Second})
	m.Observe(ports.WatchEnded{Outcome: ports.WatchBehind})
	m.Observe(ports.WatchTrouble{Err: ports.ErrTransient})
	expectSeries(t, m,
		`inventory_watches 1`, `inventory_watches_resumed_total 1`, `inventory_watches_ended_total{outcome="behind"} 1`,
		`inventory_watches_ended_total{outcome="left"} 0`, `inventory_watch_changes_total 7`, `inventory_watch_delay_seconds_count 2`,
		`inventory_watch_delay_seconds_bucket{le="0.001"} 1`, `inventory_trouble_total{of="watch"} 1`)
}

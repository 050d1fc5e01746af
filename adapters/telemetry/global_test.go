package telemetry

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

// globalCases has the events of keeping totals.
var globalCases = []eventCase{
	{
		ports.Aggregated{Active: true, Lag: time.Second, Late: 2, Levels: 9},
		zapcore.DebugLevel, "global stock",
		map[string]any{"active": true, "lag": time.Second, "late": int64(2), "levels": int64(9)},
	},
	{
		ports.AggregationChanged{Active: true, Lag: 11 * time.Second, Late: 3},
		zapcore.WarnLevel, "global stock: took over",
		map[string]any{"lag": 11 * time.Second, "late": int64(3)},
	},
	{ports.AggregationChanged{}, zapcore.InfoLevel, "global stock: stepped back for another program", map[string]any{}},
	{ports.TotalsProjected{Rows: 4}, zapcore.DebugLevel, "global stock projected", map[string]any{"rows": int64(4)}},
	{
		ports.GlobalTrouble{Err: fmt.Errorf("reading levels: %w", ports.ErrTransient)},
		zapcore.WarnLevel, "global stock trouble",
		map[string]any{"class": "transient", "error": "reading levels: not done, try again"},
	},
}

func TestHowTotalsAreKeptIsCounted(t *testing.T) {
	m := NewMetrics()
	expectSeries(t, m, `inventory_global_changes_total{change="took_over"} 0`, `inventory_global_active_info 0`)
	m.Observe(ports.Aggregated{Active: true, Lag: 1500 * time.Millisecond, Late: 2, Levels: 9})
	m.Observe(ports.AggregationChanged{Active: true})
	m.Observe(ports.AggregationChanged{})
	m.Observe(ports.AggregationChanged{Active: true})
	m.Observe(ports.TotalsProjected{Rows: 4})
	m.Observe(ports.TotalsProjected{Rows: 3})
	m.Observe(ports.GlobalTrouble{Err: ports.ErrTransient})
	expectSeries(t, m,
		`inventory_global_lag_seconds 1.5`, `inventory_global_late_totals 2`, `inventory_global_kept_levels 9`, `inventory_global_active_info 1`,
		`inventory_global_changes_total{change="took_over"} 2`, `inventory_global_changes_total{change="stepped_back"} 1`, `inventory_global_rows_total 7`,
		`inventory_trouble_total{of="global"} 1`)
	m.Observe(ports.Aggregated{})
	expectSeries(t, m, `inventory_global_lag_seconds 0`, `inventory_global_kept_levels 0`, `inventory_global_active_info 0`)
}

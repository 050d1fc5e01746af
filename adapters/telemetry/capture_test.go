package telemetry

import (
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

// captureCases has the events of publishing what is left to capture.
var captureCases = []eventCase{
	{
		ports.CapturePublished{Ledger: id, By: ports.ByTable, Events: 3, Oldest: time.Second},
		zapcore.DebugLevel, "published what was left to capture",
		map[string]any{"ledger": "stock/HCM/0", "by": "table", "events": int64(3), "oldest": time.Second},
	},
	{ports.CaptureRepeated{Rows: 2}, zapcore.DebugLevel, "captured again", map[string]any{"rows": int64(2)}},
	{ports.CaptureDropped{Rows: 4}, zapcore.DebugLevel, "captured too far ahead", map[string]any{"rows": int64(4)}},
	{
		ports.CaptureStands{Pending: 2, Lag: time.Minute},
		zapcore.DebugLevel, "left to capture",
		map[string]any{"pending": int64(2), "lag": time.Minute},
	},
	{ports.CaptureLed{Leads: true}, zapcore.InfoLevel, "publishes what is left to capture", map[string]any{"leads": true}},
	{
		ports.CaptureTrouble{Ledger: id, Err: errStore},
		zapcore.WarnLevel, "capture trouble",
		map[string]any{"ledger": "stock/HCM/0", "class": "unknown", "error": errStore.Error()},
	},
}

func TestWhatPublishesAndHowFarBehindItIsIsCounted(t *testing.T) {
	m := NewMetrics()
	for _, e := range []ports.Event{
		ports.CaptureLed{Leads: true},
		ports.CapturePublished{By: ports.ByCapture, Events: 5, Oldest: 2 * time.Second},
		ports.CapturePublished{By: ports.ByTable, Events: 3, Oldest: 9 * time.Second},
		ports.CaptureRepeated{Rows: 2},
		ports.CaptureDropped{Rows: 4},
		ports.CaptureStands{Pending: 1, Lag: 9 * time.Second},
		ports.CaptureTrouble{Err: errStore},
	} {
		m.Observe(e)
	}
	expectSeries(t, m,
		`inventory_capture_published_total{by="capture"} 5`, `inventory_capture_published_total{by="table"} 3`,
		`inventory_capture_published_age_seconds_sum{by="table"} 9`, `inventory_capture_repeats_total 2`, `inventory_capture_dropped_total 4`,
		`inventory_capture_lag_seconds 9`, `inventory_capture_leading_members 1`, `inventory_trouble_total{of="capture"} 1`)
	m.Observe(ports.CaptureLed{})
	expectSeries(t, m, `inventory_capture_lag_seconds 0`, `inventory_capture_leading_members 0`)
}

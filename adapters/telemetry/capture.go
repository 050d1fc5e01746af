package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"inventory/ports"
)

var labelBy = label{"by", []string{ports.ByCapture, ports.ByTable, other}}

// captureMetrics are of publishing what is left to capture.
type captureMetrics struct {
	published        counter
	late             histogram
	repeats, dropped counter
	lag, leads       prometheus.Gauge
}

func newCaptureMetrics(c *catalog) *captureMetrics {
	return &captureMetrics{
		published: c.counter("inventory_capture_published_total",
			"Events that were left to capture and that this process published: as capture brought them, or from the table, since capture was late with them or lost them.", labelBy),
		late: c.histogram("inventory_capture_published_age_seconds",
			"From an entry until its events, which were left to capture, were published: of the oldest of those that were published together.", bucketsLateness, labelBy),
		repeats: c.counter("inventory_capture_repeats_total", "Rows that capture brought again, and that were dropped."),
		dropped: c.counter("inventory_capture_dropped_total", "Rows that capture brought too far ahead of what was missing: they were read from the table in their turn."),
		lag: c.gauge("inventory_capture_lag_seconds",
			"Age of the oldest events that are left to capture and not published, as the process saw it last that publishes them; 0 elsewhere, and where none waits. Above --capture-lateness: publishing itself is behind, not only capture."),
		leads: c.gauge("inventory_capture_leading_members", "1 in the process that publishes what is left to capture; one of all has it, but for moments."),
	}
}

// observe counts an event of capture; false where it is none.
func (m *captureMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.CapturePublished:
		m.published.add(e.Events, e.By)
		m.late.took(e.Oldest, e.By)
	case ports.CaptureRepeated:
		m.repeats.add(e.Rows)
	case ports.CaptureDropped:
		m.dropped.add(e.Rows)
	case ports.CaptureStands:
		m.lag.Set(e.Lag.Seconds())
	case ports.CaptureLed:
		m.lag.Set(0)
		m.leads.Set(map[bool]float64{true: 1}[e.Leads])
	default:
		return false
	}
	return true
}

// captured logs an event of capture; false where it is none.
func (o *Observer) captured(e ports.Event) bool {
	switch e := e.(type) {
	case ports.CapturePublished:
		o.log.Debug("published what was left to capture", ledgerField(e.Ledger), zap.String("by", e.By), zap.Int("events", e.Events), zap.Duration("oldest", e.Oldest))
	case ports.CaptureRepeated:
		o.log.Debug("captured again", zap.Int("rows", e.Rows))
	case ports.CaptureDropped:
		o.log.Debug("captured too far ahead", zap.Int("rows", e.Rows))
	case ports.CaptureStands:
		o.log.Debug("left to capture", zap.Int("pending", e.Pending), zap.Duration("lag", e.Lag))
	case ports.CaptureLed:
		o.log.Info("publishes what is left to capture", zap.Bool("leads", e.Leads))
	case ports.CaptureTrouble:
		o.warn("capture trouble", e.Ledger, e.Err)
	default:
		return false
	}
	return true
}

package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/ports"
)

// The changes of an aggregator.
const (
	aggregationTookOver    = "took_over"
	aggregationSteppedBack = "stepped_back"
)

var labelAggregation = label{"change", []string{aggregationTookOver, aggregationSteppedBack, other}}

// globalMetrics are what keeping the totals of stock tells.
type globalMetrics struct {
	lag, late, levels, active prometheus.Gauge
	changes, rows             counter
}

func newGlobalMetrics(c *catalog) *globalMetrics {
	return &globalMetrics{
		lag: c.gauge("inventory_global_lag_seconds",
			"For how long inventory.global_stock.v1 has lacked what it has lacked longest of what this process's aggregator has read; 0 where it lacks nothing, or this process does not aggregate. Of several take the maximum."),
		late:    c.gauge("inventory_global_late_totals", "Totals whose newest is not on inventory.global_stock.v1, as this process's aggregator sees it."),
		levels:  c.gauge("inventory_global_kept_levels", "Levels that this process's aggregator keeps, one for each SKU and warehouse: reckon with 200 bytes each."),
		active:  c.gauge("inventory_global_active_info", "1 where this process's aggregator publishes totals as they change, 0 where it stands by for another program, or there is none."),
		changes: c.counter("inventory_global_changes_total", "How often this process's aggregator took over, as the topic lacked something for too long, and stepped back for another program that keeps it. inventory_published_total has what it published.", labelAggregation),
		rows:    c.counter("inventory_global_rows_total", "Rows of inventory.global_stock that this process wrote, those that were there included."),
	}
}

// observe counts an event of keeping totals; false where it is none.
func (g *globalMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.Aggregated:
		g.stand(e)
	case ports.AggregationChanged:
		if e.Active {
			g.changes.add(1, aggregationTookOver)
			break
		}
		g.changes.add(1, aggregationSteppedBack)
	case ports.TotalsProjected:
		g.rows.add(e.Rows)
	default:
		return false
	}
	return true
}

func (g *globalMetrics) stand(e ports.Aggregated) {
	g.lag.Set(e.Lag.Seconds())
	g.late.Set(float64(e.Late))
	g.levels.Set(float64(e.Levels))
	active := 0.0
	if e.Active {
		active = 1
	}
	g.active.Set(active)
}

// keepsTotals logs an event of keeping totals; false where it is none.
func (o *Observer) keepsTotals(e ports.Event) bool {
	switch e := e.(type) {
	case ports.Aggregated:
		if line := o.log.Check(zapcore.DebugLevel, "global stock"); line != nil {
			line.Write(zap.Bool("active", e.Active), zap.Duration("lag", e.Lag), zap.Int("late", e.Late), zap.Int("levels", e.Levels))
		}
	case ports.AggregationChanged:
		if e.Active {
			o.log.Warn("global stock: took over", zap.Duration("lag", e.Lag), zap.Int("late", e.Late))
			break
		}
		o.log.Info("global stock: stepped back for another program")
	case ports.TotalsProjected:
		o.log.Debug("global stock projected", zap.Int("rows", e.Rows))
	case ports.GlobalTrouble:
		o.warn("global stock trouble", "", e.Err)
	default:
		return false
	}
	return true
}

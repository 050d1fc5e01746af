package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"inventory/ports"
)

var labelWatch = label{"outcome", append(ports.WatchOutcomes(), other)}

// watchMetrics are what is told of watches of warehouses.
type watchMetrics struct {
	watches             prometheus.Gauge
	resumed, ended, sum counter
	delay               histogram
}

func newWatchMetrics(c *catalog) *watchMetrics {
	w := &watchMetrics{}
	w.watches = c.gauge("inventory_watches", "Watches of warehouses that are under way.")
	w.resumed = c.counter("inventory_watches_resumed_total", "Watches that began at a revision, not with a snapshot: after a cut, mostly.")
	w.ended = c.counter("inventory_watches_ended_total",
		"Watches that are over: left by whoever watched; behind, cut off because they were read too slowly or this process could not read the journal; out_of_range, from revisions that nobody can go on from; closing with this process; failed ones.",
		labelWatch)
	w.sum = c.counter("inventory_watch_changes_total", "Changes that watches were told, counted for each watch.")
	w.delay = c.histogram("inventory_watch_delay_seconds",
		"From the time of the entry of a change until a watch was told of it, of the first change of each message. The time is of the clock of the process that decided. After a cut it has the time of the cut, too.", bucketsLatency)
	return w
}

// observe counts an event of watches; false where it is none.
func (w *watchMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.WatchBegan:
		w.watches.Inc()
		if e.Resumed {
			w.resumed.add(1)
		}
	case ports.WatchEnded:
		w.watches.Dec()
		w.ended.add(1, e.Outcome)
	case ports.WatchTold:
		w.sum.add(e.Changes)
		w.delay.took(max(0, e.Delay))
	default:
		return false
	}
	return true
}

// ofWatches logs an event of watches; false where it is none.
func (o *Observer) ofWatches(e ports.Event) bool {
	switch e := e.(type) {
	case ports.WatchBegan:
		o.log.Debug("watch began", zap.Bool("resumed", e.Resumed))
	case ports.WatchEnded:
		o.log.Debug("watch ended", zap.String("outcome", e.Outcome))
	case ports.WatchTold:
		if line := o.log.Check(zap.DebugLevel, "watch told"); line != nil {
			line.Write(zap.Int("changes", e.Changes), zap.Duration("delay", e.Delay))
		}
	case ports.WatchTrouble:
		o.warn("watch trouble", e.Ledger, e.Err)
	default:
		return false
	}
	return true
}

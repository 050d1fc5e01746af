package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"inventory/adapters/kafka"
	"inventory/adapters/system"
	"inventory/app/global"
)

// globalSettings are of keeping totals by SKU and region.
type globalSettings struct {
	Interval time.Duration `default:"500ms" help:"How often an aggregator and a projector look for what is new, on topics and tables of stock by SKU and region."`
	Takeover time.Duration `default:"10s" help:"For how long inventory.global_stock.v1 may lack something, while a Flink job or another process keeps it, before this process's aggregator publishes it."`
}

func (s globalSettings) faults(fault func(bad bool, format string, args ...any)) {
	fault(s.Interval < 10*time.Millisecond, "--global-interval=%s: expected 10ms or more", s.Interval)
	fault(s.Takeover < s.Interval, "--global-takeover=%s: expected --global-interval, %s, or more", s.Takeover, s.Interval)
}

// openGlobal makes what keeps totals, where this process has a role in that.
func (n *node) openGlobal(context.Context) error {
	cfg := global.Config{ID: system.NewUUID().String(), Interval: n.s.Global.Interval, Bound: n.s.Global.Takeover}
	if n.s.does(roleAggregator) {
		w, err := n.globalWorld()
		if err != nil {
			return err
		}
		levels, err := kafka.NewLevelFeed(n.kafka, n.codec)
		if err != nil {
			return err
		}
		n.closers.add(levels.Close)
		w.Levels, w.Publisher = levels, measured{n.publisher, n.metrics}
		n.aggregator = global.NewAggregator(w, cfg)
		n.log.Debug("aggregates stock by SKU and region", zap.String("aggregator", cfg.ID))
	}
	if n.s.does(roleProjector) {
		w, err := n.globalWorld()
		if err != nil {
			return err
		}
		w.Table = n.store
		n.projector = global.NewProjector(w, cfg)
	}
	return nil
}

// globalWorld has a reader of the totals of its own: each remembers how far it came.
func (n *node) globalWorld() (global.World, error) {
	totals, err := kafka.NewGlobalTopic(n.kafka, n.codec)
	if err == nil {
		n.closers.add(totals.Close)
	}
	return global.World{Totals: totals, Clock: system.Clock{}, Observer: n.observer}, err
}

// runGlobal starts it.
func (n *node) runGlobal() {
	if n.aggregator != nil {
		n.aggregating.start(func(ctx context.Context) { n.tell(n.aggregator.Run(ctx)) })
	}
	if n.projector != nil {
		n.projecting.start(func(ctx context.Context) { n.tell(n.projector.Run(ctx)) })
	}
}

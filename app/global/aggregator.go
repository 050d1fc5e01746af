package global

import (
	"context"
	"fmt"
	"time"

	"inventory/domain/global"
	"inventory/domain/ledger"
	"inventory/ports"
)

// World is what an aggregator or a projector has of the world.
type World struct {
	Levels    ports.LevelTopic // not of a projector
	Totals    ports.GlobalTopic
	Publisher ports.Publisher   // not of a projector
	Table     ports.GlobalTable // not of an aggregator
	Clock     ports.Clock
	Observer  ports.Observer
}

// Config is what a deployment sets.
type Config struct {
	ID       string        // of the aggregator: that of each start is another one
	Interval time.Duration // between two looks at the topics
	// Bound is for how long the topic may lack something before an aggregator that stands by
	// publishes it.
	Bound time.Duration
}

// Aggregator adds levels up, and publishes totals that the topic lacks. It keeps nothing: when
// it starts it reads both topics from their beginnings.
type Aggregator struct {
	w      World
	cfg    Config
	keeper *global.Keeper
	faulty map[string]bool // keys that were told of
}

// NewAggregator makes an aggregator that has read nothing.
func NewAggregator(w World, cfg Config) *Aggregator {
	return &Aggregator{w: w, cfg: cfg, keeper: global.NewKeeper(cfg.ID, cfg.Bound), faulty: map[string]bool{}}
}

// Run aggregates until ctx ends. What fails is told, and done again.
func (a *Aggregator) Run(ctx context.Context) error {
	defer a.w.Observer.Observe(ports.Aggregated{})
	return rounds(ctx, a.w, a.cfg.Interval, a.Round)
}

// rounds does something again and again, with a rest between, until ctx ends.
func rounds(ctx context.Context, w World, rest time.Duration, do func(context.Context) error) error {
	for ctx.Err() == nil {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			w.Observer.Observe(ports.GlobalTrouble{Err: err})
		}
		_ = ports.Sleep(ctx, w.Clock, rest) // the loop sees the end of ctx
	}
	return nil
}

// Round reads what is new, and publishes what is due. After an error it may be called again.
func (a *Aggregator) Round(ctx context.Context) error {
	if err := a.read(ctx); err != nil {
		return err
	}
	due, change := a.keeper.Due(a.now())
	a.tell(change)
	defer a.tellStanding()
	for len(due) > 0 {
		n := min(len(due), together)
		if err := a.publish(ctx, due[:n]); err != nil {
			return err
		}
		due = due[n:]
	}
	return nil
}

// together is how many totals are published in one call, which then is done well within the
// publisher's time-out.
const together = 2000

func (a *Aggregator) now() time.Duration { return a.w.Clock.Steady() }

// read takes levels first: what is published of them meanwhile is seen then, and not missed.
func (a *Aggregator) read(ctx context.Context) error {
	err := a.w.Levels.Read(ctx, func(l ports.PublishedLevel) {
		if l.Level != nil {
			a.keeper.Take(levelOf(l.Level), a.now())
			return
		}
		a.tellFaulty(l.Key, l.Err)
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", ports.StockLevelTopic, err)
	}
	err = a.w.Totals.Read(ctx, func(t ports.PublishedTotal) {
		if r, ok := recordOf(t); ok {
			a.keeper.See(r, a.now())
		}
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", ports.GlobalStockTopic, err)
	}
	a.keeper.Ready()
	return nil
}

// tellFaulty tells once of each key whose level can't be read: what it would add is missing.
func (a *Aggregator) tellFaulty(key string, err error) {
	if err == nil || a.faulty[key] || len(a.faulty) >= mostFaulty {
		return
	}
	a.faulty[key] = true
	a.w.Observer.Observe(ports.GlobalTrouble{Err: fmt.Errorf("%s of %.140q is left out: %w", ports.StockLevelTopic, key, err)})
}

// mostFaulty bounds the keys that are remembered.
const mostFaulty = 1000

func levelOf(l *ports.StockLevel) global.Level {
	return global.Level{
		SKU: l.SKU, WarehouseID: l.WarehouseID, Region: l.Region, OnHand: l.OnHand, Held: l.Held, Available: l.Available,
		Version: l.Version, At: l.OccurredAt.UnixMilli(),
	}
}

// recordOf gives a record of the topic; ok is false where its key is none of ours.
func recordOf(t ports.PublishedTotal) (r global.Record, ok bool) {
	if t.Total != nil {
		return global.Record{Key: global.Key{SKU: t.Total.SKU, Region: t.Total.Region}, Version: t.Total.Version, By: t.Total.Aggregator}, true
	}
	key, err := global.ParseKey(t.Key)
	return global.Record{Key: key}, err == nil
}

func (a *Aggregator) publish(ctx context.Context, totals []global.Total) error {
	events := make([]ports.PublicEvent, len(totals))
	for i, t := range totals {
		events[i] = eventOf(t, a.cfg.ID)
	}
	if err := a.w.Publisher.Publish(ctx, events); err != nil {
		return fmt.Errorf("publishing %d totals: %w", len(events), err)
	}
	a.keeper.Published(totals, a.now())
	return nil
}

// eventOf makes the event of a total. Its id follows from all that it says.
func eventOf(t global.Total, by string) ports.GlobalStock {
	name := fmt.Sprintf("global_stock:%s:%d:%d:%d:%d:%d", t.Key, t.Version, t.OnHand, t.Held, t.Available, t.AsOf)
	return ports.GlobalStock{
		EventHeader: ports.EventHeader{ID: ledger.NewUUIDv5(ledger.Namespace, name), OccurredAt: time.UnixMilli(t.AsOf).UTC()},
		SKU:         t.SKU, Region: t.Region, OnHand: t.OnHand, Held: t.Held, Available: t.Available, Version: t.Version, Aggregator: by,
	}
}

func (a *Aggregator) tell(change global.Change) {
	switch change {
	case global.TookOver:
		a.w.Observer.Observe(ports.AggregationChanged{Active: true, Lag: a.keeper.Lag(a.now()), Late: a.keeper.Late()})
	case global.SteppedBack:
		a.w.Observer.Observe(ports.AggregationChanged{})
	case global.Unchanged:
	}
}

func (a *Aggregator) tellStanding() {
	a.w.Observer.Observe(ports.Aggregated{
		Active: a.keeper.Active(), Lag: a.keeper.Lag(a.now()), Late: a.keeper.Late(), Levels: a.keeper.Fold().Levels(),
	})
}

package global

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/domain/global"
	"inventory/ports"
)

// Projector writes to the table what the topic of totals has, whoever publishes there. It keeps
// nothing: when it starts it reads the topic from its beginning, and writes what the table has
// once more.
type Projector struct {
	w        World
	interval time.Duration
	pending  map[global.Key]ports.GlobalRow // read, and not written yet
}

// NewProjector makes a projector that has read nothing.
func NewProjector(w World, cfg Config) *Projector {
	return &Projector{w: w, interval: cfg.Interval, pending: map[global.Key]ports.GlobalRow{}}
}

// Run projects until ctx ends. What fails is told, and done again.
func (p *Projector) Run(ctx context.Context) error { return rounds(ctx, p.w, p.interval, p.Round) }

// Round reads what is new, and writes it. After an error it may be called again. A total that
// was deleted, or can't be read, leaves the row as it is.
func (p *Projector) Round(ctx context.Context) error {
	err := p.w.Totals.Read(ctx, func(t ports.PublishedTotal) {
		switch {
		case t.Total != nil:
			p.take(rowOf(t.Total))
		case t.Err != nil:
			p.w.Observer.Observe(ports.GlobalTrouble{Err: fmt.Errorf("%s of %.140q is left out: %w", ports.GlobalStockTopic, t.Key, t.Err)})
		}
	})
	if err != nil {
		err = fmt.Errorf("reading %s: %w", ports.GlobalStockTopic, err)
	}
	return errors.Join(err, p.write(ctx)) // what was read before is written all the same
}

func (p *Projector) take(r ports.GlobalRow) {
	if known, ok := p.pending[r.Key()]; !ok || r.Version > known.Version {
		p.pending[r.Key()] = r
	}
}

func rowOf(t *ports.GlobalStock) ports.GlobalRow {
	return ports.GlobalRow{
		SKU: t.SKU, Region: t.Region, OnHand: t.OnHand, Held: t.Held, Available: t.Available, Version: t.Version, AsOf: t.OccurredAt,
	}
}

func (p *Projector) write(ctx context.Context) error {
	for len(p.pending) > 0 {
		rows := make([]ports.GlobalRow, 0, min(len(p.pending), together))
		for _, r := range p.pending {
			if len(rows) == together {
				break
			}
			rows = append(rows, r)
		}
		if err := p.w.Table.PutGlobal(ctx, rows); err != nil {
			return fmt.Errorf("writing %d rows of global stock: %w", len(rows), err)
		}
		for _, r := range rows {
			delete(p.pending, r.Key())
		}
		p.w.Observer.Observe(ports.TotalsProjected{Rows: len(rows)})
	}
	return nil
}

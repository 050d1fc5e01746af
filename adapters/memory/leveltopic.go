package memory

import (
	"context"

	"inventory/ports"
)

// LevelTopic reads back the stock levels that a Publisher keeps.
type LevelTopic struct{ reading }

// GlobalTopic reads back the totals that a Publisher keeps.
type GlobalTopic struct{ reading }

var (
	_ ports.LevelTopic  = (*LevelTopic)(nil)
	_ ports.GlobalTopic = (*GlobalTopic)(nil)
)

// LevelTopic returns a reader that begins with the first event.
func (p *Publisher) LevelTopic() *LevelTopic { return &LevelTopic{reading{from: p}} }

// GlobalTopic returns a reader that begins with the first event.
func (p *Publisher) GlobalTopic() *GlobalTopic { return &GlobalTopic{reading{from: p}} }

// Read implements ports.LevelTopic.
func (t *LevelTopic) Read(ctx context.Context, take func(ports.PublishedLevel)) error {
	return t.news(ctx, func(e ports.PublicEvent) {
		if l, ok := e.(ports.StockLevel); ok {
			take(ports.PublishedLevel{Key: l.Key(), Level: &l})
		}
	})
}

// Read implements ports.GlobalTopic.
func (t *GlobalTopic) Read(ctx context.Context, take func(ports.PublishedTotal)) error {
	return t.news(ctx, func(e ports.PublicEvent) {
		if total, ok := e.(ports.GlobalStock); ok {
			take(ports.PublishedTotal{Key: total.Key(), Total: &total})
		}
	})
}

// reading is how far a reader of a Publisher's events came.
type reading struct {
	from *Publisher
	next int // of the publisher's events
}

// news gives the events that were published since the last call.
func (r *reading) news(ctx context.Context, take func(ports.PublicEvent)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all := r.from.Published()
	for _, e := range all[r.next:] {
		take(e)
	}
	r.next = len(all)
	return nil
}

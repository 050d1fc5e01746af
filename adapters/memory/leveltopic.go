package memory

import (
	"context"

	"inventory/ports"
)

// LevelTopic reads back the stock levels that a Publisher keeps.
type LevelTopic struct {
	from *Publisher
	next int // of the publisher's events
}

var _ ports.LevelTopic = (*LevelTopic)(nil)

// LevelTopic returns a reader that begins with the first event.
func (p *Publisher) LevelTopic() *LevelTopic { return &LevelTopic{from: p} }

// Read implements ports.LevelTopic.
func (t *LevelTopic) Read(ctx context.Context, take func(ports.PublishedLevel)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all := t.from.Published()
	for _, e := range all[t.next:] {
		if l, ok := e.(ports.StockLevel); ok {
			take(ports.PublishedLevel{Key: l.Key(), Level: &l})
		}
	}
	t.next = len(all)
	return nil
}

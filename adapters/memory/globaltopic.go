package memory

import (
	"context"

	"inventory/ports"
)

// GlobalTopic reads back the totals that a Publisher keeps.
type GlobalTopic struct {
	from *Publisher
	next int // of the publisher's events
}

var _ ports.GlobalTopic = (*GlobalTopic)(nil)

// GlobalTopic returns a reader that begins with the first event.
func (p *Publisher) GlobalTopic() *GlobalTopic { return &GlobalTopic{from: p} }

// Read implements ports.GlobalTopic.
func (t *GlobalTopic) Read(ctx context.Context, take func(ports.PublishedTotal)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all := t.from.Published()
	for _, e := range all[t.next:] {
		if total, ok := e.(ports.GlobalStock); ok {
			take(ports.PublishedTotal{Key: total.Key(), Total: &total})
		}
	}
	t.next = len(all)
	return nil
}

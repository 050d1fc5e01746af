package apptest

import (
	"context"

	"inventory/ports"
)

// listener is how one incarnation of a process reads back what all published.
type listener struct {
	link *link
	from *world
	next int
}

// Read implements ports.LevelTopic.
func (l *listener) Read(ctx context.Context, take func(ports.PublishedLevel)) error {
	_, err := through(ctx, l.link, func() (none, error) {
		l.from.mu.Lock()
		heard := l.from.heard
		l.from.mu.Unlock()
		for _, e := range heard[l.next:] {
			if level, ok := e.(ports.StockLevel); ok {
				take(ports.PublishedLevel{Key: level.Key(), Level: &level})
			}
		}
		l.next = len(heard)
		return none{}, nil
	})
	return err
}

// audited takes what an auditor tells. Nothing is ever different, but for the topic, where
// an owner that was frozen while it published comes after its successor.
func (p *process) audited(e ports.Event) {
	c := p.slot.c
	d, ok := e.(ports.DifferenceFound)
	if !ok || d.Kind == ports.DifferentTopic && c.cfg.OwnerChange > 0 {
		return
	}
	c.found.add("%s: the auditor told a difference: %+v", p.slot.name, d)
}

package memory

import (
	"context"
	"slices"
	"sync"

	"inventory/ports"
)

// Publisher keeps what is published, for as long as the process lives.
type Publisher struct {
	mu     sync.Mutex
	events []ports.PublicEvent
}

var _ ports.Publisher = (*Publisher)(nil)

// Publish implements ports.Publisher.
func (p *Publisher) Publish(_ context.Context, events []ports.PublicEvent) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, events...)
	return nil
}

// Published returns what was published so far, in order.
func (p *Publisher) Published() []ports.PublicEvent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.events)
}

package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"inventory/adapters/kafka"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// giveback watches holds end: when their orders were ended, and when stock ledgers had
// given back what they held.
type giveback struct {
	owner.Carrier

	mu       sync.Mutex
	expired  int
	late     []time.Duration
	released map[between]int64 // number of the last release under way
	taken    map[between]int64 // mail known to be taken
	last     time.Time         // when the last release was known to be taken
}

type between struct{ from, to ledger.ID }

func newGiveback() *giveback {
	return &giveback{released: map[between]int64{}, taken: map[between]int64{}}
}

// wrap is an owner.World.Carry.
func (g *giveback) wrap(next owner.Carrier) owner.Carrier {
	g.Carrier = next
	return g
}

// Deliver implements owner.Carrier.
func (g *giveback) Deliver(from, to ledger.ID, mail []ledger.Mail) {
	g.mu.Lock()
	for _, m := range mail {
		if decoded, err := stock.DecodeMessage(m.Body); err == nil {
			if _, ok := decoded.(stock.Release); ok {
				g.released[between{from, to}] = max(g.released[between{from, to}], m.Number)
			}
		}
	}
	g.mu.Unlock()
	g.Carrier.Deliver(from, to, mail)
}

// Acknowledge implements owner.Carrier.
func (g *giveback) Acknowledge(from, to ledger.ID, upto int64) {
	g.mu.Lock()
	was := g.taken[between{to, from}]
	g.taken[between{to, from}] = max(was, upto)
	if was < g.released[between{to, from}] {
		g.last = time.Now()
	}
	g.mu.Unlock()
	g.Carrier.Acknowledge(from, to, upto)
}

// Observe implements ports.Observer.
func (g *giveback) Observe(e ports.Event) {
	expired, ok := e.(ports.HoldsExpired)
	if !ok {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expired += len(expired.Late)
	g.late = append(g.late, expired.Late...)
}

// done tells whether n orders have expired and all that they held is given back; when is
// the time of the last.
func (g *giveback) done(n int) (when time.Time, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.expired < n {
		return when, false
	}
	for pair, number := range g.released {
		if g.taken[pair] < number {
			return when, false
		}
	}
	return g.last, true
}

// latenesses lists the first n, in order of size.
func (g *giveback) latenesses(n int) []time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	late := slices.Clone(g.late[:n])
	slices.Sort(late)
	return late
}

// toKafka has events published as they are when the service serves, until stop is called.
func (w *ways) toKafka(ctx context.Context) (stop func() error, err error) {
	s, err := newEventSite(ctx)
	if err != nil {
		return nil, err
	}
	publisher, err := kafka.NewPublisher(s.kafka, s.codec, "bench", "bench")
	if err != nil {
		s.registry.Close()
		return nil, err
	}
	w.publish.Store(&publisherOf{publisher})
	return func() error {
		w.publish.Store(nil)
		s.registry.Close()
		return publisher.Close()
	}, nil
}

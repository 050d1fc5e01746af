package apptest

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// world is what all processes of a history publish to.
type world struct {
	mu    sync.Mutex
	heard []ports.PublicEvent
}

// speaker is how one incarnation of a process publishes: calls fail before, midway and
// after.
type speaker struct {
	link *link
	to   *world
}

// Publish implements ports.Publisher.
func (s *speaker) Publish(ctx context.Context, events []ports.PublicEvent) error {
	c := s.link.process.slot.c
	_, err := through(ctx, s.link, func() (struct{}, error) {
		n, err := len(events), error(nil)
		switch {
		case !c.isCalm() && c.dice.chance(c.cfg.Calls.FailBefore):
			n, err = 0, ports.ErrTransient
		case !c.isCalm() && c.dice.chance(c.cfg.Calls.DoneUnknown):
			n, err = c.dice.below(n+1), ports.ErrUnknown
		}
		s.to.mu.Lock()
		defer s.to.mu.Unlock()
		s.to.heard = append(s.to.heard, events[:n]...)
		return struct{}{}, err
	})
	return err
}

// checkPublished proves that the world heard what follows from the journals, all of it and
// nothing else: each event always the same, first occurrences in the journal's order.
func (v *view) checkPublished(w *world) {
	want, order := map[ledger.UUID]ports.PublicEvent{}, map[ledger.UUID]int{}
	for _, l := range v.ledgers {
		for i, e := range relay.PublicEvents(l.id, regionOf(l.id), l.entries) {
			want[e.Header().ID], order[e.Header().ID] = e, i
		}
	}
	first := map[ledger.UUID]bool{}
	newest := map[string]int{}
	for _, e := range w.heard {
		id := e.Header().ID
		if !reflect.DeepEqual(e, want[id]) {
			v.found.add("published %+v, by the journal %+v", e, want[id])
		}
		if first[id] {
			continue
		}
		first[id] = true
		// The same key may come from one ledger only, but for adjustments: of each warehouse.
		key := fmt.Sprint(e.Topic(), e.Key(), placeOf(e))
		if order[id] < newest[key] {
			v.found.add("first published out of order: %+v", e)
		}
		newest[key] = order[id]
	}
	for id, e := range want {
		if !first[id] {
			v.found.add("never published: %+v", e)
		}
	}
}

func placeOf(e ports.PublicEvent) string {
	if a, ok := e.(ports.Adjusted); ok {
		return a.WarehouseID
	}
	return ""
}

func regionOf(id ledger.ID) stock.Region {
	for _, w := range append(warehouses[:len(warehouses):len(warehouses)], added) {
		if string(w.ID) == id.Scope() {
			return w.Region
		}
	}
	return ""
}

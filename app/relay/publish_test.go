package relay_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// topic is a publisher that publishes what comes before the first event that it can't
// publish, and fails then; it takes no more than most events in time.
type topic struct {
	poison string // an event's id
	most   int
	calls  int
	heard  []string
}

func (p *topic) Publish(_ context.Context, events []ports.PublicEvent) error {
	p.calls++
	for i, e := range events {
		id := e.Header().ID.String()
		if id == p.poison {
			return fmt.Errorf("%w: %s", ports.ErrPermanent, id)
		}
		p.heard = append(p.heard, id)
		if p.most > 0 && i == p.most {
			return fmt.Errorf("%w: the delivery time-out", ports.ErrTransient)
		}
	}
	return nil
}

func publishing(p ports.Publisher) *relay.Relay {
	return relay.New(relay.To{Ledger: id, Publisher: p, Region: "r", Sure: func() bool { return true }})
}

// all lists the ids of the events of entries 1 to n.
func all(t *testing.T, n int) (ids []string) {
	for _, e := range relay.PublicEvents(id, "r", entries(t, n)) {
		ids = append(ids, e.Header().ID.String())
	}
	return ids
}

func TestAnEventThatCannotBePublishedDoesNotBringThoseBeforeItForEver(t *testing.T) {
	const n, tries = 100, 1000
	ids := all(t, n)
	p := &topic{poison: ids[len(ids)-1]}
	r, es := publishing(p), entries(t, n)
	for range tries {
		if err := r.Publish(t.Context(), es); err == nil {
			t.Fatal("published an event that can't be")
		}
	}
	if got, most := len(p.heard), 4*len(ids); got > most {
		t.Errorf("%d events were published %d times in all, at most %d expected", len(ids)-1, got, most)
	}
	p.poison = "" // a person has seen to it
	if err := r.Publish(t.Context(), es); err != nil {
		t.Fatal(err)
	}
	if p.heard[len(p.heard)-1] != ids[len(ids)-1] {
		t.Error("what could not be published is not the last that was")
	}
}

func TestABacklogThatIsTooMuchForOneCallIsPublishedInOrder(t *testing.T) {
	const n = 1000
	p := &topic{most: 16}
	r, es := publishing(p), entries(t, n)
	for err := r.Publish(t.Context(), es); err != nil; err = r.Publish(t.Context(), es) {
		if p.calls > n {
			t.Fatalf("not published after %d calls: %v", p.calls, err)
		}
	}
	var first []string
	seen := map[string]bool{}
	for _, id := range p.heard {
		if !seen[id] {
			first = append(first, id)
		}
		seen[id] = true
	}
	if want := all(t, n); !slices.Equal(first, want) {
		t.Errorf("%d events expected in the order of the journal, found %d, in another", len(want), len(first))
	}
}

func TestWhoLosesTheLedgerMidwayPublishesNoMore(t *testing.T) {
	p := &topic{}
	sure := 1
	r := relay.New(relay.To{Ledger: id, Publisher: p, Sure: func() bool { sure--; return sure >= 0 }})
	es := entries(t, 3000) // two events each: more than one call takes
	if err := r.Publish(t.Context(), es); err == nil || p.calls != 1 {
		t.Errorf("one call and an error expected, found %d and %v", p.calls, err)
	}
}

// An adjustment is one event, in inventory.events and on its topic, whatever else its entry
// has.
func TestAnAdjustmentHasOneIDInTheTableAndOnItsTopic(t *testing.T) {
	es := entries(t, 1)
	level := es[0].Changes[0].(stock.AdjustmentMade).Level
	held := stock.Moved{Order: "o", Movement: stock.Held, Lines: []stock.Line{{SKU: "A", Quantity: 1, After: level}, {SKU: "B", Quantity: 1, After: level}}}
	es[0].Changes = append([]ledger.Change{held}, es[0].Changes...)
	rows, err := relay.Derive(id, es)
	if err != nil {
		t.Fatal(err)
	}
	var published []ledger.UUID
	for _, e := range relay.PublicEvents(id, "r", es) {
		if a, ok := e.(ports.Adjusted); ok {
			published = append(published, a.ID)
		}
	}
	if last := rows.Events[len(rows.Events)-1]; len(rows.Events) != 3 || last.EventType != "ADJUSTED" || len(published) != 1 || last.EventID != published[0] {
		t.Errorf("rows %+v, published %v", rows.Events, published)
	}
}

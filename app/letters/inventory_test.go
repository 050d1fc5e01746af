package letters

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/stock"
	"inventory/ports"
)

// inventory runs the real use cases on a store in memory until the test ends.
func (o *office) inventory() *app.Inventory {
	o.Helper()
	cfg := app.DefaultConfig()
	cfg.Owner.Owner = system.NewUUID().String()
	in, err := app.New(o.Context(), cfg, memory.New(), app.Outside{
		CommitID: system.NewUUID, Clock: system.Clock{}, Publisher: &memory.Publisher{}, Observer: new(heard),
	})
	o.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = in.Run(ctx) })
	o.Cleanup(func() { cancel(); running.Wait() })
	synctest.Wait()
	o.wait(time.Minute) // until it owns its ledgers
	o.must(in.PutWarehouse(o.Context(), stock.Warehouse{ID: "W1", Region: "R", Ledgers: 1}))
	_, err = in.Adjust(o.Context(), app.AdjustRequest{SKU: "A", WarehouseID: "W1", Type: "RECEIPT", Quantity: 10, Actor: "test", Key: "k"})
	o.must(err)
	return in
}

// order is an event of any topic, as JSON.
type order struct {
	Event, Order string
	Units        int64
	At           time.Time
}

// orders reads orders.
type orders struct{ plain }

func (orders) Decode(_ context.Context, topic string, value []byte) (ports.OrderEvent, error) {
	var e order
	if err := json.Unmarshal(value, &e); err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	switch topic {
	case ports.OrderCreatedTopic:
		return ports.OrderCreated{EventID: e.Event, OrderID: e.Order, OccurredAt: e.At, Items: []ports.OrderItem{{SKU: "A", Quantity: e.Units}}}, nil
	case ports.OrderCancelledTopic:
		return ports.OrderCancelled{EventID: e.Event, OrderID: e.Order, OccurredAt: e.At}, nil
	}
	return ports.FulfilmentPicked{EventID: e.Event, OrderID: e.Order, OccurredAt: e.At}, nil
}

// tell buries an event.
func (o *office) tell(topic, id string, units int64) ledger.UUID {
	o.Helper()
	o.wait(time.Millisecond)
	o.n++
	value, err := json.Marshal(order{fmt.Sprint("e-", o.n), id, units, time.Now()})
	o.must(err)
	l := letter.Letter{Value: value, HasKey: true}
	l.ID, l.Topic, l.Key, l.Code = ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint("letter", o.n)), topic, id, "UNAVAILABLE"
	l.Origin = letter.Origin{Offset: int64(o.n), Timestamp: time.Now()}
	o.must(o.letters.Reader().Append(o.Context(), []letter.Letter{l}))
	return l.ID
}

// story buries the events of some orders, and says what is to come of each.
func (o *office) story() map[ledger.UUID]string {
	return map[ledger.UUID]string{
		o.tell(ports.OrderCreatedTopic, "picked", 3):      letter.Applied,
		o.tell(ports.FulfilmentPickedTopic, "picked", 0):  letter.Applied,
		o.tell(ports.OrderCreatedTopic, "too-many", 100):  letter.Applied, // rejected
		o.tell(ports.OrderCreatedTopic, "ended", 2):       letter.Applied,
		o.tell(ports.OrderCancelledTopic, "ended", 0):     letter.Applied,
		o.tell(ports.OrderCreatedTopic, "held", 4):        letter.Applied,
		o.tell(ports.OrderCreatedTopic, "held", 4):        letter.Duplicate,
		o.tell(ports.FulfilmentPickedTopic, "unknown", 0): letter.Failed,
	}
}

func TestARehearsalAndAReplaySayTheSameOfARealInventory(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		in := o.inventory()
		want := o.story()
		w := o.world("p-1")
		w.Decode, w.Handler = orders{}, Of(in)
		d := New(w, Config{})
		o.run(d)
		r, err := d.Rehearse(t.Context(), letter.Filter{}, Page{})
		o.must(err)
		for _, l := range r.Letters {
			if l.Would.Outcome != want[l.ID] {
				t.Errorf("%s of %s would be %+v, expected %s", l.Topic, l.Key, l.Would, want[l.ID])
			}
		}
		if len(r.Letters) != len(want) || len(r.Moves) != 1 || r.Moves[0].OnHandAfter != 7 || r.Moves[0].HeldAfter != 4 {
			t.Errorf("the rehearsal: %d letters, %+v", len(r.Letters), r.Moves)
		}
		j := o.ended(d, o.replay(d, ReplayRequest{Bounds: r.Bounds}).ID, 40*time.Second)
		o.expectTally(j, letter.Tally{Letters: 8, Applied: 6, Duplicate: 1, Failed: 1})
		for id, outcome := range want {
			s, err := d.Show(t.Context(), id)
			o.must(err)
			if len(s.Fates) != 1 || s.Fates[0].Outcome != outcome {
				t.Errorf("%s of %s: %+v, expected %s", s.Topic, s.Key, s.Fates, outcome)
			}
			if outcome == letter.Failed && s.Fates[0].Code != "UNKNOWN_ORDER" || outcome != letter.Failed && (s.Story.Order == nil || s.NoStory != nil) {
				t.Errorf("%s of %s: %+v, story %v", s.Topic, s.Key, s.Fates, s.NoStory)
			}
		}
		o.expectStock(in, 7, 4)
	})
}

func (o *office) expectStock(in *app.Inventory, onHand, held int64) {
	o.Helper()
	s, err := in.Stock(o.Context(), "A", "")
	if err != nil || s.OnHand != onHand || s.Held != held {
		o.Errorf("stock: expected %d on hand and %d held, found %+v, %v", onHand, held, s, err)
	}
}

// What a process did and could not note is done again by another one: it has no further effect,
// and is still what the letter did.
func TestWhatWasDoneAndNotNotedIsDoneOnce(t *testing.T) {
	inOffice(t, func(o *office, t *testing.T) {
		in := o.inventory()
		ids := o.story()
		var dead atomic.Bool
		w := o.world("p-1")
		w.Decode, w.Handler, w.Notes = orders{}, Of(in), noFates{w.Notes, &dead}
		dead.Store(true)
		first := New(w, Config{})
		stop := o.run(first)
		j := o.replay(first, ReplayRequest{})
		o.wait(5 * time.Second)
		o.expectStock(in, 7, 4)
		stop()
		w = o.world("p-2")
		w.Decode, w.Handler = orders{}, Of(in)
		second := New(w, Config{})
		j, err := second.Job(t.Context(), j.ID)
		o.must(err)
		if !j.Running() || j.Tally.Done() != 0 {
			t.Fatalf("the job of the first: %+v", j)
		}
		o.run(second)
		j = o.ended(second, j.ID, time.Minute)
		o.expectStock(in, 7, 4)
		if j.Tally.Letters != len(ids) || j.Tally.Failed != 1 || j.Runner != "p-2" {
			t.Errorf("the job: %+v", j)
		}
	})
}

// noFates are notes that take no fate of a process that is about to die.
type noFates struct {
	ports.LetterNotes
	dead *atomic.Bool
}

func (n noFates) Append(ctx context.Context, notes []letter.Note) error {
	for _, note := range notes {
		switch note.(type) {
		case letter.Fate, letter.JobEnd:
			if n.dead.Load() {
				return fmt.Errorf("%w: dying", ports.ErrTransient)
			}
		}
	}
	return n.LetterNotes.Append(ctx, notes)
}

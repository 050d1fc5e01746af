package letters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var someone = Who{By: "anna", Why: "ticket 7"}

// office is some desks on the same logs, and a handler that they share. Its time is a
// bubble's.
type office struct {
	*testing.T
	letters *memory.Letters
	notes   *memory.Notes
	handler *clerk
	n       int // letters that were buried
}

// inOffice runs a test in a bubble.
func inOffice(t *testing.T, test func(o *office, t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &office{T: t, handler: newClerk()}
		o.letters, o.notes = newLogs()
		test(o, t)
	})
}

// clerk acts on events: each does something once.
type clerk struct {
	mu    sync.Mutex
	acted []string                                      // orders, in order
	times []time.Time                                   // when these began
	once  map[string]string                             // sources, by what was done
	act   func(ctx context.Context, order string) error // what comes of an order, before it is done; nil: done
}

func newClerk() *clerk { return &clerk{once: map[string]string{}} }

func (c *clerk) Act(ctx context.Context, con app.Consumption) (app.Effect, error) {
	e, from := con.Event.(ports.OrderCancelled), time.Now()
	if c.act != nil {
		if err := c.act(ctx, e.OrderID); err != nil {
			return app.Effect{}, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	verdict := app.Applied
	if by, ok := c.once[e.EventID]; ok && by != con.Source {
		verdict = app.Duplicate
	}
	c.once[e.EventID] = con.Source
	c.acted, c.times = append(c.acted, e.OrderID), append(c.times, from)
	return app.Effect{Verdict: verdict, Says: "released", Order: &reservation.Order{ID: "o", Status: reservation.Released}}, nil
}

func (c *clerk) Why(context.Context, app.WhyRequest) (app.Why, error) {
	return app.Why{}, app.ErrUnknownSubject
}

func (c *clerk) NewRehearsal() Rehearsal { return &stage{done: map[string]bool{}, clerk: c} }

func (c *clerk) orders() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.acted)
}

// stage rehearses: each event gives a unit back.
type stage struct {
	clerk    *clerk
	done     map[string]bool
	prepared int
	held     int64
}

func (s *stage) Prepare(_ context.Context, all []app.Consumption) error {
	s.prepared += len(all)
	return nil
}

func (s *stage) Act(_ context.Context, c app.Consumption) (app.Effect, error) {
	if s.prepared--; s.prepared < 0 {
		return app.Effect{}, errors.New("not prepared")
	}
	e := c.Event.(ports.OrderCancelled)
	if s.done[e.EventID] {
		return app.Effect{Verdict: app.Duplicate}, nil
	}
	s.done[e.EventID] = true
	s.held--
	return app.Effect{Verdict: app.Applied, Moves: []app.Move{{SKU: "A", WarehouseID: "W", HeldBefore: s.held + 1, HeldAfter: s.held}}}, nil
}

// script is the values of these tests: JSON.
type script struct{ Event, Order string }

// plain reads and writes values that are JSON.
type plain struct{}

func (plain) Decode(_ context.Context, _ string, value []byte) (ports.OrderEvent, error) {
	var s script
	if err := json.Unmarshal(value, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	return ports.OrderCancelled{EventID: s.Event, OrderID: s.Order}, nil
}

func (p plain) Text(ctx context.Context, topic string, value []byte) ([]byte, error) {
	_, err := p.Decode(ctx, topic, value)
	return value, err
}

func (p plain) FromText(ctx context.Context, topic string, text []byte) ([]byte, error) {
	return p.Text(ctx, topic, text)
}

// heard is what a desk told.
type heard struct {
	mu     sync.Mutex
	events []ports.Event
}

func (h *heard) Observe(e ports.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// desk opens a desk of a process.
func (o *office) desk(runner string) *Desk { return New(o.world(runner), Config{Lanes: 8, Chunk: 7}) }

func (o *office) world(runner string) World {
	return World{
		Log: o.letters.Reader(), Notes: o.notes.Reader(), Clock: system.Clock{}, Observer: new(heard),
		NewID: system.NewUUID, Runner: runner, Decode: plain{}, Text: plain{}, Handler: o.handler,
	}
}

// run has a desk run until the test ends, or until it is stopped.
func (o *office) run(d *Desk) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = d.Run(ctx) }()
	stop = func() { cancel(); <-done }
	o.Cleanup(stop)
	return stop
}

// bury buries letters about orders, and gives their ids.
func (o *office) bury(orders ...string) []ledger.UUID {
	var ids []ledger.UUID
	for _, order := range orders {
		o.n++
		value, err := json.Marshal(script{fmt.Sprint("e-", o.n), order})
		if err != nil {
			o.Fatal(err)
		}
		ids = append(ids, o.buryValue(order, value))
	}
	return ids
}

func (o *office) buryValue(key string, value []byte) ledger.UUID {
	o.n++
	l := letter.Letter{Value: value, Headers: []letter.Header{{Key: "h", Value: []byte("v")}}, HasKey: true}
	l.ID, l.Topic, l.Key, l.Code = ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint("letter", o.n)), ports.OrderCancelledTopic, key, "UNAVAILABLE"
	l.Origin = letter.Origin{Offset: int64(o.n), Timestamp: time.Now()}
	o.must(o.letters.Reader().Append(context.Background(), []letter.Letter{l}))
	return l.ID
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// replay makes a job of all open letters.
func (o *office) replay(d *Desk, req ReplayRequest) letter.JobStanding {
	o.Helper()
	req.Who = someone
	j, err := d.Replay(o.Context(), req)
	o.must(err)
	return j
}

// ended waits until a job has ended.
func (o *office) ended(d *Desk, id ledger.UUID, within time.Duration) letter.JobStanding {
	o.Helper()
	for from := time.Now(); ; {
		j, err := d.Job(o.Context(), id)
		o.must(err)
		if !j.Running() {
			return j
		}
		if time.Since(from) > within {
			o.Fatalf("after %s the job has not ended: %+v", within, j)
		}
		o.wait(50 * time.Millisecond)
	}
}

// wait lets time pass.
func (o *office) wait(d time.Duration) {
	_ = ports.Sleep(context.Background(), system.Clock{}, d)
	synctest.Wait()
}

// many names n orders.
func many(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("o-%03d", i))
	}
	return all
}

func (o *office) expectTally(j letter.JobStanding, want letter.Tally) {
	o.Helper()
	if j.Tally != want {
		o.Errorf("tally: expected %+v, found %+v", want, j.Tally)
	}
}

func expectText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error: expected %q in it, found %v", p, err)
		}
	}
}

func newLogs() (*memory.Letters, *memory.Notes) {
	return memory.NewLetters(4, time.Now), new(memory.Notes)
}

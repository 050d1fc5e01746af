package reservation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// naive is what a user makes of the events alone: which order holds what, what has left,
// and in which order things may be said of an order.
type naive struct {
	said   map[stock.OrderID]string
	lines  map[stock.OrderID][]Line
	onHand map[string]int64
}

// next are the events that may follow what was said last of an order.
var next = map[string][]Event{
	"": {ReservedEvent, RejectedEvent}, "reserved": {ReleasedEvent, ConfirmedEvent}, "released": {ConfirmedEvent},
}

func (n *naive) hear(c Changed) error {
	id, last := c.Order.ID, n.said[c.Order.ID]
	if !slices.Contains(next[last], c.Event) || c.Order.Late != (last == "released") {
		return fmt.Errorf("order %s: event %d (late: %t) after %q", id, c.Event, c.Order.Late, last)
	}
	n.said[id] = map[Event]string{ReservedEvent: "reserved", RejectedEvent: "rejected", ConfirmedEvent: "confirmed", ReleasedEvent: "released"}[c.Event]
	n.lines[id] = c.Order.Lines
	if c.Event == ConfirmedEvent {
		for _, l := range c.Order.Lines {
			n.onHand[string(l.Warehouse)+"/"+string(l.SKU)] -= l.Quantity
		}
	}
	return nil
}

// held is what all orders together hold of "W1/A".
func (n *naive) held(at string) int64 {
	var sum int64
	for id, said := range n.said {
		for _, l := range n.lines[id] {
			if said == "reserved" && string(l.Warehouse)+"/"+string(l.SKU) == at {
				sum += l.Quantity
			}
		}
	}
	return sum
}

// walk makes random commands in an office, carries mail in every order that is allowed,
// and compares what it sees with the model.
type walk struct {
	*office
	r       *rand.Rand
	n       naive
	heard   int
	created map[stock.OrderID]bool // by an event
	cancels map[stock.OrderID]bool
	pending []*reply
}

var places = []string{"W1/A", "W1/B", "W1/C", "W2/A", "W2/B", "W2/C", "W3/A", "W3/B", "W3/C"}

func TestARandomLifeOfManyOrdersIsThatOfTheModel(t *testing.T) {
	w := &walk{
		office: newOffice(t), r: newRand(t),
		n:       naive{said: map[stock.OrderID]string{}, lines: map[stock.OrderID][]Line{}, onHand: map[string]int64{}},
		created: map[stock.OrderID]bool{}, cancels: map[stock.OrderID]bool{},
	}
	for step := range 5000 {
		w.step(step)
		w.hearAll()
		if t.Failed() {
			t.Fatalf("step %d", step)
		}
		if step%500 == 499 {
			w.calm()
		}
	}
	w.finish()
}

func (w *walk) step(step int) {
	id := stock.OrderID(fmt.Sprint("order-", step/25+w.r.IntN(6)))
	switch w.r.IntN(36) {
	case 0, 1, 2:
		w.ask(w.command(id, false))
	case 3, 4, 5:
		if r := w.ask(w.command(id, true)); !errors.Is(r.err, ErrMismatch) {
			w.created[id] = true
		}
	case 6:
		w.cancels[id] = true
		w.ask(Release{ID: IDOf(id), Order: id, Reason: OrderCancelled})
	case 7, 8:
		w.ask(Confirm{ID: IDOf(id), Order: id})
	case 9, 10:
		w.adjustSome()
	case 11:
		w.clock += w.r.Int64N(20_000)
		w.sweep()
	case 12:
		w.ask(ledger.Due{Key: IDOf(id)})
	case 13:
		w.nodes[w.anyLedger()].restart()
	case 14:
		w.ask(ledger.Forget{Keys: []ledger.UUID{IDOf(id), IDOf(id + "x")}, Relayed: w.nodes[home].at.Version - w.r.Int64N(4)})
	case 15:
		at := w.stockLedger()
		w.deaf[at] = !w.deaf[at] && w.r.IntN(2) == 0
	case 16:
		w.forgetLevels()
	case 17:
		w.wrongMail()
	case 18, 19:
		w.nodes[w.anyLedger()].begin(w.clock)
	case 20, 21:
		w.nodes[w.anyLedger()].end()
	case 22, 23, 24:
		w.acknowledge(home, w.stockLedger())
		w.acknowledge(w.stockLedger(), home)
	default:
		w.carry(home, w.stockLedger())
		w.carry(w.stockLedger(), home)
	}
}

func (w *walk) stockLedger() ledger.ID { return []ledger.ID{w1, w2, w3}[w.r.IntN(3)] }
func (w *walk) anyLedger() ledger.ID   { return []ledger.ID{home, w1, w2, w3}[w.r.IntN(4)] }

func (w *walk) ask(cmd ledger.Command) *reply {
	r := w.tell(cmd)
	w.pending = append(slices.DeleteFunc(w.pending, func(r *reply) bool { return r.given }), r)
	return r
}

// command asks for what the order's id says, now and then for something else.
func (w *walk) command(id stock.OrderID, final bool) Reserve {
	var n int
	if _, err := fmt.Sscanf(string(id), "order-%d", &n); err != nil {
		w.t.Fatal(err)
	}
	kinds := []string{"2 A", "1 A, 2 B", "3 A@W1", "2 A@W1, 1 A, 1 C", "1 A@W1, 1 B@W2", "2 B, 2 C", "1 C@W3, 3 B", "4 A, 1 B@W1", "5 A", "6 B, 2 A"}
	items := kinds[n%len(kinds)]
	if w.r.IntN(12) == 0 {
		items = kinds[w.r.IntN(len(kinds))]
	}
	ttls := []time.Duration{time.Second, 25 * time.Second, time.Minute, time.Hour}
	cmd, err := NewReserve(string(id), []string{"", "eu", "us"}[n%3], ttls[n%len(ttls)], linesOf(items))
	if err != nil {
		w.t.Fatal(err)
	}
	cmd.Final = final
	return cmd
}

func (w *walk) adjustSome() {
	at := places[w.r.IntN(len(places))]
	l, _ := w.nodes[ledger.StockID(at[:2], 0)].current().(*stock.State).Level(stock.SKU(at[3:]))
	if w.r.IntN(3) == 0 && l.OnHand() > 0 {
		w.adjust(at, stock.Damage, -1-w.r.Int64N(l.OnHand()))
		return
	}
	w.adjust(at, stock.Receipt, 1+w.r.Int64N(6))
}

// forgetLevels makes planning see some levels as they are now, for a while, or in truth.
func (w *walk) forgetLevels() {
	clear(w.stale)
	for _, at := range places {
		if w.r.IntN(6) == 0 {
			w.stale[at] = w.r.Int64N(6)
		}
	}
}

// wrongMail is mail again or ahead of its turn: it never reaches the machine.
func (w *walk) wrongMail() {
	for _, pair := range [][2]ledger.ID{{home, w1}, {w1, home}} {
		post := w.nodes[pair[1]].current().Post()
		taken := post.Peer(pair[0]).Taken
		if err := post.Expect(pair[0], w.r.Int64N(taken+1)); !errors.Is(err, ledger.ErrMailTaken) {
			w.t.Errorf("mail again: got %v", err)
		}
		if err := post.Expect(pair[0], taken+2+w.r.Int64N(3)); !errors.Is(err, ledger.ErrMailGap) {
			w.t.Errorf("mail ahead: got %v", err)
		}
	}
}

func (w *walk) hearAll() {
	for _, c := range w.published[w.heard:] {
		if err := w.n.hear(c); err != nil {
			w.t.Error(err)
		}
	}
	w.heard = len(w.published)
}

// calm delivers all mail, and then compares what is on hand and held with the model.
func (w *walk) calm() {
	w.t.Helper()
	clear(w.deaf)
	w.deliver()
	w.hearAll()
	corrected := map[string]int64{}
	for _, id := range []ledger.ID{w1, w2, w3} {
		for _, e := range w.nodes[id].changes() {
			if a, ok := e.(stock.AdjustmentMade); ok {
				corrected[id.Scope()+"/"+string(a.SKU)] += a.Delta
			}
		}
	}
	for _, at := range places {
		w.expectStock(at, corrected[at]+w.n.onHand[at], w.n.held(at))
	}
	for id, o := range w.state().Orders() {
		want := map[string]Status{"reserved": Held, "rejected": Rejected, "confirmed": Confirmed}[w.n.said[o.ID]]
		if want != 0 && o.Status != want || o.Status == Held && w.cancels[o.ID] {
			w.t.Errorf("order %s %s is %s after %q, cancelled: %t", o.ID, id, o.Status, w.n.said[o.ID], w.cancels[o.ID])
		}
	}
}

// finish lets every hold lapse: nothing is held and nobody waits then, and every order
// that an event created has had its one outcome.
func (w *walk) finish() {
	clear(w.stale)
	w.calm()
	for range 200 {
		w.pass(20 * time.Second)
	}
	w.pass(2 * time.Hour)
	w.calm()
	for _, at := range places {
		if held := w.level(ledger.StockID(at[:2], 0), stock.SKU(at[3:])).Held(); held != 0 {
			w.t.Errorf("%s: %d are held for ever", at, held)
		}
	}
	for _, r := range w.pending {
		if !r.given {
			w.t.Errorf("never answered: %+v", r.cmd)
		}
	}
	for id := range w.created {
		if w.n.said[id] == "" {
			w.t.Errorf("order %s was created and has no outcome", id)
		}
	}
	for id, n := range w.nodes {
		if id == home {
			n.fold(New(home, DefaultConfig(), nil))
		} else {
			n.fold(stock.New(id))
		}
	}
	w.t.Logf("%d events of %d orders, %d entries", len(w.published), len(w.n.said), len(w.nodes[home].entries))
}

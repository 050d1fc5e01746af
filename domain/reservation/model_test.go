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
	begun  map[stock.OrderID]Event
	ended  map[stock.OrderID]bool
	late   map[stock.OrderID]bool
	warned map[stock.OrderID]int64          // the end that was announced
	asked  map[stock.OrderID]map[spot]int64 // held in the beginning
	holds  map[stock.OrderID]map[spot]int64 // still held
	gone   map[stock.OrderID]map[spot]int64 // picked
	onHand map[string]int64
}

func newNaive() naive {
	return naive{
		begun: map[stock.OrderID]Event{}, ended: map[stock.OrderID]bool{}, late: map[stock.OrderID]bool{}, warned: map[stock.OrderID]int64{},
		asked: map[stock.OrderID]map[spot]int64{}, holds: map[stock.OrderID]map[spot]int64{}, gone: map[stock.OrderID]map[spot]int64{},
		onHand: map[string]int64{},
	}
}

func (n *naive) hear(c Changed) error {
	id := c.Order.ID
	live := n.begun[id] == ReservedEvent && !n.ended[id]
	switch c.Event {
	case ReservedEvent, RejectedEvent:
		if n.begun[id] != NoEvent {
			return fmt.Errorf("order %s: a second outcome %d after %d", id, c.Event, n.begun[id])
		}
		n.begun[id] = c.Event
		n.asked[id], n.holds[id], n.gone[id] = map[spot]int64{}, map[spot]int64{}, map[spot]int64{}
		if c.Event == ReservedEvent {
			for _, it := range c.Items() {
				n.asked[id][spot{it.SKU, it.Warehouse}] += it.Quantity
				n.holds[id][spot{it.SKU, it.Warehouse}] += it.Quantity
			}
		}
	case ExpiringEvent:
		if !live || n.warned[id] == c.Order.ExpiresAt {
			return fmt.Errorf("order %s: warned of the end at %d (again, or held no more)", id, c.Order.ExpiresAt)
		}
		n.warned[id] = c.Order.ExpiresAt
	case ReleasedEvent:
		if !live {
			return fmt.Errorf("order %s: released, but not live", id)
		}
		return n.end(c, false)
	case ConfirmedEvent:
		late := n.begun[id] == ReservedEvent && n.ended[id]
		if !live && !late || c.Order.Late != (late || n.late[id]) {
			return fmt.Errorf("order %s: confirmed (late: %t), live: %t", id, c.Order.Late, live)
		}
		n.late[id] = n.late[id] || late
		return n.end(c, late)
	case NoEvent:
	}
	return nil
}

// end takes the event's items from what is held, and from what is on hand where they left.
func (n *naive) end(c Changed, late bool) error {
	id := c.Order.ID
	for _, it := range c.Items() {
		at := spot{it.SKU, it.Warehouse}
		if c.Event == ConfirmedEvent {
			n.gone[id][at] += it.Quantity
			n.onHand[string(it.Warehouse)+"/"+string(it.SKU)] -= it.Quantity
		}
		if !late {
			n.holds[id][at] -= it.Quantity
		}
		if n.holds[id][at] < 0 || n.gone[id][at] > n.asked[id][at] || it.Quantity <= 0 {
			return fmt.Errorf("order %s: %+v: %d left of the hold, %d of %d picked", id, c, n.holds[id][at], n.gone[id][at], n.asked[id][at])
		}
	}
	for _, q := range n.holds[id] {
		if q > 0 {
			return nil
		}
	}
	n.ended[id] = true
	return nil
}

// status is what a user takes an order for, 0 where nothing was said of it.
func (n *naive) status(id stock.OrderID) Status {
	var picked int64
	for _, q := range n.gone[id] {
		picked += q
	}
	switch {
	case n.begun[id] == NoEvent:
		return 0
	case n.begun[id] == RejectedEvent:
		return Rejected
	case !n.ended[id]:
		return Held
	case picked > 0:
		return Confirmed
	}
	return Released
}

// held is what all orders together hold of "W1/A".
func (n *naive) held(at string) int64 {
	var sum int64
	for _, holds := range n.holds {
		sum += holds[spot{stock.SKU(at[3:]), stock.WarehouseID(at[:2])}]
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
		n:       newNaive(),
		created: map[stock.OrderID]bool{}, cancels: map[stock.OrderID]bool{},
	}
	steps := 1500
	if *deep {
		steps = 5000
	}
	for step := range steps {
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
	switch w.r.IntN(42) {
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
	case 36, 37, 38:
		w.ask(w.partOf(id))
	case 39:
		w.ask(Extend{ID: IDOf(id), TTL: time.Duration(1+w.r.IntN(100)) * time.Second})
	case 40:
		w.ask(Confirm{ID: IDOf(id), Order: id, Letter: []byte(fmt.Sprint("letter-", step))})
	case 41:
		w.ask(ledger.Due{Key: parkedKey(id)})
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

// partOf is a pick of a warehouse, or of some of a line, or of what the order never had.
func (w *walk) partOf(id stock.OrderID) Confirm {
	c := Confirm{ID: IDOf(id), Order: id}
	at := places[w.r.IntN(len(places))]
	line := Line{SKU: stock.SKU(at[3:]), Quantity: w.r.Int64N(4)}
	switch w.r.IntN(3) {
	case 0:
		c.Warehouse = stock.WarehouseID(at[:2])
	case 1:
		line.Warehouse, line.Named = stock.WarehouseID(at[:2]), true
		c.Picked = []Line{line}
	default:
		c.Picked = []Line{line}
	}
	if w.r.IntN(3) == 0 {
		c.Letter = []byte("part-" + string(id))
	}
	return c
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
		want := w.n.status(o.ID)
		expired := want == Released && o.Status == Expired
		if want != 0 && o.Status != want && !expired || o.Status == Held && w.cancels[o.ID] {
			w.t.Errorf("order %s %s is %s, its events say %s, cancelled: %t", o.ID, id, o.Status, want, w.cancels[o.ID])
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
	for p := range w.state().Parked {
		w.t.Errorf("parked for ever: %+v", p)
	}
	for id := range w.created {
		if w.n.begun[id] == NoEvent {
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
	w.t.Logf("%d events of %d orders, %d entries", len(w.published), len(w.n.begun), len(w.nodes[home].entries))
}

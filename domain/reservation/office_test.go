package reservation

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

const (
	home = ledger.ID("reservation/eu/0")
	w1   = ledger.ID("stock/W1/0")
	w2   = ledger.ID("stock/W2/0")
	w3   = ledger.ID("stock/W3/0")
)

var noon = time.Date(2026, time.November, 25, 12, 0, 0, 0, time.UTC).UnixMilli()

// office runs a reservation ledger and the stock ledgers of W1 and W2 in region eu and of
// W3 in us, and carries the mail between them: what owner, relay and look-ups do in the
// service. Nothing is delivered until it is told so.
type office struct {
	t          *testing.T
	clock      int64
	nodes      map[ledger.ID]*node
	warehouses []stock.Warehouse
	stale      map[string]int64 // units by "warehouse/sku" that planning sees instead of the true ones
	deaf       map[ledger.ID]bool
	archive    map[ledger.UUID][]byte
	published  []Changed
	replies    []*reply // not yet given
	keys       int
}

// reply is what the caller of a command is told.
type reply struct {
	cmd   ledger.Command
	wait  *ledger.Wait
	given bool
	order *Order
	again bool // the order was Repeated
	err   error
	after []ledger.Receipt
}

func newOffice(t *testing.T) *office { return officeWith(t, DefaultConfig()) }

func officeWith(t *testing.T, cfg Config) *office {
	o := &office{
		t: t, clock: noon, nodes: map[ledger.ID]*node{}, stale: map[string]int64{},
		deaf: map[ledger.ID]bool{}, archive: map[ledger.UUID][]byte{},
	}
	for i, region := range []stock.Region{"eu", "eu", "us"} {
		id := stock.WarehouseID(fmt.Sprint("W", i+1))
		o.warehouses = append(o.warehouses, stock.Warehouse{ID: id, Region: region, Rank: i, Ledgers: 1})
		o.nodes[ledger.StockID(string(id), 0)] = stockNode(t, ledger.StockID(string(id), 0))
	}
	o.nodes[home] = reservationNode(t, home, cfg, o)
	return o
}

func (o *office) Warehouses(region stock.Region) []stock.Warehouse {
	return slices.DeleteFunc(slices.Clone(o.warehouses), func(w stock.Warehouse) bool { return region != "" && w.Region != region })
}

func (o *office) Warehouse(id stock.WarehouseID) (stock.Warehouse, bool) {
	i := slices.IndexFunc(o.warehouses, func(w stock.Warehouse) bool { return w.ID == id })
	if i < 0 {
		return stock.Warehouse{}, false
	}
	return o.warehouses[i], true
}

func (o *office) Available(w stock.Warehouse, sku stock.SKU) (int64, bool) {
	if n, ok := o.stale[string(w.ID)+"/"+string(sku)]; ok {
		return n, false
	}
	return o.level(w.LedgerOf(sku), sku).Available(), true
}

func (o *office) state() *State { return o.nodes[home].m.(*State) }

func (o *office) level(id ledger.ID, sku stock.SKU) stock.Level {
	l, _ := o.nodes[id].m.(*stock.State).Level(sku)
	return l
}

// tell brings a command to the reservation ledger. The reply may come later.
func (o *office) tell(cmd ledger.Command) *reply {
	o.t.Helper()
	r := &reply{cmd: cmd}
	o.decide(r)
	return r
}

func (o *office) decide(r *reply) {
	o.t.Helper()
	n := o.nodes[home]
	d := n.decide(r.cmd, ledger.Recalled{}, o.clock)
	if d.Recall != (ledger.UUID{}) {
		if !reflect.DeepEqual(d, ledger.Decision{Recall: d.Recall}) {
			o.t.Fatalf("a decision that asks for a look-up decides something too: %+v", d)
		}
		d = n.decide(r.cmd, ledger.Recalled{Asked: true, Body: o.archive[d.Recall]}, o.clock)
	}
	r.wait, r.err, r.after = d.Wait, d.Err, d.After
	r.order, r.again = orderOf(d.Outcome)
	r.given = d.Wait == nil
	o.commit(n, d.Changes)
	if !r.given {
		o.replies = append(o.replies, r)
	}
}

// commit makes an entry, and does for it what the relay does.
func (o *office) commit(n *node, changes []ledger.Change) {
	o.t.Helper()
	if len(changes) == 0 {
		return
	}
	n.commit(changes, o.clock)
	for _, c := range changes {
		switch c := c.(type) {
		case Changed:
			o.relay(c)
		case stock.Moved:
			for _, l := range c.Lines {
				if c.Movement == stock.Held && l.After.Held() > l.After.OnHand() {
					o.t.Errorf("%s: order %s holds what is not there: %+v", n.id, c.Order, l)
				}
			}
		}
	}
}

func (o *office) relay(c Changed) {
	o.t.Helper()
	if c.Event != NoEvent {
		o.published = append(o.published, c)
	}
	if !c.Gone && c.Order.Status != Planned {
		o.archive[IDOf(c.Order.ID)] = encode(c.Order)
	}
	if c.Progress().Settled {
		o.answer(c)
	}
}

// answer gives the replies that waited for the change.
func (o *office) answer(c Changed) {
	o.t.Helper()
	waited := o.replies
	o.replies = nil
	for _, r := range waited {
		switch {
		case r.wait.Key != IDOf(c.Order.ID):
			o.replies = append(o.replies, r)
		case r.wait.Answer == nil:
			o.decide(r)
		default:
			d := r.wait.Answer(c)
			r.order, r.again = orderOf(d.Outcome)
			r.err, r.after, r.given = d.Err, d.After, true
		}
	}
}

// carry takes the next mail from one ledger to another, if there is any.
func (o *office) carry(from, to ledger.ID) bool {
	o.t.Helper()
	n := o.nodes[to]
	mail := o.nodes[from].m.Post().Pending(to, n.current().Post().Peer(from).Taken, 1)
	if len(mail) == 0 || o.deaf[to] {
		return false
	}
	if err := n.current().Post().Expect(from, mail[0].Number); err != nil {
		o.t.Fatalf("%s: mail %d from %s: %v", to, mail[0].Number, from, err)
	}
	d := n.decide(ledger.Received{From: from, Number: mail[0].Number, Body: mail[0].Body}, ledger.Recalled{}, o.clock)
	if d.Err != nil {
		o.t.Fatalf("%s: mail %d from %s: %v", to, mail[0].Number, from, d.Err)
	}
	o.commit(n, append([]ledger.Change{ledger.MailTaken{From: from, Upto: mail[0].Number}}, d.Changes...))
	return true
}

// acknowledge tells a ledger what another one has taken from it.
func (o *office) acknowledge(from, to ledger.ID) {
	o.t.Helper()
	n := o.nodes[from]
	if taken := o.nodes[to].m.Post().Peer(from).Taken; taken > n.current().Post().Peer(to).Acked {
		o.commit(n, []ledger.Change{ledger.MailAcked{To: to, Upto: taken}})
	}
}

// deliver carries all mail, until nobody has any.
func (o *office) deliver() {
	o.t.Helper()
	for _, n := range o.nodes {
		n.end()
	}
	for moved := true; moved; {
		moved = false
		for _, w := range []ledger.ID{w1, w2, w3} {
			moved = o.carry(home, w) || o.carry(w, home) || moved
			o.acknowledge(home, w)
			o.acknowledge(w, home)
		}
	}
}

// sweep brings every deadline that has come.
func (o *office) sweep() {
	o.t.Helper()
	for _, p := range slices.Collect(o.state().Progress()) {
		if p.Due > 0 && p.Due <= o.clock {
			o.tell(ledger.Due{Key: p.Key})
		}
	}
}

// pass lets time go by; what was due is swept and its mail delivered.
func (o *office) pass(d time.Duration) {
	o.t.Helper()
	o.clock += d.Milliseconds()
	o.sweep()
	o.deliver()
}

// forget drops all orders that the ledger lets go of.
func (o *office) forget() {
	o.t.Helper()
	var keys []ledger.UUID
	for id := range o.state().Orders() {
		keys = append(keys, id)
	}
	o.tell(ledger.Forget{Keys: keys, Relayed: o.nodes[home].at.Version})
}

// orderOf is the order of an outcome, nil where there is none, and whether it was there before.
func orderOf(outcome any) (o *Order, again bool) {
	if r, ok := outcome.(Repeated); ok {
		return r.Order, true
	}
	o, _ = outcome.(*Order)
	return o, false
}

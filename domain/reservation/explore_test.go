package reservation

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// The exploration takes one order through everything that can happen to it, in every
// order in which it can happen: reserve by HTTP; created, cancelled and picked by events;
// deadlines, other people's stock movements, mail, look-ups and forgetting.

// part is one ledger's state, one for each encoding, so that worlds can be compared. It
// is never changed: steps are taken on drafts.
type part struct{ m ledger.Machine }

// world is a state of everything.
type world struct {
	res       *part
	legs      [2]*part
	row       string // the order in the archive
	left      inputs
	said      [6]int8 // how often each event was published
	created   bool
	cancelled bool
}

// view is all that a step depends on.
type view struct {
	step      string
	res, leg  *part
	id        ledger.ID // of the leg
	row       string
	available [2]int64
}

// effect is all that a step changes; done tells whether it does anything.
type effect struct {
	res, leg *part
	row      string
	event    Event
	done     bool
	fault    string // what should never happen
}

type edge struct {
	from *world
	step string
}

type explorer struct {
	t       *testing.T
	items   string
	parts   map[[32]byte]*part
	effects map[view]effect
	seen    map[world]edge
	queue   []*world
	levels  [2]int64 // as planning sees them
}

var legIDs = [2]ledger.ID{w1, w2}

// explore visits every world that can be reached.
func explore(t *testing.T, items, onHand string, left inputs) {
	t.Helper()
	x := &explorer{t: t, items: items, parts: map[[32]byte]*part{}, effects: map[view]effect{}, seen: map[world]edge{}}
	o := newOffice(t).stocked(onHand)
	first := &world{left: left}
	for i, id := range legIDs {
		first.legs[i] = x.part(o.nodes[id].m)
	}
	first.res = x.part(New(home, DefaultConfig(), x))
	x.visit(first, edge{})
	for len(x.queue) > 0 {
		w := x.queue[0]
		x.queue = x.queue[1:]
		if fault := x.fault(w); fault != "" {
			t.Fatalf("%s\n%s", fault, x.trace(w))
		}
		x.expand(w)
	}
	t.Logf("%d worlds, %d states of a ledger", len(x.seen), len(x.parts))
}

func (x *explorer) Warehouses(stock.Region) []stock.Warehouse { return ranked("W1", "W2") }

func (x *explorer) Warehouse(id stock.WarehouseID) (stock.Warehouse, bool) {
	ws := ranked("W1", "W2")
	return ws[slices.IndexFunc(ws, func(w stock.Warehouse) bool { return w.ID == id })], true
}

// Available may be old, it says, so that HTTP asks the stock ledgers too.
func (x *explorer) Available(w stock.Warehouse, _ stock.SKU) (int64, bool) {
	return x.levels[slices.Index(legIDs[:], w.LedgerOf("A"))], false
}

func (p *part) level() stock.Level {
	l, _ := p.m.(*stock.State).Level("A")
	return l
}

// part keeps a machine by its encoding, as it comes out of a snapshot.
func (x *explorer) part(m ledger.Machine) *part {
	body := encode(m)
	key := sha256.Sum256(body)
	if p, ok := x.parts[key]; ok {
		return p
	}
	var err error
	if _, ok := m.(*stock.State); ok {
		m, err = stock.DecodeState(body)
	} else {
		m, err = DecodeState(body, DefaultConfig(), x)
	}
	if err != nil {
		x.t.Fatal(err)
	}
	x.parts[key] = &part{m}
	return x.parts[key]
}

func (x *explorer) visit(w *world, e edge) {
	if _, ok := x.seen[*w]; !ok {
		x.seen[*w] = e
		x.queue = append(x.queue, w)
	}
}

func (x *explorer) trace(w *world) string {
	var steps []string
	for e := x.seen[*w]; e.from != nil; e = x.seen[*e.from] {
		steps = append(steps, e.step)
	}
	slices.Reverse(steps)
	return fmt.Sprintf("%q, and the order is %+v", steps, x.order(w))
}

// take does a step, unless its effect is known already.
func (x *explorer) take(v view) effect {
	if e, ok := x.effects[v]; ok {
		return e
	}
	x.levels = v.available
	e := effect{res: v.res, leg: v.leg, row: v.row}
	switch v.step {
	case "mail to":
		x.carry(&e, &e.res, &e.leg, home, v.id)
	case "mail from":
		x.carry(&e, &e.leg, &e.res, v.id, home)
	case "receipt":
		x.adjust(&e, v.id, stock.Receipt, 1)
	case "steal":
		if v.leg.level().OnHand() > 0 {
			x.adjust(&e, v.id, stock.Loss, -1)
		}
	default:
		x.tell(&e, x.command(v.step), noon)
	}
	x.effects[v] = e
	return e
}

// command about the order; a deadline comes when the time of plans and holds is over.
func (x *explorer) command(step string) ledger.Command {
	id := IDOf("order-1")
	switch step {
	case "cancel":
		return Release{ID: id, Order: "order-1", Reason: OrderCancelled}
	case "pick":
		return Confirm{ID: id, Order: "order-1"}
	case "part":
		return Confirm{ID: id, Order: "order-1", Warehouse: "W1"}
	case "none":
		return Confirm{ID: id, Order: "order-1", Picked: []Line{{SKU: "A", Warehouse: "W2", Named: true}}}
	case "park":
		return Confirm{ID: id, Order: "order-1", Letter: []byte("letter")}
	case "look":
		return ledger.Due{Key: parkedKey("order-1")}
	case "lapse":
		return ledger.Due{Key: id}
	case "forget":
		return ledger.Forget{Keys: []ledger.UUID{id}, Relayed: 1}
	}
	return Reserve{Order: "order-1", Lines: linesOf(x.items), TTL: time.Minute, Final: step == "created"}
}

func (x *explorer) tell(e *effect, cmd ledger.Command, now int64) {
	at := ledger.Stamp{Version: 1, At: now}
	if due, ok := cmd.(ledger.Due); ok && due.Key == IDOf("order-1") {
		at.At += 2 * time.Minute.Milliseconds()
	}
	d := e.res.m.Decide(cmd, ledger.Recalled{}, at)
	if d.Recall != (ledger.UUID{}) {
		r := ledger.Recalled{Asked: true}
		if e.row != "" {
			r.Body = []byte(e.row)
		}
		d = e.res.m.Decide(cmd, r, at)
	}
	x.apply(e, &e.res, d.Changes, at)
}

// adjust changes what is on hand. The ledger need not remember it: that would only tell
// worlds apart that are the same for the order.
func (x *explorer) adjust(e *effect, id ledger.ID, kind stock.AdjustmentType, q int64) {
	at := ledger.Stamp{Version: 1, At: noon}
	cmd := stock.Adjust{Ledger: id, Actor: "anna", Key: "key", SKU: "A", Type: kind, Quantity: q}
	d := e.leg.m.Decide(cmd, ledger.Recalled{Asked: true}, at)
	if d.Err != nil {
		x.t.Fatal(d.Err)
	}
	made := d.Changes[0].(stock.AdjustmentMade)
	made.Key = ""
	x.apply(e, &e.leg, []ledger.Change{made}, at)
}

// carry takes the next mail from one ledger to another, which acknowledges it.
func (x *explorer) carry(e *effect, from, to **part, fromID, toID ledger.ID) {
	post := (*to).m.Post()
	mail := (*from).m.Post().Pending(toID, post.Peer(fromID).Taken, 1)
	if len(mail) == 0 {
		return
	}
	n, at := mail[0].Number, ledger.Stamp{Version: 1, At: noon}
	if post.Expect(fromID, n) != nil || post.Expect(fromID, n-1) == nil || post.Expect(fromID, n+1) == nil {
		e.fault = fmt.Sprintf("mail %d from %s is not the one that is expected", n, fromID)
	}
	d := (*to).m.Decide(ledger.Received{From: fromID, Number: n, Body: mail[0].Body}, ledger.Recalled{}, at)
	if d.Err != nil {
		e.fault = fmt.Sprintf("mail %d from %s: %v", n, fromID, d.Err)
	}
	x.apply(e, to, append([]ledger.Change{ledger.MailTaken{From: fromID, Upto: n}}, d.Changes...), at)
	x.apply(e, from, []ledger.Change{ledger.MailAcked{To: toID, Upto: n}}, at)
}

func (x *explorer) apply(e *effect, p **part, changes []ledger.Change, at ledger.Stamp) {
	if len(changes) == 0 {
		return
	}
	m := (*p).m.Draft()
	for _, c := range changes {
		if err := m.Apply(c, at); err != nil {
			e.fault = fmt.Sprintf("%+v: %v", c, err)
		}
		if c, ok := c.(Changed); ok {
			e.event = c.Event
			if !c.Gone && c.Order.Status != Planned {
				e.row = string(encode(c.Order))
			}
		}
	}
	*p, e.done = x.part(m), true
}

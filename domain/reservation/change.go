package reservation

import (
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Event is what a change publishes about its order.
type Event byte

// The events; their topics are inventory.reserved.v1 and so on.
const (
	NoEvent        Event = 0
	ReservedEvent  Event = 1
	RejectedEvent  Event = 2
	ConfirmedEvent Event = 3
	ReleasedEvent  Event = 4
)

// Changed is the one change of an order: it carries the order whole, as it is after it.
type Changed struct {
	Event Event
	Gone  bool // refused, and known to its HTTP caller only: it leaves the state
	Order *Order
}

const kindChanged = 64

// ChangeKind implements ledger.Change.
func (Changed) ChangeKind() byte { return kindChanged }

// Progress implements ledger.Progressing.
func (c Changed) Progress() ledger.Progress {
	p := c.Order.progress()
	p.Settled = p.Settled || c.Gone
	if c.Gone {
		p.Due, p.Ended = 0, false
	}
	p.Version = 0
	return p
}

// Encode implements ledger.Change.
func (c Changed) Encode(w *ledger.Writer) {
	w.Byte(byte(c.Event))
	w.Bool(c.Gone)
	c.Order.Encode(w)
}

// DecodeChange is the ledger.ChangeDecoder of reservation ledgers.
func DecodeChange(kind byte, r *ledger.Reader) ledger.Change {
	if kind != kindChanged {
		r.Fail("unknown kind of change in a reservation ledger")
		return nil
	}
	c := Changed{Event: Event(r.Byte()), Gone: r.Bool()}
	if c.Event > ReleasedEvent {
		r.Fail("unknown event %d", c.Event)
	}
	c.Order = DecodeOrder(r)
	return c
}

const orderFormat = 1

// Encode appends the order whole, for entries, the archive and snapshots.
func (o *Order) Encode(w *ledger.Writer) {
	w.Byte(orderFormat)
	w.String(string(o.ID))
	w.String(string(o.Region))
	w.Int(int64(len(o.Lines)))
	for _, l := range o.Lines {
		w.String(string(l.SKU))
		w.Int(l.Quantity)
		w.String(string(l.Warehouse))
		w.Bool(l.Named)
		w.Byte(byte(l.Status))
	}
	w.Int(int64(len(o.Legs)))
	for _, leg := range o.Legs {
		w.String(string(leg.Ledger))
		w.Int(leg.Number)
		w.Byte(byte(leg.State))
	}
	w.Byte(byte(o.Status))
	w.String(o.Reason)
	w.String(o.Detail)
	stock.EncodeShortages(w, o.Shortages)
	for _, ms := range [...]int64{o.TTL, o.PlannedAt, o.HeldAt, o.ExpiresAt, o.Due, int64(o.Tries)} {
		w.Int(ms)
	}
	w.Int(int64(len(o.Silent)))
	for _, id := range o.Silent {
		w.String(string(id))
	}
	w.Bool(o.Final)
	w.Bool(o.LatePick)
	w.Bool(o.Late)
	w.String(o.Origin.Source)
	w.String(o.Origin.Trace)
}

// DecodeOrder reads what Encode wrote; r tells of faults.
func DecodeOrder(r *ledger.Reader) *Order {
	if f := r.Byte(); f != orderFormat {
		r.Fail("order format %d, this program reads %d", f, orderFormat)
	}
	o := &Order{ID: stock.OrderID(r.String()), Region: stock.Region(r.String())}
	for range r.Count(5) {
		o.Lines = append(o.Lines, Line{SKU: stock.SKU(r.String()), Quantity: r.Int(), Warehouse: stock.WarehouseID(r.String()), Named: r.Bool(), Status: Status(r.Byte())})
	}
	for range r.Count(3) {
		o.Legs = append(o.Legs, Leg{Ledger: ledger.ID(r.String()), Number: r.Int(), State: LegState(r.Byte())})
	}
	o.Status, o.Reason, o.Detail = Status(r.Byte()), r.String(), r.String()
	o.Shortages = stock.DecodeShortages(r)
	o.TTL, o.PlannedAt, o.HeldAt, o.ExpiresAt, o.Due, o.Tries = r.Int(), r.Int(), r.Int(), r.Int(), r.Int(), int(r.Int())
	for range r.Count(1) {
		o.Silent = append(o.Silent, ledger.ID(r.String()))
	}
	o.Final, o.LatePick, o.Late = r.Bool(), r.Bool(), r.Bool()
	o.Origin.Source, o.Origin.Trace = r.String(), r.String()
	if err := o.check(); err != nil && r.Err() == nil {
		r.Fail("%v", err)
	}
	return o
}

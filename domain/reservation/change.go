package reservation

import (
	"bytes"

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
	ExpiringEvent  Event = 5
)

// Changed is the change of an order: it carries the order whole, as it is after all of
// its decision's changes.
type Changed struct {
	Event Event
	Gone  bool // refused, and known to its HTTP caller only: it leaves the state
	Order *Order
	// Part is what the event is about, where that is not the whole order.
	Part *Part
}

// Part is a part of an order that left or was released.
type Part struct {
	Reason string // of the release
	Items  []PartItem
}

// PartItem is a number of units of a SKU in a warehouse.
type PartItem struct {
	SKU       stock.SKU
	Warehouse stock.WarehouseID
	Quantity  int64
}

// Reason is why the event's items were released, or the order rejected.
func (c Changed) Reason() string {
	if c.Part != nil {
		return c.Part.Reason
	}
	return c.Order.Reason
}

// Items lists what the event is about.
func (c Changed) Items() []PartItem {
	if c.Part != nil {
		return c.Part.Items
	}
	items := make([]PartItem, 0, len(c.Order.Lines))
	for _, l := range c.Order.Lines {
		items = append(items, PartItem{l.SKU, l.Warehouse, l.Quantity})
	}
	return items
}

const (
	kindChanged = 64
	kindPart    = 65 // a Changed with a Part
)

// ChangeKind implements ledger.Change.
func (c Changed) ChangeKind() byte {
	if c.Part != nil {
		return kindPart
	}
	return kindChanged
}

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
	if c.Part != nil {
		w.String(c.Part.Reason)
		w.Int(int64(len(c.Part.Items)))
		for _, it := range c.Part.Items {
			w.String(string(it.SKU))
			w.String(string(it.Warehouse))
			w.Int(it.Quantity)
		}
	}
	c.Order.Encode(w)
}

// DecodeChange is the ledger.ChangeDecoder of reservation ledgers.
func DecodeChange(kind byte, r *ledger.Reader) ledger.Change {
	switch kind {
	case kindChanged, kindPart:
		return decodeChanged(kind, r)
	case kindParked:
		return PicksParked{decodeParked(r)}
	case kindBuried:
		return PickBuried{Order: stock.OrderID(r.String()), Letter: bytes.Clone(r.Blob()), Code: r.String(), Detail: r.String(), ParkedAt: r.Int()}
	}
	r.Fail("unknown kind of change in a reservation ledger")
	return nil
}

func decodeChanged(kind byte, r *ledger.Reader) Changed {
	c := Changed{Event: Event(r.Byte()), Gone: r.Bool()}
	if c.Event > ExpiringEvent {
		r.Fail("unknown event %d", c.Event)
	}
	if kind == kindPart {
		c.Part = &Part{Reason: r.String()}
		for range r.Count(3) {
			c.Part.Items = append(c.Part.Items, PartItem{SKU: stock.SKU(r.String()), Warehouse: stock.WarehouseID(r.String()), Quantity: r.Int()})
		}
	}
	c.Order = DecodeOrder(r)
	return c
}

// The formats of an order: the first is of one whose lines were picked whole or not at all.
const (
	orderFormat      = 1
	orderFormatParts = 2
)

func (o *Order) format() byte {
	for _, l := range o.Lines {
		whole := l.Status == Confirmed && l.Picked == l.Quantity
		if l.Short || l.Picked > 0 && !whole {
			return orderFormatParts
		}
	}
	return orderFormat
}

// Encode appends the order whole, for entries, the archive and snapshots.
func (o *Order) Encode(w *ledger.Writer) {
	format := o.format()
	w.Byte(format)
	w.String(string(o.ID))
	w.String(string(o.Region))
	w.Int(int64(len(o.Lines)))
	for _, l := range o.Lines {
		w.String(string(l.SKU))
		w.Int(l.Quantity)
		w.String(string(l.Warehouse))
		w.Bool(l.Named)
		w.Byte(byte(l.Status))
		if format == orderFormatParts {
			w.Int(l.Picked)
			w.Bool(l.Short)
		}
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
	format := r.Byte()
	if format != orderFormat && format != orderFormatParts {
		r.Fail("order format %d, this program reads up to %d", format, orderFormatParts)
	}
	o := &Order{ID: stock.OrderID(r.String()), Region: stock.Region(r.String())}
	for range r.Count(5) {
		o.Lines = append(o.Lines, decodeLine(r, format))
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

func decodeLine(r *ledger.Reader, format byte) Line {
	l := Line{SKU: stock.SKU(r.String()), Quantity: r.Int(), Warehouse: stock.WarehouseID(r.String()), Named: r.Bool(), Status: Status(r.Byte())}
	switch {
	case format == orderFormatParts:
		l.Picked, l.Short = r.Int(), r.Bool()
	case l.Status == Confirmed:
		l.Picked = l.Quantity
	}
	return l
}

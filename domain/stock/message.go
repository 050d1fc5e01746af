package stock

import (
	"fmt"

	"inventory/domain/ledger"
)

// Item is a number of units of a SKU.
type Item struct {
	SKU      SKU
	Quantity int64
}

// Origin says where a command came from, for the events that follow from it.
type Origin struct {
	Source string // the topic, or the name of the API
	Trace  string // W3C traceparent, may be empty
}

// Hold is mail to a stock ledger: hold all items for the order, or none. Each SKU is in
// Items once. Answered by an Answer.
type Hold struct {
	Order OrderID
	Items []Item
	Origin
}

// Release is mail to a stock ledger: give back what it holds for the order, if anything.
type Release struct {
	Order  OrderID
	Reason string
	Origin
}

// ShortPick is the reason of a release of what was held and not picked. Source: spec S2.6.
const ShortPick = "SHORT_PICK"

// Confirm is mail to a stock ledger that holds stock for the order: the goods have left.
type Confirm struct {
	Order OrderID
	Late  bool // picked after the hold had ended
	// Picked says how much left of each SKU it names, which may be nothing; what was held of
	// it beyond that is released, and other SKUs stay held. Nil: all that is held left.
	Picked []Item
	Origin
}

// Shortage says what was asked for and what there was, in units.
type Shortage struct {
	SKU       SKU
	Warehouse WarehouseID
	Requested int64
	Available int64
}

// Answer is mail back from a stock ledger about the Hold of that Number: all is held, or
// nothing is, for the Shortages named.
type Answer struct {
	Order     OrderID
	Number    int64
	Held      bool
	Shortages []Shortage
}

// Message is the body of mail between stock and reservation ledgers: a Hold, Release,
// Confirm or Answer.
type Message interface{ encode(*ledger.Writer) }

const (
	messageFormat = 1
	messageHold   = 1
	messageRel    = 2
	messageConf   = 3
	messageAnswer = 4
	messagePick   = 5 // a Confirm of a part
)

// EncodeMessage gives the versioned binary form of a message.
func EncodeMessage(m Message) []byte {
	w := &ledger.Writer{}
	w.Byte(messageFormat)
	m.encode(w)
	return w.Bytes()
}

// DecodeMessage reads what EncodeMessage wrote; errors wrap ledger.ErrCorrupt.
func DecodeMessage(b []byte) (Message, error) {
	r := ledger.NewReader(b)
	if f := r.Byte(); f != messageFormat {
		r.Fail("message format %d, this program reads %d", f, messageFormat)
	}
	var m Message
	switch kind := r.Byte(); kind {
	case messageHold:
		m = Hold{Order: OrderID(r.String()), Items: decodeItems(r), Origin: decodeOrigin(r)}
	case messageRel:
		m = Release{Order: OrderID(r.String()), Reason: r.String(), Origin: decodeOrigin(r)}
	case messageConf:
		m = Confirm{Order: OrderID(r.String()), Late: r.Bool(), Origin: decodeOrigin(r)}
	case messagePick:
		m = Confirm{Order: OrderID(r.String()), Late: r.Bool(), Picked: decodeItems(r), Origin: decodeOrigin(r)}
	case messageAnswer:
		m = Answer{Order: OrderID(r.String()), Number: r.Int(), Held: r.Bool(), Shortages: DecodeShortages(r)}
	default:
		r.Fail("unknown message %d", kind)
	}
	if err := r.Close(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return m, nil
}

func (m Hold) encode(w *ledger.Writer) {
	w.Byte(messageHold)
	w.String(string(m.Order))
	encodeItems(w, m.Items)
	m.Origin.encode(w)
}

func (m Release) encode(w *ledger.Writer) {
	w.Byte(messageRel)
	w.String(string(m.Order))
	w.String(m.Reason)
	m.Origin.encode(w)
}

func (m Confirm) encode(w *ledger.Writer) {
	if m.Picked == nil {
		w.Byte(messageConf)
	} else {
		w.Byte(messagePick)
	}
	w.String(string(m.Order))
	w.Bool(m.Late)
	if m.Picked != nil {
		encodeItems(w, m.Picked)
	}
	m.Origin.encode(w)
}

func (m Answer) encode(w *ledger.Writer) {
	w.Byte(messageAnswer)
	w.String(string(m.Order))
	w.Int(m.Number)
	w.Bool(m.Held)
	EncodeShortages(w, m.Shortages)
}

func (o Origin) encode(w *ledger.Writer) {
	w.String(o.Source)
	w.String(o.Trace)
}

func decodeOrigin(r *ledger.Reader) Origin { return Origin{Source: r.String(), Trace: r.String()} }

func encodeItems(w *ledger.Writer, items []Item) {
	w.Int(int64(len(items)))
	for _, it := range items {
		w.String(string(it.SKU))
		w.Int(it.Quantity)
	}
}

func decodeItems(r *ledger.Reader) []Item {
	items := make([]Item, 0, r.Count(2))
	for range cap(items) {
		items = append(items, Item{SKU: SKU(r.String()), Quantity: r.Int()})
	}
	return items
}

// EncodeShortages appends shortages.
func EncodeShortages(w *ledger.Writer, s []Shortage) {
	w.Int(int64(len(s)))
	for _, short := range s {
		w.String(string(short.SKU))
		w.String(string(short.Warehouse))
		w.Int(short.Requested)
		w.Int(short.Available)
	}
}

// DecodeShortages reads what EncodeShortages wrote.
func DecodeShortages(r *ledger.Reader) []Shortage {
	n := r.Count(4)
	if n == 0 {
		return nil
	}
	s := make([]Shortage, 0, n)
	for range n {
		s = append(s, Shortage{SKU: SKU(r.String()), Warehouse: WarehouseID(r.String()), Requested: r.Int(), Available: r.Int()})
	}
	return s
}

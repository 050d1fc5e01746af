package wire_test

import (
	"context"
	"testing"
	"time"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

const (
	noon = 1_800_000_000_123
	w1   = ledger.ID("stock/W1/0")
	w2   = ledger.ID("stock/W2/12")
	home = ledger.ID("reservation/home/3")
)

var (
	codec  = owner.NewCodec()
	origin = stock.Origin{Source: "order.created.v1", Trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
	key    = reservation.IDOf("order-1")
)

// sampleOrder is an order of which some left, some was not found, and some is held.
func sampleOrder() *reservation.Order {
	return versioned(&reservation.Order{
		ID: "order-1", Region: "south", Status: reservation.Held, TTL: 3_600_000, PlannedAt: noon, HeldAt: noon + 5,
		Lines: []reservation.Line{
			{SKU: "A", Quantity: 3, Warehouse: "W1", Named: true, Status: reservation.Confirmed, Picked: 2},
			{SKU: "B", Quantity: 1, Warehouse: "W1", Status: reservation.Released, Short: true},
			{SKU: "C", Quantity: 5, Warehouse: "W2", Status: reservation.Held},
		},
		Legs:      []reservation.Leg{{Ledger: w1, Number: 8, State: reservation.Done}, {Ledger: w2, Number: 3, State: reservation.Holding}},
		ExpiresAt: noon + 3_600_005, Due: noon + 3_300_005, Tries: 1, Final: true, Origin: origin,
	}, 300)
}

// versioned gives an order the version that its ledger's state would give it.
func versioned(o *reservation.Order, version int64) *reservation.Order {
	w := &ledger.Writer{}
	w.Int(version)
	o.Encode(w)
	return reservation.DecodeVersioned(ledger.NewReader(w.Bytes()))
}

// sampleLevel does not come from decisions, so that its bytes change with the encoding alone.
func sampleLevel() stock.Level {
	w := &ledger.Writer{}
	for _, n := range []int64{300, 40, 7, 12, 202648, 30, 20, -3, 7} {
		w.Int(n)
	}
	r := ledger.NewReader(w.Bytes())
	l := stock.DecodeLevel(r)
	if err := r.Close(); err != nil {
		panic(err)
	}
	return l
}

func sampleAdjust() stock.Adjust {
	return stock.Adjust{
		Ledger: w1, Actor: "anna", Key: "delivery-4711", SKU: "A", Type: stock.Receipt, Quantity: 40,
		Reason: "reason", Reference: "PO-88", Source: "http", Trace: origin.Trace,
	}
}

func sampleCorrect() stock.Correct {
	return stock.Correct{SKU: "A", Rows: 1, OnHand: -2, Held: 3, Measured: 299, Actor: "anna", Reason: "reconcile", Origin: origin}
}

func sampleCommands() map[string]ledger.Command {
	return map[string]ledger.Command{
		"reserve": reservation.Reserve{
			Order: "order-1", Region: "south", TTL: time.Hour, Final: true, Invalid: "unknown warehouse W9", Origin: origin,
			Lines: []reservation.Line{{SKU: "A", Quantity: 2}, {SKU: "B", Quantity: 1_000_000_000, Warehouse: "W1", Named: true}, {SKU: "C", Status: reservation.Held, Picked: 3, Short: true}},
		},
		"await":   reservation.Reserve{Order: "order-1", TTL: time.Hour, Final: true, Await: true, Origin: origin, Lines: []reservation.Line{{SKU: "A", Quantity: 2}}},
		"release": reservation.Release{ID: key, Order: "order-1", Reason: reservation.PaymentFailed, Origin: origin},
		"confirm": reservation.Confirm{
			ID: key, Order: "order-1", Warehouse: "W1", Picked: []reservation.Line{{SKU: "A", Quantity: 0}}, Letter: []byte("letter"), Origin: origin,
		},
		"extend":  reservation.Extend{ID: key, TTL: time.Second, Origin: origin},
		"get":     reservation.Get{ID: key},
		"restate": reservation.Restate{ID: key},
		"disown":  reservation.Disown{Order: "order-1", Ledger: w2, Origin: origin},
		"adjust":  sampleAdjust(),
		"correct": sampleCorrect(),
		"mark":    stock.SetMark{SKU: "A", Low: 1_000_000_000, Actor: "anna", Origin: origin},
		"unmark":  stock.SetMark{SKU: "A", Low: stock.NoMark, Actor: "anna"},
		"marks":   stock.ReadMarks{SKU: "A", After: "B", Limit: 1000},
	}
}

// failure is an error whose text is its own.
type failure struct {
	text string
	is   []error
}

func (f failure) Error() string { return f.text }

func (f failure) Unwrap() []error { return f.is }

func failed(text string, is ...error) error { return failure{text, is} }

func sampleAnswers() map[string]wire.Answer {
	short := &reservation.InsufficientError{Shortages: []stock.Shortage{{SKU: "A", Warehouse: "W1", Requested: 4, Available: 3}, {SKU: "B", Requested: 1}}}
	over := &reservation.OverPickError{SKU: "A", Warehouse: "W1", Picked: 4, Held: 3, Before: 2}
	return map[string]wire.Answer{
		"order":    {Outcome: sampleOrder()},
		"no-order": {Outcome: (*reservation.Order)(nil)},
		"repeated": {Outcome: reservation.Repeated{Order: sampleOrder()}},
		"parked":   {Outcome: reservation.ParkedOutcome{Until: noon}},
		"adjustment": {Outcome: stock.Adjustment{
			Actor: "anna", Key: "delivery-4711", Fingerprint: key, SKU: "A", Type: stock.Receipt, Delta: 20, Level: sampleLevel(),
		}},
		"made-before": {Outcome: stock.Adjustment{
			Actor: "anna", Key: "delivery-4711", Fingerprint: key, SKU: "A", Type: stock.Receipt, Delta: 20, Level: sampleLevel(), Repeated: true,
		}},
		"corrected": {Outcome: stock.Corrected{
			SKU: "A", Rows: 1, OnHand: -2, Held: 3, Actor: "anna", Reason: "reconcile", Origin: origin, After: sampleLevel(),
		}},
		"mark":       {Outcome: stock.Mark{SKU: "A", Low: 300, OnHand: 40, Held: 7, Standing: stock.Low}},
		"marks":      {Outcome: stock.Marks{{SKU: "A", Low: stock.NoMark, Standing: stock.Back}, {SKU: "B", OnHand: 3, Held: 4, Standing: stock.Out}}},
		"no-mark":    {Err: failed("no-mark", stock.ErrNoMark)},
		"nothing":    {},
		"rejected":   {Outcome: reservation.Repeated{Order: sampleOrder()}, Err: failed("rejected", reservation.ErrRejected, short)},
		"over-pick":  {Err: failed("over-pick", over)},
		"unsettled":  {Err: failed("unsettled", owner.ErrUnsettled, context.DeadlineExceeded)},
		"unforeseen": {Err: failed("unforeseen")},
	}
}

// sampleMessages has one of each kind, by the name of its golden file.
func sampleMessages() map[string]wire.Message {
	all := map[string]wire.Message{
		"ask-level":   wire.AskLevel{SKU: "A", Ledgers: []ledger.ID{w1, w2}},
		"ask-shelves": wire.AskShelves{Shelves: []wire.Shelf{{Ledger: w1, SKU: "A"}, {Ledger: w2, SKU: "A"}, {Ledger: w1, SKU: "B"}}},
		"ask-levels":  wire.AskLevels{Ledger: w1, Epoch: 7, After: 299},
		"ask-status":  wire.AskStatus{},
		"levels":      wire.LevelsAnswer{Owned: true, Epoch: 7, Upto: 300, Whole: true, SKUs: []wire.Available{{SKU: "A", Units: 40}, {SKU: "B"}}},
		"level":       wire.LevelAnswer{Levels: []wire.Level{{}, {Owned: true}, {Owned: true, Known: true, Level: sampleLevel()}}},
		"status": wire.StatusAnswer{Ledgers: []wire.Status{
			{Ledger: w1, Owner: "member-1", Epoch: 7, Version: 300, Relayed: 299, Waiting: 64, Mail: 5, Holds: 1_000_000}, {Ledger: home},
		}},
		"ask-lapsing": wire.AskLapsing{Before: noon, Most: 100},
		"lapsing": wire.LapsingAnswer{Ledgers: []wire.Lapsing{{Ledger: home, All: 1_000, Holds: []wire.Hold{
			{OrderID: "order-1", ReservationID: key, HeldAt: noon, ExpiresAt: noon + 900_000, Lines: 2, Units: 5}, {},
		}}, {Ledger: w1}}},
		"hail":    wire.Hail{From: "member-1"},
		"hailed":  wire.Hailed{},
		"refused": wire.Refused{Err: failed("refused", wire.ErrUnknownMessage)},
		"mail":    wire.Mail{From: home, To: w1, Mail: []ledger.Mail{{To: w1, Number: 299, Body: []byte("first")}, {To: w1, Number: 300, Body: []byte("second")}}},
		"ack":     wire.Ack{From: w1, To: home, Upto: 300},
		"took":    wire.Took{Ledger: w1, Owner: "member-1", Epoch: 7},
		"moved":   wire.Moved{Ledger: w1, To: "member-2"},
	}
	for name, cmd := range sampleCommands() {
		id := home
		switch name {
		case "adjust", "correct", "mark", "unmark", "marks":
			id = w1
		}
		all["ask-"+name] = wire.Ask{Ledger: id, Patience: name == "release", Command: cmd}
	}
	for name, a := range sampleAnswers() {
		all["answer-"+name] = a
	}
	return all
}

// encoded gives the bytes of a message that can be encoded.
func encoded(t testing.TB, m wire.Message) []byte {
	t.Helper()
	b, err := codec.Encode(m)
	if err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	return b
}

// carried gives a message as another member gets it.
func carried[M wire.Message](t testing.TB, m M) M {
	t.Helper()
	got, err := codec.Decode(encoded(t, m))
	if err != nil {
		t.Fatalf("%+v: %v", m, err)
	}
	same, ok := got.(M)
	if !ok {
		t.Fatalf("a %T became a %T", m, got)
	}
	return same
}

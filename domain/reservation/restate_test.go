package reservation

import (
	"errors"
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// kept is a ledger that has one order in its state.
func kept(t *testing.T, o *Order) *State {
	t.Helper()
	s := New("reservation/R/0", DefaultConfig(), nil)
	if err := s.Apply(Changed{Order: o}, ledger.Stamp{Version: 1, At: noon}); err != nil {
		t.Fatal(err)
	}
	return s
}

func order(status Status, legs ...Leg) *Order {
	o := &Order{ID: "o", Status: status, HeldAt: noon, ExpiresAt: noon + 1, Legs: legs}
	for _, leg := range legs {
		o.Lines = append(o.Lines, Line{SKU: "A", Quantity: 1, Warehouse: stock.WarehouseID(leg.Ledger.Scope()), Status: status})
	}
	return o
}

func TestOnlyAHoldWithoutALivePartIsDisowned(t *testing.T) {
	const here = ledger.ID("stock/W/0")
	for name, c := range map[string]struct {
		s     *State
		owned bool
	}{
		"an order that never was":         {New("reservation/R/0", DefaultConfig(), nil), false},
		"an order that has ended":         {kept(t, order(Released, Leg{here, 3, Done})), false},
		"an order that is held":           {kept(t, order(Held, Leg{here, 3, Holding})), true},
		"an order that is held elsewhere": {kept(t, order(Held, Leg{"stock/X/0", 3, Holding})), false},
		"an order that asks":              {kept(t, order(Planned, Leg{here, 3, Asked})), true},
	} {
		d := c.s.Decide(Disown{Order: "o", Ledger: here, Origin: stock.Origin{Source: "repair:anna"}}, ledger.Recalled{}, ledger.Stamp{Version: 2, At: noon + 2})
		if owned := errors.Is(d.Err, ErrOwned); owned != c.owned || owned != (len(d.Changes) == 0) {
			t.Errorf("%s: %+v", name, d)
			continue
		}
		if c.owned {
			continue
		}
		sent := d.Changes[0].(ledger.MailSent)
		m, err := stock.DecodeMessage(sent.Body)
		want := stock.Release{Order: "o", Reason: Operator, Origin: stock.Origin{Source: "repair:anna"}}
		if err != nil || sent.To != here || m != stock.Message(want) || len(d.After) != 1 {
			t.Errorf("%s: mail %+v to %s, %v", name, m, sent.To, err)
		}
	}
}

// A forgotten order is looked up before anything is decided about its hold.
func TestAForgottenOrderIsLookedUpBeforeItsHoldIsDisowned(t *testing.T) {
	s := kept(t, order(Released))
	at := ledger.Stamp{Version: 2, At: noon + 2}
	if err := s.Apply(ledger.Forgotten{Keys: []ledger.UUID{IDOf("o")}}, at); err != nil {
		t.Fatal(err)
	}
	if d := s.Decide(Disown{Order: "o", Ledger: "stock/W/0"}, ledger.Recalled{}, at); d.Recall != IDOf("o") || len(d.Changes) > 0 {
		t.Errorf("%+v", d)
	}
}

func TestAnOrderIsRestatedAsItIsAndPublishesNothing(t *testing.T) {
	at := ledger.Stamp{Version: 2, At: noon + 2}
	s := kept(t, order(Held, Leg{"stock/W/0", 3, Holding}))
	d := s.Decide(Restate{ID: IDOf("o")}, ledger.Recalled{}, at)
	if len(d.Changes) != 1 || d.Err != nil {
		t.Fatalf("%+v", d)
	}
	c := d.Changes[0].(Changed)
	before, _ := s.Order(IDOf("o"))
	w, again := &ledger.Writer{}, &ledger.Writer{}
	before.Encode(w)
	c.Order.Encode(again)
	if c.Event != NoEvent || c.Gone || string(w.Bytes()) != string(again.Bytes()) {
		t.Errorf("%+v", c)
	}
	if d := s.Decide(Restate{ID: IDOf("nobody")}, ledger.Recalled{}, at); !errors.Is(d.Err, ErrUnknownOrder) {
		t.Errorf("an order that never was: %+v", d)
	}
	if d := kept(t, order(Planned)).Decide(Restate{ID: IDOf("o")}, ledger.Recalled{}, at); !errors.Is(d.Err, ErrBusy) {
		t.Errorf("a plan: %+v", d)
	}
}

package reservation

import (
	"errors"
	"slices"
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

func TestWhatIsOfAnotherMachineIsAnError(t *testing.T) {
	s := newOffice(t).state()
	if d := s.Decide(stock.Adjust{}, ledger.Recalled{}, ledger.Stamp{Version: 1, At: noon}); d.Err == nil || len(d.Changes) > 0 {
		t.Errorf("a command: got %+v", d)
	}
	if err := s.Apply(stock.Moved{}, ledger.Stamp{Version: 1}); err == nil {
		t.Error("a change: no error")
	}
	if err := s.Apply(ledger.MailTaken{From: w1}, ledger.Stamp{Version: 1}); err == nil {
		t.Error("mail that was taken before: no error")
	}
}

func TestAnArchivedOrderThatIsDamagedIsAnErrorAndNoNewOrder(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	o.do(cancel())
	o.forget()
	o.archive[IDOf("order-1")] = []byte{1, 2, 3}
	for _, cmd := range []ledger.Command{created("2 A"), cancel(), pick(), Get{ID: IDOf("order-1")}} {
		o.do(cmd).expect(o, ledger.ErrCorrupt)
	}
	o.expectEvents("reserved", "released ORDER_CANCELLED")
	o.expectStock("W1/A", 9, 0)
}

func TestAnOrderThatWasNeverForgottenIsNotLookedUp(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	ask := func() ledger.Decision { return o.nodes[home].decide(created("2 A"), ledger.Recalled{}, o.clock) }
	if d := ask(); d.Recall != (ledger.UUID{}) || len(d.Changes) == 0 {
		t.Errorf("a new order: got %+v", d)
	}
	o.held("2 A").do(cancel())
	if d := ask(); d.Recall != (ledger.UUID{}) {
		t.Errorf("an order in memory: got %+v", d)
	}
	o.forget()
	if d := ask(); d.Recall != IDOf("order-1") {
		t.Errorf("a forgotten order: got %+v", d)
	}
	o.nodes[home].restart()
	if d := ask(); d.Recall != IDOf("order-1") {
		t.Errorf("a forgotten order after a restart: got %+v", d)
	}
}

func TestALatePickWhoseWarehouseIsUnknownIsAnErrorAndChangesNothing(t *testing.T) {
	o := endedOffice(t, Expired)
	o.warehouses = nil
	before := encode(o.state())
	if r := o.do(pick()); r.err == nil || !r.given {
		t.Errorf("got %+v", r)
	}
	if !slices.Equal(before, encode(o.state())) {
		t.Error("the state has changed")
	}
}

func TestARangeOverTheProgressCanStop(t *testing.T) {
	n := 0
	for range sampleState().Progress() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("got %d", n)
	}
}

func TestASnapshotWithMailThatNobodyWaitsForIsCorrupt(t *testing.T) {
	var w ledger.Writer
	w.Byte(stateFormat)
	w.String(string(home))
	w.Int(0)                             // orders
	w.Int(0)                             // layers of the filter
	w.Int(2)                             // peers: the same one twice
	for _, sent := range []int64{2, 1} { // and the second time with less mail
		w.String(string(w1))
		w.Int(sent)
		w.Int(0)
		w.Int(0)
		for range sent {
			w.Blob(nil)
		}
	}
	if _, err := DecodeState(w.Bytes(), DefaultConfig(), nil); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// The node's checks compare the number with the orders at each step of every other test, too.
func TestHeldOrdersAreCounted(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	expect := func(want int) {
		t.Helper()
		if got := o.state().Held(); got != want {
			t.Errorf("%d orders are held, expected %d", got, want)
		}
	}
	expect(0)
	o.held("2 A")
	expect(1)
	draft := o.state().Draft().(*State)
	if err := draft.Apply(ledger.Forgotten{Keys: []ledger.UUID{IDOf("order-1")}}, ledger.Stamp{Version: 99, At: o.clock}); err != nil || draft.Held() != 0 {
		t.Errorf("a draft from which it is gone counts %d, %v", draft.Held(), err)
	}
	expect(1)
	o.nodes[home].restart()
	expect(1)
	o.do(cancel())
	expect(0)
	o.forget()
	expect(0)
}

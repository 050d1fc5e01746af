package stock

import (
	"errors"
	"reflect"
	"testing"

	"inventory/domain/ledger"
)

// stocked is a desk with 10 of A and 5 of B on hand.
func stocked(t *testing.T) *desk {
	d := newDesk(t)
	d.adjusted("A", Receipt, 10)
	d.adjusted("B", Receipt, 5)
	return d
}

func TestAHoldTakesAllItemsOrNone(t *testing.T) {
	d := stocked(t)
	if !d.hold("order-1", Item{"A", 4}, Item{"B", 5}) {
		t.Fatal("not held")
	}
	a, err := d.mail(Hold{Order: "order-2", Items: []Item{{"A", 7}, {"B", 1}, {"C", 2}}})
	want := []Shortage{{"A", "W1", 7, 6}, {"B", "W1", 1, 0}, {"C", "W1", 2, 0}}
	if err != nil || a.Held || a.Order != "order-2" || !reflect.DeepEqual(a.Shortages, want) {
		t.Errorf("got %+v, %v; want shortages %+v", a, err, want)
	}
	a, _ = d.mail(Hold{Order: "order-3", Items: []Item{{"A", 6}, {"B", 1}}})
	if want := []Shortage{{"B", "W1", 1, 0}}; a.Held || !reflect.DeepEqual(a.Shortages, want) {
		t.Errorf("got %+v, want shortages %+v", a, want)
	}
	d.expectLevel("A", 10, 4, 6, 0)
	d.expectLevel("B", 5, 5, 0, 0)
	if got := d.s.Hold("order-1"); !reflect.DeepEqual(got, []Item{{"A", 4}, {"B", 5}}) || d.s.Hold("order-2") != nil {
		t.Errorf("order-1 holds %v, order-2 %v", got, d.s.Hold("order-2"))
	}
}

func TestARefusedHoldLeavesNoTraceOfUnknownSKUs(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"C", 1})
	if _, ok := d.s.Level("C"); ok {
		t.Error("a SKU that never was has a level")
	}
}

func TestAnImpossibleQuantityIsRefusedAndNotHeld(t *testing.T) {
	d := stocked(t)
	for _, q := range []int64{0, -3, -1 << 63, 1<<63 - 1} {
		if d.hold("order-1", Item{"A", q}) {
			t.Errorf("%d units are held", q)
		}
	}
	d.expectLevel("A", 10, 0, 10, 0)
}

func TestASecondHoldOfAnOrderIsRefused(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"A", 4})
	if d.hold("order-1", Item{"A", 4}) {
		t.Error("held twice")
	}
	d.expectLevel("A", 10, 4, 6, 0)
}

func TestAReleaseGivesBackAllThatIsHeldOnce(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"A", 4}, Item{"B", 1})
	for range 2 {
		d.tell(Release{Order: "order-1", Reason: "ORDER_CANCELLED"})
		d.expectLevel("A", 10, 0, 10, 0)
		d.expectLevel("B", 5, 0, 5, 0)
	}
	if !d.hold("order-1", Item{"A", 10}) {
		t.Error("an order can't hold again after its release")
	}
}

func TestAConfirmedHoldLeavesTheWarehouse(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"A", 4}, Item{"B", 1})
	d.hold("order-2", Item{"A", 3})
	d.tell(Confirm{Order: "order-1"})
	d.expectLevel("A", 6, 3, 3, 0)
	d.expectLevel("B", 4, 0, 4, 0)
	if _, err := d.mail(Confirm{Order: "order-1"}); err == nil {
		t.Error("confirmed twice without an error")
	}
	d.expectLevel("A", 6, 3, 3, 0)
}

func TestGoodsPickedWhileShortAreCorrectedByTheServiceBeside(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"A", 8}, Item{"B", 2})
	d.adjusted("A", Count, 5)
	number := d.s.Post().Peer(orders).Taken + 1
	confirm := Confirm{Order: "order-1", Origin: Origin{Source: "fulfillment.picked.v1", Trace: "t"}}
	dec := d.decide(ledger.Received{From: orders, Number: number, Body: EncodeMessage(confirm)}, ledger.Recalled{})
	if dec.Err != nil || len(dec.Changes) != 2 {
		t.Fatalf("got %+v", dec)
	}
	made, ok := dec.Changes[0].(AdjustmentMade)
	if !ok || made.Actor != "system:short" || made.Type != Correction || made.SKU != "A" || made.Delta != 3 ||
		made.Reference != "order-1" || made.Source != "fulfillment.picked.v1" || made.Level.OnHand() != 8 {
		t.Errorf("got %+v", dec.Changes[0])
	}
	d.commit(dec)
	d.expectLevel("A", 0, 0, 0, 0)
	d.expectLevel("B", 3, 0, 3, 0)
	if d.s.recent.Len() != 3 {
		t.Errorf("%d adjustments are remembered, want the three that someone made", d.s.recent.Len())
	}
}

func TestWhatOthersHoldIsStillShortAfterAPickThatWasShort(t *testing.T) {
	d := stocked(t)
	d.hold("order-1", Item{"A", 4})
	d.hold("order-2", Item{"A", 6})
	d.adjusted("A", Count, 5)
	d.tell(Confirm{Order: "order-2"})
	d.expectLevel("A", 0, 4, 0, 4)
	d.tell(Confirm{Order: "order-1"})
	d.expectLevel("A", 0, 0, 0, 0)
}

func TestMailThatIsNotForAStockLedgerIsAnErrorAndNoChange(t *testing.T) {
	d := stocked(t)
	for name, body := range map[string][]byte{"an answer": EncodeMessage(Answer{Order: "order-1"}), "no message": {9, 9}, "nothing": nil} {
		dec := d.decide(ledger.Received{From: orders, Number: 1, Body: body}, ledger.Recalled{})
		if dec.Err == nil || len(dec.Changes) > 0 {
			t.Errorf("%s: got %+v", name, dec)
		}
	}
}

func TestACommandOfAnotherMachineIsAnError(t *testing.T) {
	if dec := newDesk(t).decide(ledger.Due{}, ledger.Recalled{}); dec.Err == nil {
		t.Error("no error")
	}
}

func TestMessagesAreReadAsTheyWereWritten(t *testing.T) {
	for name, m := range sampleMessages() {
		got, err := DecodeMessage(EncodeMessage(m))
		if err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, m)
		}
		body := EncodeMessage(m)
		for n := range len(body) {
			if _, err := DecodeMessage(body[:n]); !errors.Is(err, ledger.ErrCorrupt) {
				t.Fatalf("%s cut off after %d bytes: got %v", name, n, err)
			}
		}
		if _, err := DecodeMessage(append(body, 0)); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s and a byte: got %v", name, err)
		}
	}
	for _, b := range [][]byte{{2, 1, 0, 0, 0, 0}, {1, 5}, {1, 0}} {
		if _, err := DecodeMessage(b); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%x: got %v", b, err)
		}
	}
}

// sampleMessages has one message of each kind, by the name of its golden file.
func sampleMessages() map[string]Message {
	origin := Origin{Source: "order.created.v1", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
	return map[string]Message{
		"hold":    Hold{Order: "order-1", Items: []Item{{"A", 3}, {"B", MaxQuantity}}, Origin: origin},
		"release": Release{Order: "order-1", Reason: "TTL_EXPIRED", Origin: origin},
		"confirm": Confirm{Order: "order-1", Late: true, Origin: origin},
		"answer":  Answer{Order: "order-1", Number: 300, Shortages: []Shortage{{"A", "W1", 3, 2}, {"B", "W1", MaxQuantity, 0}}},
	}
}

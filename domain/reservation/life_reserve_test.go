package reservation

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

func TestAnOrderIsHeldInTheFirstWarehouseThatHasAllOfIt(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A, 5 W2/A, 5 W2/B")
	r := o.tell(reserve("2 A, 1 B")).expectWaits(o)
	o.expectStatus(Planned)
	o.expectEvents()
	o.deliver()
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectPlan("2 A~W2, 1 B~W2")
	o.expectEvents("reserved")
	o.expectStock("W2/A", 5, 2)
	o.expectStock("W1/A", 1, 0)
	if r.order.Status != Held || r.order.ExpiresAt != r.order.HeldAt+time.Hour.Milliseconds() || r.order.Due != r.order.ExpiresAt-5*time.Minute.Milliseconds() {
		t.Errorf("got %+v", r.order)
	}
}

func TestAnOrderThatNoWarehouseHasWholeIsHeldInTwo(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A, 5 W2/A, 2 W3/B")
	r := o.do(reserve("6 A, 1 B")).expect(o, nil)
	o.expectPlan("1 A~W1, 5 A~W2, 1 B~W3")
	o.expectStatus(Held)
	o.expectStock("W1/A", 1, 1)
	o.expectStock("W2/A", 5, 5)
	o.expectStock("W3/B", 2, 1)
	if len(r.order.Legs) != 3 {
		t.Errorf("legs %+v", r.order.Legs)
	}
}

func TestAnOrderIsServedWithinItsRegionOrTheDefaultOne(t *testing.T) {
	cfg := DefaultConfig()
	cfg.DefaultRegion = "us"
	for region, want := range map[stock.Region]string{"eu": "1 A~W1", "us": "1 A~W3", "": "1 A~W3"} {
		o := officeWith(t, cfg).stocked("1 W1/A, 1 W2/A, 1 W3/A")
		cmd := reserve("1 A")
		cmd.Region = region
		o.do(cmd).expect(o, nil)
		o.expectPlan(want)
	}
	o := officeWith(t, cfg).stocked("1 W1/A")
	o.do(reserve("1 A@W1")).expect(o, nil) // a line may name any warehouse
	o.expectPlan("1 A@W1")
}

func TestOneRefusalReleasesWhatTheOthersHold(t *testing.T) {
	o := newOffice(t).stocked("5 W1/A, 1 W2/B")
	o.tell(created("2 A@W1, 2 B@W2"))
	o.carry(home, w1)
	o.carry(w1, home)
	o.expectStock("W1/A", 5, 2)
	o.deliver()
	o.expectStatus(Rejected)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
	o.expectStock("W1/A", 5, 0)
	o.expectStock("W2/B", 1, 0)
	if want := []stock.Shortage{{SKU: "B", Warehouse: "W2", Requested: 2, Available: 1}}; !reflect.DeepEqual(o.order().Shortages, want) {
		t.Errorf("got %+v, want %+v", o.order().Shortages, want)
	}
}

func TestAHoldThatIsTakenAfterTheOtherLegsRefusalIsReleasedToo(t *testing.T) {
	o := newOffice(t).stocked("5 W1/A, 1 W2/B")
	o.tell(created("2 A@W1, 2 B@W2"))
	o.carry(home, w2)
	o.carry(w2, home)
	o.expectStatus(Rejected)
	o.expectStock("W1/A", 5, 0)
	o.carry(home, w1)
	o.expectStock("W1/A", 5, 2)
	o.deliver()
	o.expectStock("W1/A", 5, 0)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
}

func TestARefusedPlanIsMadeAgainWithFreshLevels(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A, 3 W2/A, 1 W1/B, 1 W2/B")
	o.stale["W1/A"] = 3
	r := o.tell(reserve("3 A, 1 B"))
	o.expectPlan("3 A~W1, 1 B~W1")
	o.carry(home, w1)
	delete(o.stale, "W1/A")
	o.deliver()
	r.expect(o, nil)
	o.expectPlan("3 A~W2, 1 B~W2")
	o.expectEvents("reserved")
	o.expectStock("W1/B", 1, 0)
	o.expectStock("W2/A", 3, 3)
	if o.order().Tries != 1 || o.order().Shortages != nil {
		t.Errorf("got %+v", o.order())
	}
}

func TestARefusedLegAndAHeldLegOfTheSameLedgersAreAskedAgain(t *testing.T) {
	o := newOffice(t).stocked("2 W1/A, 2 W2/B, 2 W3/B")
	o.stale["W2/B"] = 3
	r := o.tell(created("2 A, 3 B"))
	o.expectPlan("2 A~W1, 3 B~W2")
	o.carry(home, w1)
	o.carry(w1, home)
	o.carry(home, w2)
	delete(o.stale, "W2/B")
	o.carry(w2, home)
	o.expectPlan("2 A~W1, 2 B~W2, 1 B~W3")
	o.expectStatus(Planned)
	o.deliver()
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectStock("W1/A", 2, 2)
	o.expectStock("W2/B", 2, 2)
	o.expectStock("W3/B", 2, 1)
}

func TestAnOrderIsPlannedThreeTimesAtMost(t *testing.T) {
	o := newOffice(t)
	o.stale["W1/A"], o.stale["W2/A"] = 9, 9 // planning never learns
	o.do(created("2 A"))
	o.expectStatus(Rejected)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
	if first, second := o.state().Post().Peer(w1).Sent, o.state().Post().Peer(w2).Sent; first != 2 || second != 1 {
		t.Errorf("%d mails to W1 and %d to W2, want two holds and one", first, second)
	}
	if o.order().Tries != 3 || o.order().Shortages[0].Available != 0 {
		t.Errorf("got %+v", o.order())
	}
}

func TestWhatALedgerHasJustSaidIsNewerThanALevel(t *testing.T) {
	o := newOffice(t).stocked("5 W2/A, 1 W1/A")
	o.stale["W1/A"] = 9 // for as long as the order is planned
	r := o.tell(created("2 A"))
	o.deliver()
	r.expect(o, nil)
	o.expectPlan("2 A~W2")
	o.expectStatus(Held)
	if sent := o.state().Post().Peer(w1).Sent; sent != 1 {
		t.Errorf("%d mails to W1, want one hold", sent)
	}
}

func TestAWarehouseThatIsNamedIsNotReplaced(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A, 9 W2/A, 9 W2/B")
	o.stale["W1/A"] = 9 // planning never learns, and asking again would not help
	o.do(created("2 A@W1, 1 B"))
	o.expectStatus(Rejected)
	if sent := o.state().Post().Peer(w1).Sent; sent != 1 {
		t.Errorf("%d mails to W1, want one hold", sent)
	}
	o.expectStock("W2/B", 9, 0)
}

func TestTheFreePartOfASKUMovesThoughAnotherLineNamesTheWarehouse(t *testing.T) {
	o := newOffice(t).stocked("3 W1/A, 9 W2/A")
	o.stale["W1/A"] = 9
	r := o.tell(created("2 A@W1, 3 A"))
	o.expectPlan("3 A~W1, 2 A@W1")
	o.carry(home, w1)
	delete(o.stale, "W1/A")
	o.deliver()
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectPlan("2 A@W1, 3 A~W2")
	o.expectStock("W1/A", 3, 2)
}

func TestAnHTTPRefusalFromMemoryLeavesNothingBehind(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A")
	before := encode(o.state())
	r := o.tell(reserve("2 A")).expect(o, ErrInsufficient)
	var short *InsufficientError
	if !errors.As(r.err, &short) || !reflect.DeepEqual(short.Shortages, []stock.Shortage{{SKU: "A", Requested: 2, Available: 1}}) {
		t.Errorf("got %v", r.err)
	}
	if !slices.Equal(before, encode(o.state())) {
		t.Error("the state has changed")
	}
	o.stocked("1 W1/A").do(reserve("2 A")).expect(o, nil)
	o.expectStatus(Held)
}

func TestAnHTTPRefusalByAWarehouseLeavesNothingBehind(t *testing.T) {
	o := newOffice(t).stocked("1 W1/A, 1 W2/B")
	o.stale["W1/A"] = 2
	r := o.do(reserve("2 A@W1, 1 B@W2")).expect(o, ErrInsufficient)
	var short *InsufficientError
	if !errors.As(r.err, &short) || !reflect.DeepEqual(short.Shortages, []stock.Shortage{{SKU: "A", Warehouse: "W1", Requested: 2, Available: 1}}) {
		t.Errorf("got %v", r.err)
	}
	o.expectNoOrder()
	o.expectEvents()
	o.expectStock("W2/B", 1, 0)
	o.stocked("1 W1/A").do(reserve("2 A@W1, 1 B@W2")).expect(o, nil)
	o.expectStatus(Held)
	o.expectEvents("reserved")
}

func TestAnHTTPRefusalNeverRestsOnLevelsThatMayBeOld(t *testing.T) {
	o := newOffice(t).stocked("2 W1/A")
	o.stale["W1/A"] = 0
	o.do(reserve("2 A")).expect(o, nil)
	o.expectStatus(Held)
}

func TestAKafkaRefusalIsFinalAndNeedsAStockLedgersWord(t *testing.T) {
	o := newOffice(t)
	r := o.tell(created("2 A")).expect(o, nil)
	if r.order.Status != Planned {
		t.Errorf("rejected from memory: %+v", r.order)
	}
	o.expectPlan("2 A~W1")
	o.deliver()
	o.expectStatus(Rejected)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
	o.stocked("9 W1/A")
	for _, cmd := range []Reserve{reserve("2 A"), created("2 A")} {
		r := o.do(cmd).expect(o, ErrRejected).expect(o, ErrInsufficient)
		if len(r.after) > 0 || o.order().Status != Rejected {
			t.Errorf("got %+v", r)
		}
	}
	o.expectEvents("rejected INSUFFICIENT_STOCK")
}

func TestAnOrderCreatedAgainPublishesNothingAgain(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	entries := len(o.nodes[home].entries)
	for _, cmd := range []Reserve{created("2 A"), reserve("2 A"), reserve("1 A, 1 A")} {
		if r := o.do(cmd).expect(o, nil); r.order != o.order() {
			t.Errorf("got %+v", r.order)
		}
	}
	o.expectEvents("reserved")
	o.expectStock("W1/A", 9, 2)
	if n := len(o.nodes[home].entries); n != entries {
		t.Errorf("%d entries more", n-entries)
	}
}

func TestAnOrderCreatedAgainWhilePlannedIsAnsweredWithTheOutcome(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	first, second := o.tell(reserve("2 A")), o.tell(reserve("2 A"))
	second.expectWaits(o)
	third := o.tell(created("2 A")).expect(o, nil)
	o.deliver()
	first.expect(o, nil)
	second.expect(o, nil)
	if second.order.Status != Held || third.order.Status != Planned {
		t.Errorf("got %+v, %+v", second.order, third.order)
	}
	o.expectEvents("reserved")
	o.expectStock("W1/A", 9, 2)
}

func TestAnOrderCreatedAgainWithOtherItemsIsAMismatchAndStaysAsItIs(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/A").held("2 A")
	for _, items := range []string{"3 A", "2 A@W1", "2 A, 1 B", "2 B"} {
		for _, cmd := range []Reserve{created(items), reserve(items)} {
			o.do(cmd).expect(o, ErrMismatch)
		}
	}
	o.expectStatus(Held)
	o.expectEvents("reserved")
	o.expectStock("W1/A", 9, 2)
}

func TestACreatedThatMeetsAnHTTPPlanMakesItFinal(t *testing.T) {
	o := newOffice(t)
	o.stale["W1/A"] = 9
	r := o.tell(reserve("2 A"))
	o.tell(created("2 A")).expect(o, nil)
	o.deliver()
	r.expect(o, ErrRejected).expect(o, ErrInsufficient)
	o.expectStatus(Rejected)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
}

func TestACreatedMayAwaitItsOutcome(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	first := o.tell(awaited("2 A")).expectWaits(o)
	second := o.tell(awaited("2 A")).expectWaits(o)
	o.tell(created("2 A")).expect(o, nil)
	o.deliver()
	for _, r := range []*reply{first, second} {
		if r.expect(o, nil); r.order == nil || r.order.Status != Held {
			t.Errorf("got %+v", r.order)
		}
	}
	if first.again || !second.again {
		t.Errorf("the first one is told that it repeats: %t, the second: %t", first.again, second.again)
	}
	o.expectEvents("reserved")
	o.expectStock("W1/A", 9, 2)
}

func TestACreatedThatAwaitsItsOutcomeIsToldOfARejection(t *testing.T) {
	for name, planned := range map[string]func(*office){
		"new":                 func(*office) {},
		"planned over HTTP":   func(o *office) { o.tell(reserve("2 A")) },
		"planned by an event": func(o *office) { o.tell(created("2 A")) },
	} {
		o := newOffice(t)
		o.stale["W1/A"] = 9
		planned(o)
		r := o.tell(awaited("2 A")).expectWaits(o)
		o.deliver()
		if r.expect(o, ErrRejected); r.order == nil || r.order.Status != Rejected {
			t.Errorf("%s: got %+v", name, r.order)
		}
		o.expectEvents("rejected INSUFFICIENT_STOCK")
	}
}

func TestAReserveForAnEndedOrderIsAnsweredWithItsStatus(t *testing.T) {
	for want, end := range map[Status]func(*office){
		Confirmed: func(o *office) { o.do(pick()) },
		Released:  func(o *office) { o.do(cancel()) },
		Expired:   func(o *office) { o.pass(time.Hour + time.Second) },
	} {
		o := newOffice(t).stocked("9 W1/A").held("2 A")
		end(o)
		published := len(o.published)
		if r := o.do(reserve("2 A")).expect(o, nil); r.order.Status != want {
			t.Errorf("got %s, want %s", r.order.Status, want)
		}
		if o.do(created("2 A")).expect(o, nil); len(o.published) != published {
			t.Error("published again")
		}
	}
}

func TestAnUnknownWarehouseOrRegionIsAClearError(t *testing.T) {
	region := func(r Reserve) Reserve { r.Region = "mars"; return r }
	for name, cmd := range map[string]Reserve{
		"warehouse": reserve("1 A@W9"), "one of two warehouses": reserve("1 B, 1 A@W9"), "region": region(reserve("1 A")),
	} {
		o := newOffice(t).stocked("5 W1/A, 5 W1/B")
		o.do(cmd).expect(o, stock.ErrInvalid)
		o.expectNoOrder()
		cmd.Final = true
		if r := o.do(cmd).expect(o, nil); r.order.Detail == "" {
			t.Errorf("%s: no detail: %+v", name, r.order)
		}
		o.expectStatus(Rejected)
		o.expectEvents("rejected INVALID_ORDER")
	}
}

func TestAnEventThatCanNotBeServedIsRejectedOnce(t *testing.T) {
	o := newOffice(t).stocked("5 W1/A")
	cmd := Reserve{Order: "order-1", Final: true, Invalid: "items[0]: quantity -1"}
	for range 2 {
		o.do(cmd)
	}
	o.expectStatus(Rejected)
	o.expectEvents("rejected INVALID_ORDER")
	if o.order().Detail != "items[0]: quantity -1" {
		t.Errorf("got %q", o.order().Detail)
	}
}

func TestNewOrdersWaitWhileALedgerIsBehindAndReleasesDoNot(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxPending = 2
	o := officeWith(t, cfg).stocked("9 W1/A")
	o.held("1 A")
	for _, id := range []stock.OrderID{"order-2", "order-3"} {
		cmd := created("1 A")
		cmd.Order = id
		o.tell(cmd).expect(o, nil)
	}
	for _, cmd := range []Reserve{reserve("1 A"), created("1 A")} {
		cmd.Order = "order-4"
		o.tell(cmd).expect(o, ErrBusy)
	}
	if _, ok := o.state().Order(IDOf("order-4")); ok {
		t.Error("the refused order is there")
	}
	o.tell(cancel()).expect(o, nil)
	o.expectStatus(Released)
	o.deliver()
	o.expectStock("W1/A", 9, 2)
}

func TestASplitWarehouseIsAskedLedgerByLedger(t *testing.T) {
	o := newOffice(t)
	o.warehouses[0].Ledgers = 2 // A and sku-1 are in the first, 0.1_2-3 is in the second
	o.nodes["stock/W1/1"] = stockNode(t, "stock/W1/1")
	o.tell(created("1 A@W1, 1 0.1_2-3@W1, 1 sku-1@W1"))
	var asked []ledger.ID
	for _, leg := range o.order().Legs {
		asked = append(asked, leg.Ledger)
	}
	slices.Sort(asked)
	if !slices.Equal(asked, []ledger.ID{"stock/W1/0", "stock/W1/1"}) {
		t.Errorf("got %v", asked)
	}
	m, err := stock.DecodeMessage(o.state().Post().Pending("stock/W1/0", 0, 1)[0].Body)
	if hold, ok := m.(stock.Hold); err != nil || !ok || len(hold.Items) != 2 {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestASKUThatIsAskedForTwiceOfOneLedgerIsOneItemOfItsHold(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.tell(created("2 A@W1, 3 A"))
	o.expectPlan("3 A~W1, 2 A@W1")
	m, err := stock.DecodeMessage(o.state().Post().Pending(w1, 0, 1)[0].Body)
	if hold, ok := m.(stock.Hold); err != nil || !ok || !reflect.DeepEqual(hold.Items, []stock.Item{{SKU: "A", Quantity: 5}}) {
		t.Errorf("got %+v, %v", m, err)
	}
	o.deliver()
	o.expectStock("W1/A", 9, 5)
}

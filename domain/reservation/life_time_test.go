package reservation

import (
	"slices"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

func TestAHoldLapsesAtItsEndOnceAndGivesTheStockBack(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B").held("2 A@W1, 1 B@W2")
	o.clock = o.order().ExpiresAt - 1
	o.tell(ledger.Due{Key: IDOf("order-1")})
	o.expectStatus(Held)
	o.pass(time.Millisecond)
	o.expectStatus(Expired)
	o.expectEvents("reserved", "expiring", "released TTL_EXPIRED")
	o.expectStock("W1/A", 9, 0)
	o.expectStock("W2/B", 9, 0)
	o.pass(time.Hour)
	o.do(ledger.Due{Key: IDOf("order-1")})
	o.do(ledger.Due{Key: IDOf("order-2")})
	o.expectEvents("reserved", "expiring", "released TTL_EXPIRED")
}

func TestAHoldsTimeStartsWhenItIsDecided(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	cmd := reserve("2 A")
	cmd.TTL = 5 * time.Second
	o.tell(cmd)
	o.clock += 4000
	o.deliver()
	ord := o.order()
	if ord.HeldAt < noon+4000 || ord.ExpiresAt != ord.HeldAt+5000 {
		t.Errorf("held at %d, expires at %d", ord.HeldAt-noon, ord.ExpiresAt-noon)
	}
	o.pass(4 * time.Second)
	o.expectStatus(Held)
	o.pass(2 * time.Second)
	o.expectStatus(Expired)
}

func TestAPlanThatIsNotAnsweredIsMadeAgainWithoutTheSilentLedger(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W1/B, 9 W2/A, 9 W3/B")
	o.deaf[w1] = true
	r := o.tell(reserve("2 A, 1 B"))
	o.expectPlan("2 A~W1, 1 B~W1")
	o.pass(29 * time.Second)
	r.expectWaits(o)
	o.expectPlan("2 A~W1, 1 B~W1")
	o.pass(2 * time.Second)
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectPlan("2 A~W2, 1 B~W3")
	o.expectEvents("reserved")
	if ord := o.order(); ord.Silent != nil || ord.Detail != "" {
		t.Errorf("got %+v", ord)
	}
}

func TestWhatASilentLedgerTakesLateIsReleased(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/A")
	o.tell(created("2 A"))
	o.carry(home, w1)
	o.deaf[w1] = true
	o.clock += 31_000
	o.sweep()
	o.expectPlan("2 A~W2")
	o.carry(w1, home) // the answer to the plan that was given up
	o.expectStatus(Planned)
	o.expectStock("W1/A", 9, 2)
	o.deaf[w1] = false
	o.deliver()
	o.expectStatus(Held)
	o.expectPlan("2 A~W2")
	o.expectStock("W1/A", 9, 0)
	o.expectStock("W2/A", 9, 2)
	o.expectEvents("reserved")
}

func TestAnAnswerToAnEarlierQuestionIsIgnored(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	o.deaf[w2] = true
	o.tell(created("1 A@W1, 1 B@W2"))
	o.carry(home, w1) // held, and the answer is on its way
	for range 2 {
		o.clock += 31_000
		o.sweep() // put off, then asked again
	}
	o.carry(home, w1) // released
	o.adjust("W1/A", stock.Count, 0)
	o.carry(w1, home) // the answer to the first question
	if leg := o.order().Legs[0]; leg.Ledger != w1 || leg.State != Asked || leg.Number != 3 {
		t.Errorf("got %+v", leg)
	}
	o.deaf[w2] = false
	o.deliver()
	o.expectStatus(Rejected)
	o.expectEvents("rejected INSUFFICIENT_STOCK")
	o.expectStock("W2/B", 9, 0)
}

func TestALegThatAnsweredIsReleasedBeforeThePlanIsMadeAgain(t *testing.T) {
	o := newOffice(t).stocked("2 W1/A, 9 W2/B, 9 W3/B")
	o.deaf[w2] = true
	r := o.do(created("2 A, 1 B"))
	o.expectStock("W1/A", 2, 2)
	o.pass(31 * time.Second)
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectPlan("2 A~W1, 1 B~W3")
	o.expectStock("W1/A", 2, 2)
}

func TestALineThatNamesASilentWarehouseWaitsHoldingNothing(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/B")
	o.deaf[w2] = true
	r := o.tell(reserve("2 A@W1, 1 B@W2"))
	o.deliver()
	o.expectStock("W1/A", 9, 2)
	o.pass(31 * time.Second)
	o.expectStatus(Planned)
	o.expectStock("W1/A", 9, 0)
	if ord := o.order(); len(ord.Legs) > 0 || ord.Detail != "no answer from stock/W2/0" {
		t.Errorf("got %+v", ord)
	}
	o.deaf[w2] = false
	o.deliver()
	o.expectStock("W2/B", 9, 0)
	r.expectWaits(o)
	o.pass(31 * time.Second)
	r.expect(o, nil)
	o.expectStatus(Held)
	o.expectStock("W2/B", 9, 1)
	o.expectEvents("reserved")
}

func TestASilentWarehouseIsWaitedForAtMostForTheTimeToLive(t *testing.T) {
	for _, ttl := range []time.Duration{time.Second, 20 * time.Second, 70 * time.Second, 10 * time.Minute} {
		o := newOffice(t).stocked("9 W1/A")
		o.deaf[w2] = true
		cmd := created("1 A@W1, 1 B@W2")
		cmd.TTL = ttl
		o.tell(cmd)
		for o.clock < noon+ttl.Milliseconds()+1000 {
			o.pass(500 * time.Millisecond)
		}
		o.expectStatus(Rejected)
		o.expectEvents("rejected INSUFFICIENT_STOCK")
		o.expectStock("W1/A", 9, 0)
	}
}

func TestNoOrderIsPlannedBeyondItsTimeToLive(t *testing.T) {
	for _, ttl := range []time.Duration{20 * time.Second, 40 * time.Second, 70 * time.Second} {
		o := newOffice(t).stocked("9 W1/A, 9 W2/A, 9 W3/A")
		o.deaf[w1], o.deaf[w2], o.deaf[w3] = true, true, true
		cmd := reserve("1 A")
		cmd.TTL = ttl
		r := o.tell(cmd)
		o.clock = noon
		for due := o.order().Due; due != 0; due = dueOf(o) {
			if due > noon+ttl.Milliseconds()+100 {
				t.Errorf("ttl %s: planned until %d ms", ttl, due-noon)
			}
			o.clock = due
			o.sweep()
		}
		r.expect(o, ErrBusy)
		o.expectNoOrder()
		o.expectEvents()
	}
}

func dueOf(o *office) int64 {
	if ord, ok := o.state().Order(IDOf("order-1")); ok {
		return ord.Due
	}
	return 0
}

func TestWhereAllWarehousesAreSilentTheOrderWaitsAndAsksAgain(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A, 9 W2/A")
	o.deaf[w1], o.deaf[w2], o.deaf[w3] = true, true, true
	r := o.tell(created("1 A"))
	for range 10 {
		o.pass(31 * time.Second)
	}
	o.expectStatus(Planned)
	o.deaf[w1], o.deaf[w2], o.deaf[w3] = false, false, false
	o.deliver()
	o.pass(31 * time.Second)
	o.pass(31 * time.Second)
	r.expect(o, nil)
	o.expectStatus(Held)
	if held := o.level(w1, "A").Held() + o.level(w2, "A").Held() + o.level(w3, "A").Held(); held != 1 {
		t.Errorf("%d units are held", held)
	}
	o.expectEvents("reserved")
}

func TestAWaitingOrderCanBeCancelled(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	o.deaf[w2] = true
	o.tell(created("1 A@W1, 1 B@W2"))
	o.pass(31 * time.Second)
	o.do(cancel()).expect(o, nil)
	o.expectStatus(Rejected)
	o.expectEvents("rejected ALREADY_CANCELLED")
	o.deaf[w2] = false
	o.pass(time.Hour)
	o.expectStock("W1/A", 9, 0)
	o.expectEvents("rejected ALREADY_CANCELLED")
}

// The table of warehouses may be read again and lack one for a moment: a plan that meets
// this must not leave its order planned, or its legs held, for ever.
func TestAPlanWhoseWarehouseVanishesEndsAndReleasesItsLegs(t *testing.T) {
	for _, cmd := range []Reserve{reserve("1 A@W1, 1 B@W2"), created("1 A@W1, 1 B@W2")} {
		o := newOffice(t).stocked("9 W1/A, 9 W2/B")
		o.deaf[w2] = true
		r := o.tell(cmd)
		o.deliver()
		o.pass(31 * time.Second) // put off
		all := o.warehouses
		o.warehouses = all[:1]
		o.pass(31 * time.Second)
		o.warehouses = all
		o.deaf[w2] = false
		o.deliver()
		r.expect(o, map[bool]error{false: ErrBusy, true: nil}[cmd.Final])
		if ord, ok := o.state().Order(IDOf("order-1")); ok && ord.Status != Rejected {
			t.Errorf("got %+v", ord)
		}
		o.expectStock("W1/A", 9, 0)
		o.expectStock("W2/B", 9, 0)
	}
}

func TestDeadlinesAndEndsAreToldToTheOwner(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	key := IDOf("order-1")
	progress := func() ledger.Progress {
		p := slices.Collect(o.state().Progress())
		if len(p) != 1 || p[0].Key != key || p[0].Version == 0 {
			t.Fatalf("got %+v", p)
		}
		return p[0]
	}
	o.tell(reserve("2 A"))
	if p := progress(); p.Settled || p.Ended || p.Due != o.order().PlannedAt+30_000 {
		t.Errorf("planned: got %+v", p)
	}
	o.deliver()
	if p := progress(); !p.Settled || p.Ended || p.Due != o.order().ExpiresAt-5*time.Minute.Milliseconds() {
		t.Errorf("held: got %+v", p)
	}
	o.pass(2 * time.Hour)
	if p := progress(); !p.Settled || !p.Ended || p.Due != 0 {
		t.Errorf("expired: got %+v", p)
	}
	o.tell(pick())
	if p := progress(); p.Settled || p.Ended || p.Due == 0 {
		t.Errorf("late pick: got %+v", p)
	}
	if p := (Changed{Gone: true, Order: &Order{ID: "order-1", Status: Planned, Due: 5}}).Progress(); p != (ledger.Progress{Key: key, Settled: true}) {
		t.Errorf("gone: got %+v", p)
	}
}

func TestOrdersAreForgottenOnlyWhenTheyHaveEndedAndAreRelayed(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A")
	keys := []ledger.UUID{IDOf("order-1"), IDOf("order-2")}
	there := func() bool { _, ok := o.state().Order(keys[0]); return ok }
	for _, step := range []func(){func() { o.tell(created("2 A")) }, o.deliver, func() { o.do(cancel()); o.do(pick()) }} {
		step()
		o.tell(ledger.Forget{Keys: keys, Relayed: o.order().Version() - 1})
		if !o.order().Ended() {
			o.forget()
		}
		if !there() {
			t.Fatal("an order was forgotten that is planned, held, or not relayed")
		}
	}
	o.tell(ledger.Forget{Keys: keys, Relayed: o.order().Version()})
	if there() {
		t.Error("the order is still in memory")
	}
	o.do(created("2 A")).expect(o, nil)
	if there() {
		t.Error("a question that changes nothing has brought the order back")
	}
	o.expectEvents("reserved", "released ORDER_CANCELLED", "confirmed late")
}

func TestAnswersThatNobodyAsksForAreTakenAndIgnored(t *testing.T) {
	o := newOffice(t).stocked("9 W1/A").held("2 A")
	n := o.nodes[home]
	before := encode(n.m)
	for name, answer := range map[string]stock.Answer{
		"of an order that is forgotten": {Order: "order-9", Number: 1, Held: true},
		"to the question before":        {Order: "order-1", Number: 1},
		"to no question":                {Order: "order-1", Number: 7},
	} {
		d := n.decide(ledger.Received{From: w1, Number: 2, Body: stock.EncodeMessage(answer)}, ledger.Recalled{}, o.clock)
		if d.Err != nil || len(d.Changes) > 0 || d.Recall != (ledger.UUID{}) {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	for name, body := range map[string][]byte{"a hold": stock.EncodeMessage(stock.Hold{Order: "order-1"}), "no message": {9}} {
		if d := n.decide(ledger.Received{From: w1, Number: 2, Body: body}, ledger.Recalled{}, o.clock); d.Err == nil || len(d.Changes) > 0 {
			t.Errorf("%s: got %+v", name, d)
		}
	}
	if !slices.Equal(before, encode(n.m)) {
		t.Error("the state has changed")
	}
}

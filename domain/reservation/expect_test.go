package reservation

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// adjust changes what is on hand, as "W1/A".
func (o *office) adjust(at string, kind stock.AdjustmentType, q int64) {
	o.t.Helper()
	w, sku, _ := strings.Cut(at, "/")
	n := o.nodes[ledger.StockID(w, 0)]
	o.keys++
	d := n.decide(stock.Adjust{
		Ledger: n.id, Actor: "anna", Key: fmt.Sprint("key-", o.keys), SKU: stock.SKU(sku), Type: kind, Quantity: q,
	}, ledger.Recalled{Asked: true}, o.clock)
	if d.Err != nil {
		o.t.Fatal(d.Err)
	}
	o.commit(n, d.Changes)
}

// stocked receives units: "10 W1/A, 5 W2/B".
func (o *office) stocked(what string) *office {
	o.t.Helper()
	for part := range strings.SplitSeq(what, ", ") {
		var q int64
		var at string
		if _, err := fmt.Sscan(part, &q, &at); err != nil {
			o.t.Fatal(err)
		}
		o.adjust(at, stock.Receipt, q)
	}
	return o
}

// reserve is a reserve by HTTP, created one by Kafka; both for order-1 and an hour.
func reserve(items string) Reserve {
	return Reserve{Order: "order-1", Lines: linesOf(items), TTL: time.Hour, Origin: stock.Origin{Source: "http"}}
}

func created(items string) Reserve {
	c := reserve(items)
	c.Final, c.Source = true, "order.created.v1"
	return c
}

// awaited is a created whose outcome is the answer.
func awaited(items string) Reserve {
	c := created(items)
	c.Await = true
	return c
}

func cancel() Release {
	return Release{ID: IDOf("order-1"), Order: "order-1", Reason: OrderCancelled, Origin: stock.Origin{Source: "order.cancelled.v1"}}
}

func pick() Confirm {
	return Confirm{ID: IDOf("order-1"), Order: "order-1", Origin: stock.Origin{Source: "fulfillment.picked.v1"}}
}

// picked is a pick of items: "1 A@W1, 0 B".
func picked(items string) Confirm {
	c := pick()
	c.Picked = linesOf(items)
	return c
}

// pickedIn is a pick of all that a warehouse has.
func pickedIn(w stock.WarehouseID) Confirm {
	c := pick()
	c.Warehouse = w
	return c
}

// with gives a pick the record that it came with.
func (c Confirm) with(letter string) Confirm {
	c.Letter = []byte(letter)
	return c
}

func extend(ttl time.Duration) Extend {
	return Extend{ID: IDOf("order-1"), TTL: ttl, Origin: stock.Origin{Source: "http"}}
}

// expectLines compares the status of each line, and how many units of it were picked:
// "CONFIRMED 2, HELD 0".
func (o *office) expectLines(want string) {
	o.t.Helper()
	var got []string
	for _, l := range o.order().Lines {
		got = append(got, fmt.Sprintf("%s %d", l.Status, l.Picked))
	}
	if strings.Join(got, ", ") != want {
		o.t.Errorf("lines %s, want %s", strings.Join(got, ", "), want)
	}
}

// do tells and delivers all mail.
func (o *office) do(cmd ledger.Command) *reply {
	o.t.Helper()
	r := o.tell(cmd)
	o.deliver()
	return r
}

// held is an office where order-1 is held.
func (o *office) held(items string) *office {
	o.t.Helper()
	if r := o.do(created(items)); r.err != nil {
		o.t.Fatal(r.err)
	}
	o.expectStatus(Held)
	return o
}

func (o *office) order() *Order {
	o.t.Helper()
	ord, ok := o.state().Order(IDOf("order-1"))
	if !ok {
		o.t.Fatal("order-1 is not in memory")
	}
	return ord
}

// expectStatus compares the status of order-1 and of all its lines.
func (o *office) expectStatus(want Status) {
	o.t.Helper()
	ord := o.order()
	if ord.Status != want || slices.ContainsFunc(ord.Lines, func(l Line) bool { return l.Status != want }) {
		o.t.Errorf("the order is %s (%s, %s), its lines %+v; want %s", ord.Status, ord.Reason, ord.Detail, ord.Lines, want)
	}
}

func (o *office) expectNoOrder() {
	o.t.Helper()
	if ord, ok := o.state().Order(IDOf("order-1")); ok {
		o.t.Errorf("the order is there: %+v", ord)
	}
	if _, ok := o.archive[IDOf("order-1")]; ok {
		o.t.Error("the order is archived")
	}
}

// expectEvents compares what was published, in order: the event, its reason, whether it is
// late, and what it is about where that is not the whole order.
func (o *office) expectEvents(want ...string) {
	o.t.Helper()
	names := map[Event]string{ReservedEvent: "reserved", RejectedEvent: "rejected", ConfirmedEvent: "confirmed", ReleasedEvent: "released", ExpiringEvent: "expiring"}
	var got []string
	for _, c := range o.published {
		words := []string{names[c.Event]}
		if c.Reason() != "" {
			words = append(words, c.Reason())
		}
		if c.Order.Late {
			words = append(words, "late")
		}
		if c.Part != nil {
			for _, it := range c.Part.Items {
				words = append(words, fmt.Sprintf("%d %s@%s", it.Quantity, it.SKU, it.Warehouse))
			}
		}
		got = append(got, strings.Join(words, " "))
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("published %q, want %q", got, want)
	}
}

// expectStock compares "W1/A" with what is on hand and held.
func (o *office) expectStock(at string, onHand, held int64) {
	o.t.Helper()
	w, sku, _ := strings.Cut(at, "/")
	if l := o.level(ledger.StockID(w, 0), stock.SKU(sku)); l.OnHand() != onHand || l.Held() != held {
		o.t.Errorf("%s: on hand %d, held %d; want %d, %d", at, l.OnHand(), l.Held(), onHand, held)
	}
}

// expect compares a reply that must have been given; nil wants no error.
func (r *reply) expect(o *office, want error) *reply {
	o.t.Helper()
	if !r.given || !errors.Is(r.err, want) {
		o.t.Errorf("%T: given %t, error %v; want %v", r.cmd, r.given, r.err, want)
	}
	return r
}

// expectWaits fails the test where the reply was given already.
func (r *reply) expectWaits(o *office) *reply {
	o.t.Helper()
	if r.given {
		o.t.Errorf("%T was answered already: %+v, %v", r.cmd, r.order, r.err)
	}
	return r
}

// expectPlan compares where lines are to come from.
func (o *office) expectPlan(want string) {
	o.t.Helper()
	if got := chosen(o.order().Lines); got != want {
		o.t.Errorf("planned %s, want %s", got, want)
	}
}

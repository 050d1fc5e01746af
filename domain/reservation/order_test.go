package reservation

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// The ids and ledgers of orders are part of what is on disk: these values were computed
// apart, by Python's uuid.uuid5 and int.from_bytes(id[:8], 'big') % n.
func TestTheReservationOfAnOrderIsFixedForEver(t *testing.T) {
	tests := []struct {
		order stock.OrderID
		id    string
		of    map[int]ledger.ID
	}{
		{"order-1", "b7db3886-a074-5e56-b4f1-1b266d3066b5", map[int]ledger.ID{1: "reservation/eu/0", 4: "reservation/eu/2", 7: "reservation/eu/3", 16: "reservation/eu/6"}},
		{"A", "2ae60125-f286-55a2-918f-b89a62aa1271", map[int]ledger.ID{1: "reservation/eu/0", 4: "reservation/eu/2", 7: "reservation/eu/6", 16: "reservation/eu/2"}},
		{"4711", "7dc5cd41-640d-51b7-84ac-457d7199970b", map[int]ledger.ID{1: "reservation/eu/0", 4: "reservation/eu/3", 7: "reservation/eu/5", 16: "reservation/eu/7"}},
		{"ORD-2026-000001", "fa6307c5-b0a0-5c13-8757-6093bad0b308", map[int]ledger.ID{1: "reservation/eu/0", 4: "reservation/eu/3", 7: "reservation/eu/5", 16: "reservation/eu/3"}},
	}
	for _, tt := range tests {
		id := IDOf(tt.order)
		if id.String() != tt.id {
			t.Errorf("order %s: got %s, want %s", tt.order, id, tt.id)
		}
		for n, want := range tt.of {
			if got := LedgerOf(id, "eu", n); got != want {
				t.Errorf("order %s of %d ledgers: got %s, want %s", tt.order, n, got, want)
			}
		}
	}
}

func TestStatusesAreNamedAsTheAPINamesThem(t *testing.T) {
	for s, want := range map[Status]string{
		Planned: "PLANNED", Held: "HELD", Confirmed: "CONFIRMED", Released: "RELEASED", Expired: "EXPIRED", Rejected: "REJECTED", 0: "Status(0)", 9: "Status(9)",
	} {
		if s.String() != want {
			t.Errorf("got %s, want %s", s, want)
		}
	}
}

func TestAPlannedOrderIsKnownByWhatWasAskedNotByWhatWasChosen(t *testing.T) {
	o := &Order{Lines: []Line{
		{SKU: "A", Quantity: 2, Warehouse: "W1", Status: Held},
		{SKU: "A", Quantity: 3, Warehouse: "W2", Status: Held},
		{SKU: "B", Quantity: 1, Warehouse: "W2", Named: true, Status: Held},
	}}
	for asked, same := range map[string]bool{
		"5 A, 1 B@W2": true, "1 B@W2, 2 A, 3 A": true,
		"4 A, 1 B@W2": false, "5 A, 1 B": false, "5 A, 1 B@W1": false, "5 A": false, "5 A, 1 B@W2, 1 C": false, "2 A@W1, 3 A@W2, 1 B@W2": false,
	} {
		if got := o.sameItems(linesOf(asked)); got != same {
			t.Errorf("%s: got %t", asked, got)
		}
	}
}

func TestACopyOfAnOrderSharesNothingThatChanges(t *testing.T) {
	o := sampleOrder()
	o.Silent = append(make([]ledger.ID, 0, 8), o.Silent...)
	before := encode(o)
	c := o.copy()
	c.end(Released, "x")
	c.Legs[0].State = Asked
	c.Silent = append(c.Silent, "stock/W9/0")
	if !slices.Equal(encode(o), before) || o.Silent[:2][1] != "" {
		t.Error("a change of the copy has changed the order")
	}
}

func TestImpossibleOrdersAreRefusedByTheState(t *testing.T) {
	for name, change := range map[string]func(*Order){
		"no id":                              func(o *Order) { o.ID = "" },
		"no status":                          func(o *Order) { o.Status = 0 },
		"a status that there isn't":          func(o *Order) { o.Status = 7 },
		"held, and never held":               func(o *Order) { o.HeldAt = 0 },
		"held, and expired before":           func(o *Order) { o.ExpiresAt = o.HeldAt },
		"held, and a leg is not":             func(o *Order) { o.Legs[1].State = Done },
		"held, and a leg was not answered":   func(o *Order) { o.Legs[0].State = Asked },
		"held, with a late pick":             func(o *Order) { o.LatePick = true },
		"released, and a leg still holds":    func(o *Order) { o.Status = Released },
		"rejected, and a leg may still hold": func(o *Order) { o.Status, o.Legs[0].State, o.Legs[1].State = Rejected, Asked, Done },
		"expired, and never held":            func(o *Order) { o.Status, o.HeldAt, o.Legs = Expired, 0, nil },
		"confirmed, and never held":          func(o *Order) { o.Status, o.HeldAt, o.Legs = Confirmed, 0, nil },
		"planned, with a late pick":          func(o *Order) { o.Status, o.LatePick = Planned, true },
	} {
		o := sampleOrder()
		change(o)
		s := New(home, DefaultConfig(), nil)
		if err := s.Apply(Changed{Order: o}, ledger.Stamp{Version: 1}); err == nil {
			t.Errorf("%s: no error", name)
		}
		r := ledger.NewReader(encode(o))
		if DecodeOrder(r); !errors.Is(r.Close(), ledger.ErrCorrupt) {
			t.Errorf("%s: decoded: got %v", name, r.Close())
		}
	}
}

func TestAnOrderIsReadAsItWasWritten(t *testing.T) {
	want := sampleOrder()
	body := encode(want)
	r := ledger.NewReader(body)
	want.version = 0
	if got := DecodeOrder(r); r.Close() != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, r.Close(), want)
	}
	for n := range len(body) {
		r := ledger.NewReader(body[:n])
		if DecodeOrder(r); !errors.Is(r.Close(), ledger.ErrCorrupt) {
			t.Fatalf("cut off after %d bytes: got %v", n, r.Close())
		}
	}
}

// sampleOrder has something of everything.
func sampleOrder() *Order {
	return &Order{
		ID: "order-1", Region: "eu",
		Lines:  []Line{{SKU: "A", Quantity: 2, Warehouse: "W1", Status: Held}, {SKU: "B", Quantity: stock.MaxQuantity, Warehouse: "W2", Named: true, Status: Held}},
		Legs:   []Leg{{Ledger: w1, Number: 3, State: Holding}, {Ledger: w2, Number: 300, State: Holding}},
		Status: Held, Reason: "reason", Detail: "detail", Shortages: []stock.Shortage{{SKU: "A", Warehouse: "W1", Requested: 2, Available: 1}},
		TTL: 3_600_000, PlannedAt: noon, HeldAt: noon + 5, ExpiresAt: noon + 3_600_005, Due: noon + 3_600_005, Tries: 2,
		Silent: []ledger.ID{w3}, Final: true, Late: true,
		Origin:  stock.Origin{Source: "order.created.v1", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		version: 1000,
	}
}

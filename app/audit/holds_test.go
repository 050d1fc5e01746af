package audit

import (
	"testing"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

const (
	here   = ledger.ID("stock/W/0")
	orders = ledger.ID("reservation/R/0")
)

// pair is an auditor that follows two ledgers: an order of two lines whose last mail to its
// stock ledger was the second, of which taken were taken, and what is held for it there.
func pair(t *testing.T, taken int64, held []stock.Item, lines ...reservation.Line) (a *Auditor, s, r *follower) {
	t.Helper()
	at := ledger.Stamp{Version: 1, At: 1}
	s, r = newFollower(here), newFollower(orders)
	s.state, r.state = stock.New(here), reservation.New(orders, reservation.DefaultConfig(), nil)
	apply := func(m ledger.Machine, changes ...ledger.Change) {
		for _, c := range changes {
			if err := m.Apply(c, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, it := range held {
		receipt := stock.Adjust{Ledger: here, Actor: "a", Key: string(it.SKU), SKU: it.SKU, Type: stock.Receipt, Quantity: it.Quantity}
		apply(s.state, s.state.Decide(receipt, ledger.Recalled{}, at).Changes...)
	}
	hold := stock.EncodeMessage(stock.Hold{Order: "o", Items: held})
	apply(s.state, s.state.Decide(ledger.Received{From: orders, Number: 1, Body: hold}, ledger.Recalled{}, at).Changes...)
	apply(s.state, ledger.MailTaken{From: orders, Upto: taken})
	for n := range int64(2) {
		apply(r.state, ledger.MailSent{Mail: ledger.Mail{To: here, Number: n + 1}})
	}
	apply(r.state, reservation.Changed{Order: &reservation.Order{
		ID: "o", Status: reservation.Held, HeldAt: 1, ExpiresAt: 2, Lines: lines,
		Legs: []reservation.Leg{{Ledger: here, Number: 2, State: reservation.Holding}},
	}})
	w := World{
		LedgerOf: func(ledger.UUID) ledger.ID { return orders },
		Warehouse: func(id stock.WarehouseID) (stock.Warehouse, bool) {
			return stock.Warehouse{ID: id, Ledgers: 1}, id == "W"
		},
	}
	a = New(w, Config{})
	a.followers = map[ledger.ID]*follower{here: s, orders: r}
	return a, s, r
}

func line(sku stock.SKU, n int64, s reservation.Status) reservation.Line {
	return reservation.Line{SKU: sku, Quantity: n, Warehouse: "W", Status: s}
}

func TestOnlyLinesThatAreHeldAreComparedWithHolds(t *testing.T) {
	a, b := line("A", 3, reservation.Held), line("B", 2, reservation.Held)
	picked := line("B", 2, reservation.Confirmed)
	picked.Picked = 2
	for name, c := range map[string]struct {
		taken  int64
		held   []stock.Item
		lines  []reservation.Line
		found  int
		flying bool
	}{
		"all is held":                         {2, []stock.Item{{SKU: "A", Quantity: 3}, {SKU: "B", Quantity: 2}}, []reservation.Line{a, b}, 0, false},
		"one line was picked":                 {2, []stock.Item{{SKU: "A", Quantity: 3}}, []reservation.Line{a, picked}, 0, false},
		"one line was picked, and is held":    {2, []stock.Item{{SKU: "A", Quantity: 3}, {SKU: "B", Quantity: 2}}, []reservation.Line{a, picked}, 1, false},
		"one line is not held":                {2, []stock.Item{{SKU: "A", Quantity: 3}}, []reservation.Line{a, b}, 1, false},
		"less of both is held":                {2, []stock.Item{{SKU: "A", Quantity: 1}, {SKU: "B", Quantity: 1}}, []reservation.Line{a, b}, 2, false},
		"the last mail is on its way":         {1, []stock.Item{{SKU: "A", Quantity: 3}}, []reservation.Line{a, b}, 0, true},
		"mail was taken that is not followed": {3, []stock.Item{{SKU: "A", Quantity: 3}}, []reservation.Line{a, b}, 0, true},
	} {
		audit, s, r := pair(t, c.taken, c.held, c.lines...)
		got := audit.legs(r, reservation.IDOf("o"))
		if len(got.found) != c.found || got.flying != c.flying {
			t.Errorf("%s: %d differences expected, under way: %t; found %v, %t", name, c.found, c.flying, got.found, got.flying)
		}
		hold, err := audit.hold(t.Context(), s, "o", 0)
		if err != nil || len(hold.found) > 0 || hold.flying != c.flying {
			t.Errorf("%s: the hold of a live order: %+v, %v", name, hold, err)
		}
	}
}

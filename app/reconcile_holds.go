package app

import (
	"context"
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// crossCheck compares what stock ledgers hold with what reservation ledgers say of the
// orders, for each pair of ledgers between which no mail is under way.
func (r *reconciler) crossCheck(ctx context.Context) error {
	for id, s := range r.stocks {
		for order, items := range s.Holds() {
			if err := r.hold(ctx, id, order, items); err != nil {
				return err
			}
		}
	}
	for id, s := range r.orders {
		for _, o := range s.Orders() {
			if o.Status == reservation.Held {
				r.legs(id, o)
			}
		}
	}
	return nil
}

// quiet tells whether all mail between a reservation and a stock ledger has been taken.
func (r *reconciler) quiet(orders, stocks ledger.ID) bool {
	o, s := r.orders[orders], r.stocks[stocks]
	if o == nil || s == nil {
		return false
	}
	there, back := o.Post().Peer(stocks), s.Post().Peer(orders)
	return there.Sent == back.Taken && back.Sent == there.Taken
}

// hold compares a hold with its order, which must be live.
func (r *reconciler) hold(ctx context.Context, id ledger.ID, order stock.OrderID, items []stock.Item) error {
	r.report.Holds++
	key := reservation.IDOf(order)
	owner := r.in.ledgerOf(key)
	if !r.quiet(owner, id) {
		r.report.InFlight++
		return nil
	}
	subject := "order " + string(order)
	if o, ok := r.orders[owner].Order(key); ok {
		holds := slices.ContainsFunc(o.Legs, func(l reservation.Leg) bool {
			return l.Ledger == id && l.State == reservation.Holding
		})
		if !holds {
			r.differ(id, subject, fmt.Sprintf("hold of %v", items), o.Status, "held")
		}
		return nil
	}
	row, ok, err := r.in.books.Reservation(ctx, key)
	if err != nil {
		return err
	}
	if !ok {
		row.Status = "no such order"
	}
	r.differ(id, subject, fmt.Sprintf("hold of %v", items), row.Status, "held")
	return nil
}

// legs compares a held order with the holds in its stock ledgers.
func (r *reconciler) legs(id ledger.ID, o *reservation.Order) {
	held := map[ledger.ID]map[stock.SKU]int64{}
	for _, leg := range o.Legs {
		if !r.quiet(id, leg.Ledger) {
			return
		}
		held[leg.Ledger] = map[stock.SKU]int64{}
		for _, it := range r.stocks[leg.Ledger].Hold(o.ID) {
			held[leg.Ledger][it.SKU] += it.Quantity
		}
	}
	for _, l := range o.Lines {
		if l.Status != reservation.Held {
			continue
		}
		w, ok := (levels{r.in}).Warehouse(l.Warehouse)
		if !ok {
			r.differ(id, "order "+string(o.ID), "warehouse", l.Warehouse, "unknown")
			continue
		}
		held[w.LedgerOf(l.SKU)][l.SKU] -= l.Quantity
	}
	for leg, skus := range held {
		for sku, n := range skus {
			r.differ(leg, "order "+string(o.ID), "units of sku "+string(sku)+" held beyond the order's", 0, n)
		}
	}
}

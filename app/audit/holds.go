package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// look is the outcome of comparing a hold or an order across ledgers.
type look struct {
	found  []Difference
	flying bool  // mail is under way, or was not followed yet: nothing can be told
	sent   int64 // mail that must have been taken before the same look tells more
}

// A stock ledger that has taken the order's last mail shows what the order says, if no
// later mail has come to it that the order's ledger, as it was followed, has not sent yet.
// So busy ledgers can be compared, each at an entry of its own.

// hold compares a hold with its order, which must have a part there that is not done. An
// order without any may have sent a release that is remembered nowhere (it was planned
// again, or forgotten): after is the mail that must have been taken.
func (a *Auditor) hold(ctx context.Context, f *follower, order stock.OrderID, after int64) (look, error) {
	items := f.stock().Hold(order)
	key := reservation.IDOf(order)
	r := a.followers[a.w.LedgerOf(key)]
	if len(items) == 0 || r == nil || r.orders() == nil {
		return look{}, nil
	}
	taken, sent := f.stock().Post().Peer(r.id).Taken, r.orders().Post().Peer(f.id).Sent
	o, known := r.orders().Order(key)
	leg := reservation.Leg{State: reservation.Done, Number: after}
	if known {
		if i := slices.IndexFunc(o.Legs, func(l reservation.Leg) bool { return l.Ledger == f.id }); i >= 0 {
			leg = o.Legs[i]
		}
	}
	switch {
	case taken > sent || leg.Number > taken:
		return look{flying: true, sent: sent}, nil
	case leg.State != reservation.Done:
		return look{}, nil
	}
	says := "no such order"
	if known {
		says = o.Status.String()
	} else if row, ok, err := a.w.Books.Reservation(ctx, key); err != nil {
		return look{}, fmt.Errorf("row of order %s: %w", order, err)
	} else if ok {
		says = row.Status
	}
	d := aboutOrder(f.id, ports.DifferentHolds, order)
	d.about.Hold = true
	d.text(fmt.Sprintf("hold of %v", items), says, "held")
	return look{found: d.list, sent: sent}, nil
}

// legs compares what a held order says with the holds in its stock ledgers. Lines end one
// by one: only those that are held count.
func (a *Auditor) legs(f *follower, key ledger.UUID) look {
	o, ok := f.orders().Order(key)
	if !ok || o.Status != reservation.Held {
		return look{}
	}
	held := map[ledger.ID]map[stock.SKU]int64{}
	for _, leg := range o.Legs {
		s := a.followers[leg.Ledger]
		if s == nil || s.stock() == nil {
			return look{flying: true}
		}
		if taken := s.stock().Post().Peer(f.id).Taken; leg.Number > taken || taken > f.orders().Post().Peer(leg.Ledger).Sent {
			return look{flying: true}
		}
		held[leg.Ledger] = map[stock.SKU]int64{}
		for _, it := range s.stock().Hold(o.ID) {
			held[leg.Ledger][it.SKU] += it.Quantity
		}
	}
	d := aboutOrder(f.id, ports.DifferentHolds, o.ID)
	for _, l := range o.Lines {
		w, ok := a.w.Warehouse(l.Warehouse)
		switch {
		case !ok:
			d.text("warehouse", l.Warehouse, "unknown")
		case l.Status == reservation.Held:
			id := w.LedgerOf(l.SKU)
			if held[id] == nil {
				held[id] = map[stock.SKU]int64{}
			}
			held[id][l.SKU] -= l.Quantity
		}
	}
	for _, id := range slices.Sorted(maps.Keys(held)) {
		d.about.Ledger = id
		for _, sku := range slices.Sorted(maps.Keys(held[id])) {
			d.text("units of sku "+string(sku)+" held beyond the order's", 0, held[id][sku])
		}
	}
	return look{found: d.list}
}

package app

import (
	"errors"
	"fmt"
	"slices"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// stockUp has levels in the sandbox as they were read. All that is held is held by nobody in
// particular, until its orders are met.
func (b *sandbox) stockUp(q question, s Stock) error {
	b.tick()
	for _, w := range q.in {
		b.known[shelf{q.sku, w.ID}] = true
		i := slices.IndexFunc(s.Warehouses, func(found WarehouseStock) bool { return found.WarehouseID == w.ID })
		if i < 0 {
			continue
		}
		id, found := w.LedgerOf(q.sku), s.Warehouses[i]
		err := b.adjust(id, q.sku, found.OnHand+found.Short) // nothing is held beyond what is there
		if err == nil {
			err = b.hold(id, othersOf(q.sku), stock.Item{SKU: q.sku, Quantity: found.Held})
		}
		if err == nil {
			err = b.adjust(id, q.sku, -found.Short)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// seat has an order in the sandbox as it was read, and its holds apart from those of others.
func (b *sandbox) seat(id ledger.ID, key ledger.UUID, o *reservation.Order) error {
	b.met[key] = true
	if o == nil {
		return nil
	}
	b.tick()
	for _, h := range b.holdsOf(o) {
		if err := b.give(h, o.ID); err != nil {
			return err
		}
	}
	if err := b.ordersOf(id).Apply(reservation.Changed{Order: o}, b.at); err != nil {
		return fmt.Errorf("%w: order %s as it was read: %w", owner.ErrDefect, o.ID, err)
	}
	return nil
}

// holding is what an order holds in a stock ledger.
type holding struct {
	ledger ledger.ID
	items  []stock.Item
}

func (b *sandbox) holdsOf(o *reservation.Order) []holding {
	var holds []holding
	for _, l := range o.Lines {
		w, ok := (levels{b.real}).Warehouse(l.Warehouse)
		if !ok || l.Status != reservation.Held {
			continue
		}
		id := w.LedgerOf(l.SKU)
		i := slices.IndexFunc(holds, func(h holding) bool { return h.ledger == id })
		if i < 0 {
			i, holds = len(holds), append(holds, holding{ledger: id})
		}
		items := holds[i].items
		j := slices.IndexFunc(items, func(it stock.Item) bool { return it.SKU == l.SKU })
		if j < 0 {
			j, items = len(items), append(items, stock.Item{SKU: l.SKU})
		}
		items[j].Quantity += l.Quantity
		holds[i].items = items
	}
	return holds
}

// give takes from what others hold what an order does. Where the order was held after the level
// was read, that is not enough: more is held then. Units that are not there, and held all the
// same, are put there meanwhile.
func (b *sandbox) give(h holding, order stock.OrderID) error {
	st := b.stockOf(h.ledger)
	rest, lent := make([]int64, len(h.items)), make([]int64, len(h.items))
	for i, it := range h.items {
		var others int64
		if hold := st.Hold(othersOf(it.SKU)); len(hold) > 0 {
			others = hold[0].Quantity
		}
		l, _ := st.Level(it.SKU)
		rest[i] = max(0, others-it.Quantity)
		lent[i] = max(0, l.Held()-others+it.Quantity+rest[i]-l.OnHand())
		if err := errors.Join(b.adjust(h.ledger, it.SKU, lent[i]), b.release(h.ledger, othersOf(it.SKU))); err != nil {
			return err
		}
	}
	if err := b.hold(h.ledger, order, h.items...); err != nil {
		return err
	}
	for i, it := range h.items {
		err := b.hold(h.ledger, othersOf(it.SKU), stock.Item{SKU: it.SKU, Quantity: rest[i]})
		if err := errors.Join(err, b.adjust(h.ledger, it.SKU, -lent[i])); err != nil {
			return err
		}
	}
	return nil
}

// othersOf names who holds what is held of a SKU by orders that were not met. No order has a
// space in its id.
func othersOf(sku stock.SKU) stock.OrderID { return stock.OrderID("others of " + sku) }

// reader is where mail comes from that brings the sandbox to what was read.
const reader ledger.ID = "reservation/reader/0"

func (b *sandbox) hold(id ledger.ID, order stock.OrderID, items ...stock.Item) error {
	if items[0].Quantity == 0 {
		return nil
	}
	return b.bring(id, ledger.Received{From: reader, Body: stock.EncodeMessage(stock.Hold{Order: order, Items: items})})
}

func (b *sandbox) release(id ledger.ID, order stock.OrderID) error {
	if len(b.stockOf(id).Hold(order)) == 0 {
		return nil
	}
	return b.bring(id, ledger.Received{From: reader, Body: stock.EncodeMessage(stock.Release{Order: order})})
}

func (b *sandbox) adjust(id ledger.ID, sku stock.SKU, units int64) error {
	if units == 0 {
		return nil
	}
	return b.bring(id, stock.Adjust{Ledger: id, Actor: "rehearsal", Key: "read", SKU: sku, Type: stock.Correction, Quantity: units})
}

// bring has a command move stock in the sandbox, without an answer and without being remembered.
func (b *sandbox) bring(id ledger.ID, cmd ledger.Command) error {
	st, moved := b.stockOf(id), false
	d := st.Decide(cmd, ledger.Recalled{}, b.at)
	for _, c := range d.Changes {
		switch made := c.(type) {
		case stock.AdjustmentMade:
			made.Key = ""
			c = made
		case stock.Moved:
		default:
			continue
		}
		if err := st.Apply(c, b.at); err != nil {
			return fmt.Errorf("%w: %s as it was read: %w", owner.ErrDefect, id, err)
		}
		moved = true
	}
	if !moved {
		return fmt.Errorf("%w: %s as it was read: %T is refused: %s", owner.ErrDefect, id, cmd, fmt.Sprint(d.Err))
	}
	return nil
}

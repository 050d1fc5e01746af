package apptest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

// pickPart picks one warehouse's lines, or some units of a line, more or less than it has;
// now and then by an event, whose pick waits for an order that was never seen.
func (h *history) pickPart(b *orderBook) command {
	req := app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: b.id}, Source: "test"}
	last, _ := b.asked()
	switch place := pick(h.dice, h.known); {
	case h.dice.chance(0.3):
		req.WarehouseID = string(place.ID)
	case h.dice.chance(0.4):
		req.Items = []app.ReserveItem{{SKU: pick(h.dice, skus), Quantity: int64(h.dice.below(4))}}
	case len(last.Items) > 0:
		it := pick(h.dice, last.Items)
		it.Quantity = int64(h.dice.below(int(min(it.Quantity, 20)) + 1))
		if it.WarehouseID == nowhere || h.dice.chance(0.5) {
			it.WarehouseID = string(place.ID)
		}
		req.Items = []app.ReserveItem{it}
	}
	if h.dice.chance(0.4) {
		req.Letter = fmt.Appendf(nil, "letter-%d", h.made)
	}
	return h.pickCommand(b, req)
}

func (h *history) pickCommand(b *orderBook, req app.ConfirmRequest) command {
	b.asks.add()
	what := fmt.Sprintf("pick %s %+v", req.WarehouseID, req.Items)
	return command{
		what: what + " of " + b.id,
		ask: func(ctx context.Context, in *app.Inventory) (any, error) {
			return in.Confirm(ctx, req)
		},
		note: func(asked int64, outcome any, err error) {
			if o := outcome.(*reservation.Order); o != nil || err != nil {
				b.told(what, asked, o, err, nil)
			}
		},
	}
}

func (h *history) extend(b *orderBook) command {
	b.asks.add()
	req := app.ExtendRequest{OrderRef: app.OrderRef{OrderID: b.id}, TTL: time.Second + h.dice.upto(longest-time.Second), Source: "test"}
	return command{
		what: "extend " + b.id,
		ask:  func(ctx context.Context, in *app.Inventory) (any, error) { return in.Extend(ctx, req) },
		note: func(asked int64, outcome any, err error) {
			o := outcome.(*reservation.Order)
			if err == nil && o.Status != reservation.Held {
				h.c.found.add("order %s: extended, but the answer is %s", b.id, o.Status)
			}
			b.told("extend", asked, o, err, nil)
		},
	}
}

// readAll has the clients read every order when all has ended, so that the books know what
// became of picks that nobody waited for.
func (h *history) readAll(ctx context.Context) {
	var clients sync.WaitGroup
	for c := range h.c.cfg.Clients {
		clients.Go(func() {
			for i := c; i < len(h.orders); i += h.c.cfg.Clients {
				h.carryOut(ctx, h.get(h.orders[i]))
			}
		})
	}
	clients.Wait()
}

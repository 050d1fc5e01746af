package apptest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// next makes the next command; false where there are enough.
func (h *history) next() (command, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made >= h.c.cfg.Commands {
		return command{}, false
	}
	if h.made++; h.made == h.c.cfg.Commands/2 {
		return h.putAdded(), true
	}
	cmd := h.draw()
	cmd.twice = cmd.twice || h.dice.chance(0.15)
	return cmd, true
}

// draw chooses a command; h.mu is held.
func (h *history) draw() command {
	switch p := h.dice.below(100); {
	case p < 30 || len(h.orders) == 0:
		return h.reserve(h.newOrder(), h.dice.items(h.known))
	case p < 38: // again: mostly with other items
		return h.reserve(h.someOrder(), h.dice.items(h.known))
	case p < 46:
		return h.reserveAgain(h.someOrder())
	case p < 52:
		return h.confirm(h.someOrder())
	case p < 60:
		return h.pickPart(h.someOrder())
	case p < 61:
		return h.extend(h.someOrder())
	case p < 62: // most of them have ended
		return h.extend(pick(h.dice, h.orders))
	case p < 66:
		return h.pickLate()
	case p < 74:
		return h.release(h.someOrder())
	case p < 77: // cancelled before it is created
		return h.release(h.newOrder())
	case p < 78: // picked before it is created
		return h.pickPart(h.newOrder())
	case p < 79: // never seen, and never will be
		return h.confirm(&orderBook{h: h, id: fmt.Sprintf("nobody-%d", h.made), learnt: map[fact]int64{}})
	case p < 84:
		return h.get(h.someOrder())
	case p < 87:
		return h.mark(app.ThresholdRequest{
			SKU: h.dice.sku(), WarehouseID: string(pick(h.dice, h.known).ID), Low: int64(h.dice.below(30)) + stock.NoMark, Actor: "test", Source: "test",
		})
	case p < 97 || len(h.keys) == 0:
		req := h.dice.adjustment(h.known, fmt.Sprintf("key-%d", h.made))
		return h.adjust(req, h.newKey(req))
	case p < 99:
		b := h.someKey()
		return h.adjust(b.first, b)
	default:
		b := h.someKey()
		req := b.first
		req.Quantity += 100
		return h.adjust(req, b)
	}
}

// newOrder begins an order book; h.mu is held, as by the functions below.
func (h *history) newOrder() *orderBook {
	b := &orderBook{h: h, id: fmt.Sprintf("order-%d", h.made), learnt: map[fact]int64{}}
	h.orders = append(h.orders, b)
	return b
}

// someOrder picks one of those made last, more rarely any.
func (h *history) someOrder() *orderBook {
	n := min(len(h.orders), 24)
	if h.dice.chance(0.1) {
		n = len(h.orders)
	}
	return h.orders[len(h.orders)-1-h.dice.below(n)]
}

// pickLate has two clients pick an order that was released or lapsed, and may be forgotten.
func (h *history) pickLate() command {
	b := h.someOrder()
	for range 20 {
		if b.knows(wasHeld) && b.knows(hasEnded) && !b.knows(confirmed) {
			break
		}
		back := min(len(h.orders), 24+h.dice.below(200))
		b = h.orders[len(h.orders)-back]
	}
	cmd := h.confirm(b)
	cmd.twice = true
	return cmd
}

func (h *history) someKey() *keyBook {
	n := min(len(h.keys), 12)
	return h.keys[len(h.keys)-1-h.dice.below(n)]
}

// newKey begins a book for an idempotency key.
func (h *history) newKey(req app.AdjustRequest) *keyBook {
	b := &keyBook{h: h, first: req}
	h.keys = append(h.keys, b)
	return b
}

func (h *history) reserve(b *orderBook, items []app.ReserveItem) command {
	req := app.ReserveRequest{
		OrderID: b.id, Items: items, Source: "test", Final: h.dice.chance(0.4),
		TTL: time.Second + h.dice.upto(longest-time.Second),
	}
	if h.dice.chance(0.3) {
		req.Region = pick(h.dice, []string{"north", "south"})
	}
	b.keep(req)
	return h.reserveCommand(b, req)
}

// reserveAgain asks for the same as before, by an event or not.
func (h *history) reserveAgain(b *orderBook) command {
	req, ok := b.asked()
	if !ok {
		return h.reserve(b, h.dice.items(h.known))
	}
	req.Final = h.dice.chance(0.4)
	b.keep(req)
	return h.reserveCommand(b, req)
}

func (h *history) reserveCommand(b *orderBook, req app.ReserveRequest) command {
	b.asks.add()
	what := fmt.Sprintf("reserve %+v", req.Items)
	if req.Final {
		what = "event: " + what
	}
	return command{
		what: what + " for " + b.id,
		ask: func(ctx context.Context, in *app.Inventory) (any, error) {
			r, err := in.Reserve(ctx, req)
			return r.Order, err
		},
		note: func(asked int64, outcome any, err error) {
			o := outcome.(*reservation.Order)
			if err == nil && !req.Final && o.Status == reservation.Planned {
				h.c.found.add("order %s: %s: answered before it was decided", b.id, what)
			}
			b.told(what, asked, o, err, req.Items)
		},
		undone: b.asks.withdraw,
	}
}

func (h *history) confirm(b *orderBook) command {
	b.asks.add()
	return command{
		what: "confirm " + b.id,
		ask: func(ctx context.Context, in *app.Inventory) (any, error) {
			return in.Confirm(ctx, app.ConfirmRequest{OrderRef: app.OrderRef{OrderID: b.id}, Source: "test"})
		},
		note: func(asked int64, outcome any, err error) {
			o := outcome.(*reservation.Order)
			if err == nil && o.Status != reservation.Confirmed {
				h.c.found.add("order %s: confirmed, but the answer is %s", b.id, o.Status)
			}
			b.told("confirm", asked, o, err, nil)
		},
	}
}

func (h *history) release(b *orderBook) command {
	b.asks.add()
	return command{
		what: "release " + b.id,
		ask: func(ctx context.Context, in *app.Inventory) (any, error) {
			return in.Release(ctx, app.ReleaseRequest{OrderRef: app.OrderRef{OrderID: b.id}, Source: "test"})
		},
		note: func(asked int64, outcome any, err error) {
			o := outcome.(*reservation.Order)
			if err == nil && !o.Ended() {
				h.c.found.add("order %s: released, but the answer is %s", b.id, o.Status)
			}
			b.told("release", asked, o, err, nil)
		},
	}
}

func (h *history) get(b *orderBook) command {
	return command{
		what: "get " + b.id,
		ask: func(ctx context.Context, in *app.Inventory) (any, error) {
			v, err := in.Order(ctx, app.OrderRef{OrderID: b.id})
			if v.Stored {
				err = owner.ErrNotOwner // what the tables say may be old: ask the owner
			}
			return v.Order, err
		},
		note: func(asked int64, outcome any, err error) {
			b.told("get", asked, outcome.(*reservation.Order), err, nil)
		},
	}
}

func (h *history) adjust(req app.AdjustRequest, b *keyBook) command {
	b.asks.add()
	return command{
		what:   fmt.Sprintf("adjust %+v", req),
		ask:    func(ctx context.Context, in *app.Inventory) (any, error) { return in.Adjust(ctx, req) },
		note:   func(asked int64, outcome any, err error) { b.told(asked, req, outcome.(stock.Adjustment), err) },
		undone: b.asks.withdraw,
	}
}

// mark sets a low mark, or takes it away: what the answer says is what was asked for.
func (h *history) mark(req app.ThresholdRequest) command {
	return command{
		what: fmt.Sprintf("mark %+v", req),
		ask:  func(ctx context.Context, in *app.Inventory) (any, error) { return in.SetThreshold(ctx, req) },
		note: func(_ int64, outcome any, err error) {
			if m := outcome.(stock.Mark); err != nil || m.SKU != stock.SKU(req.SKU) || m.Low != req.Low {
				h.c.found.add("mark %+v: got %+v, %v", req, m, err)
			}
		},
	}
}

func (h *history) put(w stock.Warehouse) command {
	return command{
		what: fmt.Sprintf("put warehouse %s", w.ID),
		ask:  func(ctx context.Context, in *app.Inventory) (any, error) { return nil, in.PutWarehouse(ctx, w) },
		note: func(_ int64, _ any, err error) {
			if err != nil {
				h.c.found.add("put warehouse %s: %v", w.ID, err)
			}
		},
	}
}

// putAdded adds a warehouse that commands then name.
func (h *history) putAdded() command {
	cmd := h.put(added)
	note := cmd.note
	cmd.note = func(asked int64, outcome any, err error) {
		note(asked, outcome, err)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.known = slices.Concat(warehouses, []stock.Warehouse{added})
	}
	return cmd
}

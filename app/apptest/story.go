package apptest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// stocked is how many units there are of each line of a story, before it begins.
const stocked = 10

// Story is what clients do with one order, one step after the other, instead of random
// commands; and what must have become of it in the end, whatever happened on the way.
type Story struct {
	Items  []app.ReserveItem    // reserved; each names its warehouse
	Picks  []app.ConfirmRequest // made then, of this order
	Cancel bool                 // at last

	Status reservation.Status
	Lines  []string // such as "CONFIRMED 2 of 3 hot in a"
	Events []string // of the order, by topic, such as "inventory.confirmed.v1 2 hot in a"
}

// stockStory receives what a story needs. The trouble begins after that.
func (h *history) stockStory(ctx context.Context) {
	for i, it := range h.c.cfg.Story.Items {
		req := app.AdjustRequest{
			SKU: it.SKU, WarehouseID: it.WarehouseID, Type: string(stock.Receipt), Quantity: stocked,
			Actor: "opening", Key: fmt.Sprint("opening-", i),
		}
		h.carryOut(ctx, h.adjust(req, h.newKey(req)))
	}
}

// tell carries a story out. The trouble goes on for a while: what follows from an answer
// may not have come about when the answer comes.
func (h *history) tell(ctx context.Context) {
	s, b := h.c.cfg.Story, h.newOrder()
	req := app.ReserveRequest{OrderID: b.id, Items: s.Items, Source: "test", Final: true, TTL: longest}
	b.keep(req)
	h.carryOut(ctx, h.granted(h.reserveCommand(b, req)))
	for _, pick := range s.Picks {
		pick.OrderRef, pick.Source = app.OrderRef{OrderID: b.id}, "test"
		h.carryOut(ctx, h.granted(h.pickCommand(b, pick)))
	}
	if s.Cancel {
		h.carryOut(ctx, h.granted(h.release(b)))
	}
	_ = h.c.pause(ctx, h.c.cfg.Lease) // what comes next sees the end of ctx
}

// granted is a command that nothing in a story gives a reason to refuse, though it be asked
// again by a client that never heard the answer.
func (h *history) granted(cmd command) command {
	note := cmd.note
	cmd.note = func(asked int64, outcome any, err error) {
		if err != nil {
			h.c.found.add("%s: refused: %v", cmd.what, err)
		}
		note(asked, outcome, err)
	}
	return cmd
}

// checkStory compares how the story ended with how it must end.
func (v *view) checkStory() {
	s := v.h.c.cfg.Story
	if s == nil {
		return
	}
	id := stock.OrderID(v.h.orders[0].id)
	o := v.fate(id).last
	if o == nil {
		v.found.add("order %s: it is in no journal", id)
		return
	}
	var lines []string
	for _, l := range o.Lines {
		lines = append(lines, fmt.Sprintf("%s %d of %d %s in %s", l.Status, l.Picked, l.Quantity, l.SKU, l.Warehouse))
		v.checkOnHand(l)
	}
	if o.Status != s.Status || !slices.Equal(lines, s.Lines) {
		v.found.add("order %s: it is %s, its lines %q; expected %s, %q", id, o.Status, lines, s.Status, s.Lines)
	}
	if events := v.h.c.world.heardOf(string(id)); !slices.Equal(events, s.Events) {
		v.found.add("order %s: published were %q, expected %q", id, events, s.Events)
	}
}

// checkOnHand proves that just what was picked of a line has left.
func (v *view) checkOnHand(l reservation.Line) {
	level := v.level(place{l.Warehouse, l.SKU})
	if level.onHand != stocked-l.Picked || level.held != 0 {
		v.found.add("%s in %s: %d on hand, %d held; there were %d, and %d are picked", l.SKU, l.Warehouse, level.onHand, level.held, stocked, l.Picked)
	}
}

// heardOf lists what was published of an order, each event once. When its end was announced
// is no part of a story.
func (w *world) heardOf(orderID string) (events []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := map[ledger.UUID]bool{}
	for _, e := range w.heard {
		if e.Key() != orderID || e.Topic() == ports.ExpiringTopic || known[e.Header().ID] {
			continue
		}
		known[e.Header().ID] = true
		events = append(events, describe(e))
	}
	return events
}

func describe(e ports.PublicEvent) string {
	what, items := e.Topic(), []ports.PublicItem(nil)
	switch e := e.(type) {
	case ports.Reserved:
		items = e.Items
	case ports.Confirmed:
		items = e.Items
		if e.Late {
			what += " late"
		}
	case ports.Released:
		items, what = e.Items, what+" "+e.Reason
	}
	var parts []string
	for _, it := range items {
		parts = append(parts, fmt.Sprintf("%d %s in %s", it.Quantity, it.SKU, it.WarehouseID))
	}
	return what + " " + strings.Join(parts, ", ")
}

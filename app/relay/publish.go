package relay

import (
	"context"
	"fmt"
	"time"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// mostAtOnce bounds the events that the publisher gets at once.
const mostAtOnce = 2048

// Publish publishes the public events of entries, which come in the order of their
// versions. It may be called again with the same entries until it returns nil: events are
// the same each time, and it goes on where it failed. It does nothing while this process may
// have lost the ledger.
//
// After a failure the publisher gets half as many events, in the end one: so an event that
// can't be published does not bring those before it again and again, and a backlog that is
// too much for one call shrinks.
func (r *Relay) Publish(ctx context.Context, entries []*ledger.Entry) error {
	if r.to.Capture {
		return nil // who captures inventory.events publishes
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	if len(r.unpublished) == 0 {
		r.unpublished = PublicEvents(r.to.Ledger, r.to.Region, entries)
	}
	for len(r.unpublished) > 0 {
		if !r.to.Sure() {
			return fmt.Errorf("%w: the lease was not renewed lately, publishing waits", owner.ErrNotOwner)
		}
		n := min(r.atOnce, len(r.unpublished))
		if err := r.to.Publisher.Publish(ctx, r.unpublished[:n]); err != nil {
			r.atOnce = max(1, n/2)
			return err
		}
		r.unpublished = r.unpublished[n:]
		r.atOnce = min(2*r.atOnce, mostAtOnce)
	}
	return nil
}

// PublicEvents gives what entries of one ledger tell the world, in order: each event of an
// order, each adjustment, and for each entry the last level of each SKU, and which SKUs crossed
// their low mark. region is a stock ledger's warehouse's.
func PublicEvents(id ledger.ID, region stock.Region, entries []*ledger.Entry) []ports.PublicEvent {
	p := &publication{id: id, region: string(region)}
	for _, e := range entries {
		p.entry(e)
	}
	return p.events
}

func (p *publication) entry(e *ledger.Entry) {
	p.at, p.ordinal, p.levels = e.Stamp, 0, map[stock.SKU]int{}
	p.marks, p.crossings = nil, nil
	for _, c := range e.Changes {
		p.change(c)
	}
	p.thresholds()
}

type publication struct {
	id      ledger.ID
	region  string
	at      ledger.Stamp
	ordinal int // of the next event within the entry
	events  []ports.PublicEvent
	rows    []int             // of each event, the ordinal of the row that has it
	levels  map[stock.SKU]int // of the entry: index in events

	marks     map[stock.SKU]mark // that the entry set
	crossings []crossing         // of the entry
}

func (p *publication) change(c ledger.Change) {
	switch c := c.(type) {
	case stock.Moved:
		for _, l := range c.Lines {
			p.ordinal++ // it has a row of its own, and no public event
			p.level(l.SKU, l.After, c.Trace)
		}
	case stock.AdjustmentMade:
		p.adjusted(c)
		p.level(c.SKU, c.Level, c.Trace)
	case stock.Corrected:
		p.ordinal++ // as of a movement
		p.level(c.SKU, c.After, c.Trace)
	case stock.MarkSet:
		p.marked(c)
	case stock.Crossed:
		p.crossed(c)
	case reservation.Changed:
		p.ordered(c)
	case reservation.PickBuried:
		p.buried(c)
	}
}

// header numbers the next event.
func (p *publication) header(trace string) ports.EventHeader {
	h := ports.EventHeader{ID: EventID(p.id, p.at.Version, p.ordinal), OccurredAt: timeOf(p.at), Trace: trace}
	p.ordinal++
	return h
}

func (p *publication) adjusted(c stock.AdjustmentMade) {
	p.add(ports.Adjusted{
		EventHeader: p.header(c.Trace), SKU: string(c.SKU), WarehouseID: p.id.Scope(),
		AdjustmentType: string(c.Type), QtyDelta: c.Delta, OnHand: c.Level.OnHand(), Held: c.Level.Held(), Short: c.Level.Short(),
		Version: p.at.Version, Actor: c.Actor, Reason: c.Reason, Reference: c.Reference,
	})
}

// level publishes a level once for an entry, as it is at its end.
func (p *publication) level(sku stock.SKU, l stock.Level, trace string) {
	e := LevelEvent(p.id, p.region, p.at, sku, l)
	e.Trace = trace
	if i, ok := p.levels[sku]; ok {
		p.events[i], p.rows[i] = e, p.ordinal-1
		return
	}
	p.levels[sku] = len(p.events)
	p.add(e)
}

// add adds an event of the row that was numbered last.
func (p *publication) add(e ports.PublicEvent) {
	p.events, p.rows = append(p.events, e), append(p.rows, p.ordinal-1)
}

// LevelEvent is the level of a SKU as it is published after the entry at, which changed it:
// the same whenever it is made, but for the trace.
func LevelEvent(id ledger.ID, region string, at ledger.Stamp, sku stock.SKU, l stock.Level) ports.StockLevel {
	return ports.StockLevel{
		EventHeader: ports.EventHeader{ID: levelID(id, at.Version, sku), OccurredAt: timeOf(at)},
		SKU:         string(sku), WarehouseID: id.Scope(), Region: region,
		OnHand: l.OnHand(), Held: l.Held(), Available: l.Available(), Version: at.Version,
	}
}

// levelID is the id of the level of a SKU after an entry.
func levelID(id ledger.ID, version int64, sku stock.SKU) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("%s:%d:%s", id, version, sku))
}

func (p *publication) ordered(c reservation.Changed) {
	if c.Event == reservation.NoEvent {
		return
	}
	o := c.Order
	h, id, order := p.header(o.Origin.Trace), reservation.IDOf(o.ID), string(o.ID)
	var e ports.PublicEvent
	switch c.Event {
	case reservation.ReservedEvent:
		e = ports.Reserved{EventHeader: h, ReservationID: id, OrderID: order, Items: itemsOf(c), TTLExpire: time.UnixMilli(o.ExpiresAt).UTC()}
	case reservation.RejectedEvent:
		e = ports.Rejected{EventHeader: h, OrderID: order, Reason: o.Reason, Detail: o.Detail, Items: shortagesOf(o)}
	case reservation.ConfirmedEvent:
		e = ports.Confirmed{EventHeader: h, ReservationID: id, OrderID: order, Items: itemsOf(c), Late: o.Late}
	case reservation.ReleasedEvent:
		e = ports.Released{EventHeader: h, ReservationID: id, OrderID: order, Reason: c.Reason(), Items: itemsOf(c)}
	case reservation.ExpiringEvent:
		e = ports.Expiring{EventHeader: h, ReservationID: id, OrderID: order, TTLExpire: time.UnixMilli(o.ExpiresAt).UTC()}
	case reservation.NoEvent:
	}
	p.add(e)
}

// buried brings a parked pick to the dead letters.
func (p *publication) buried(c reservation.PickBuried) {
	p.add(ports.DeadLetter{
		EventHeader: p.header(""), OrderID: string(c.Order), Letter: c.Letter, Code: c.Code, Detail: c.Detail, Since: time.UnixMilli(c.ParkedAt).UTC(),
	})
}

func itemsOf(c reservation.Changed) []ports.PublicItem {
	about := c.Items()
	items := make([]ports.PublicItem, 0, len(about))
	for _, it := range about {
		items = append(items, ports.PublicItem{SKU: string(it.SKU), WarehouseID: string(it.Warehouse), Quantity: it.Quantity})
	}
	return items
}

// shortagesOf says what there was too little of; only an order that was refused for that
// has any.
func shortagesOf(o *reservation.Order) []ports.RejectedItem {
	items := []ports.RejectedItem{}
	if o.Reason != reservation.InsufficientStock {
		return items
	}
	for _, s := range o.Shortages {
		items = append(items, ports.RejectedItem{SKU: string(s.SKU), Requested: s.Requested, Available: s.Available})
	}
	return items
}

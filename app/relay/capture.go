package relay

import (
	"context"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// NoPart is the SKU, or the warehouse, in inventory.events of what has none. No name begins
// with a dash.
const NoPart = "-"

// mostInBatch is about how many rows of inventory.events one row of the outbox stands for:
// whoever publishes from there has them in memory.
const mostInBatch = 2048

// batch is a row of the outbox, and how many rows it stands for.
type batch struct {
	ports.OutboxRow
	rows int
}

// capturedTo is how far a relay is that leaves publishing to capture.
type capturedTo struct {
	began bool
	after int64 // version of the newest entry with anything to be published, or before the first one
}

// begin prepares the capture of entries. Nothing changes before tell.
func (c *capturedTo) begin(entries []*ledger.Entry, region string) *capture {
	made := &capture{region: region, after: c.after}
	if !c.began && len(entries) > 0 {
		made.after = entries[0].Version - 1
	}
	return made
}

func (b *batch) part(p ports.OutboxPart) {
	if at, found := slices.BinarySearchFunc(b.Parts, p, comparePart); !found {
		b.Parts = slices.Insert(b.Parts, at, p)
	}
}

// tell tells what was appended, once it has been.
func (r *Relay) tell(ctx context.Context, made *capture) error {
	if rows := joined(made.batches); len(rows) > 0 {
		if err := r.to.Tables.Write(ctx, ports.Rows{Outbox: rows}); err != nil {
			return err
		}
	}
	r.captured = capturedTo{began: true, after: made.after}
	return nil
}

// joined makes one row of batches that are small together.
func joined(batches []batch) (rows []ports.OutboxRow) {
	for len(batches) > 0 {
		one := batches[0]
		for batches = batches[1:]; len(batches) > 0 && one.rows+batches[0].rows <= mostInBatch; batches = batches[1:] {
			next := batches[0]
			one.Last, one.Until, one.rows = next.Last, next.Until, one.rows+next.rows
			for _, p := range next.Parts {
				one.part(p)
			}
		}
		rows = append(rows, one.OutboxRow)
	}
	return rows
}

// settle has all published that was left to capture before this tenure.
func (r *Relay) settle(ctx context.Context) error {
	if r.settled || r.to.Settle == nil {
		return nil
	}
	err := r.to.Settle(ctx)
	r.settled = err == nil
	return err
}

// capture gives each row of some entries what is to be published of it. A nil one gives
// nothing.
type capture struct {
	region  string
	after   int64 // as of capturedTo
	before  int64 // the same, before the entry
	at      ledger.Stamp
	rows    map[int][]ports.PublicEvent // of the entry, by ordinal
	batches []batch
}

// entry prepares the rows of the next entry.
func (c *capture) entry(id ledger.ID, e *ledger.Entry) {
	if c == nil {
		return
	}
	p := &publication{id: id, region: c.region}
	p.entry(e)
	c.at, c.before, c.rows = e.Stamp, c.after, map[int][]ports.PublicEvent{}
	for i, event := range p.events {
		c.rows[p.rows[i]] = append(c.rows[p.rows[i]], event)
	}
	if len(c.rows) == 0 {
		return
	}
	c.batches = append(c.batches, batch{ports.OutboxRow{
		Ledger: id, First: c.after + 1, Last: e.Version, Since: timeOf(e.Stamp), Until: timeOf(e.Stamp),
	}, len(c.rows)})
	c.after = e.Version
}

// of gives what is to be published of the row with an ordinal; nil where there is nothing.
func (c *capture) of(sku, warehouse string, ordinal int) *public {
	if c == nil || len(c.rows[ordinal]) == 0 {
		return nil
	}
	c.batches[len(c.batches)-1].part(ports.OutboxPart{SKU: sku, WarehouseID: warehouse})
	told := &public{After: c.before, Of: len(c.rows)}
	for _, e := range c.rows[ordinal] {
		told.Events = append(told.Events, textOf(e))
	}
	return told
}

// next is the event of the next row, where that is of an order.
func (c *capture) next(ordinal int) ports.PublicEvent {
	if c == nil || len(c.rows[ordinal]) == 0 {
		return nil
	}
	return c.rows[ordinal][0]
}

// told adds a row of an order's event, which changes no stock.
func (d *derivation) told(c reservation.Changed) error {
	if c.Event == reservation.NoEvent || d.capture == nil {
		return nil
	}
	sku, warehouse := NoPart, NoPart
	if len(c.Order.Lines) > 0 {
		sku, warehouse = nameOr(c.Order.Lines[0].SKU), nameOr(c.Order.Lines[0].Warehouse)
	}
	m := metadata{OrderID: string(c.Order.ID), ReservationID: reservation.IDOf(c.Order.ID).String(), Reason: c.Reason(), Late: c.Order.Late, Trace: c.Order.Origin.Trace}
	return d.row(ports.EventRow{SKU: sku, WarehouseID: warehouse, EventType: d.capture.next(d.ordinal).Topic(), Source: c.Order.Origin.Source}, m)
}

// buried adds a row of a pick that goes to the dead letters.
func (d *derivation) buried() error {
	if d.capture == nil {
		return nil
	}
	letter := d.capture.next(d.ordinal)
	return d.row(ports.EventRow{SKU: NoPart, WarehouseID: NoPart, EventType: letter.Topic(), Source: ports.FulfilmentPickedTopic}, metadata{OrderID: letter.Key()})
}

func nameOr[T stock.SKU | stock.WarehouseID](name T) string {
	if name == "" {
		return NoPart
	}
	return string(name)
}

package relay

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Relay publishes what follows from one ledger's entries and writes it to the tables. What
// a SKU's partition takes, its events and its level, is held back until Flush: so only the
// last level of a week is written, and the events come many at once. Events that are left to
// capture are not held back. Publish may run beside Write and Flush.
type Relay struct {
	to To

	settled     bool                // what capture was to publish is published
	unpublished []ports.PublicEvent // of the entries of Publish
	atOnce      int                 // events that the publisher gets next

	captured capturedTo

	events []ports.EventRow // held back, as levels are
	levels map[heldLevel]ports.LevelRow
}

type heldLevel struct{ sku, week string }

// To says where a ledger's relay goes.
type To struct {
	Ledger    ledger.ID
	Tables    ports.Tables
	Publisher ports.Publisher
	Region    stock.Region // of a stock ledger's warehouse
	Sure      func() bool  // this process still owns the ledger
	Spaced    func() bool  // rows are to leave room for what callers wait for
	Clock     ports.Clock
	// Capture leaves publishing to who captures inventory.events: each row has what is to be
	// published of it, and an event of an order has a row.
	Capture bool
	// Settle, where set, publishes what an earlier owner left to capture, and returns when it
	// is published: what is published directly comes after it.
	Settle func(context.Context) error
}

// New returns a relay of a ledger.
func New(to To) *Relay {
	return &Relay{to: to, atOnce: mostAtOnce, levels: map[heldLevel]ports.LevelRow{}}
}

// Write writes the rows of entries, which come in the order of their versions, but for
// what is held back. It may be called again with the same entries until it returns nil:
// rows are the same each time.
func (r *Relay) Write(ctx context.Context, entries []*ledger.Entry) error {
	d := derivationOf(r.to.Ledger)
	if r.to.Capture {
		d.capture = r.captured.begin(entries, string(r.to.Region))
	}
	rows, err := d.derive(entries)
	if err != nil {
		return err
	}
	now := ports.Rows{Reservations: rows.Reservations, Adjustments: rows.Adjustments}
	if d.capture != nil { // they are waited for
		now.Events, rows.Events = rows.Events, nil
		bySKU(now.Events, nil)
	}
	if now.Len() > 0 {
		if err := r.write(ctx, now); err != nil {
			return err
		}
	}
	if d.capture != nil {
		if err := r.tell(ctx, d.capture); err != nil {
			return err
		}
	}
	r.events = append(r.events, rows.Events...)
	for _, l := range rows.Levels {
		r.levels[heldLevel{l.SKU, l.ISOWeek}] = l
	}
	return nil
}

// Flush writes what was held back.
func (r *Relay) Flush(ctx context.Context) error {
	held := ports.Rows{Events: r.events, Levels: slices.Collect(maps.Values(r.levels))}
	if held.Len() == 0 {
		return nil
	}
	bySKU(held.Events, held.Levels)
	if err := r.write(ctx, held); err != nil {
		return err
	}
	r.events = nil
	clear(r.levels)
	return nil
}

// Derive gives the rows of entries of one ledger: every event, and the last state of each
// stock level (by week), order and adjustment.
func Derive(id ledger.ID, entries []*ledger.Entry) (ports.Rows, error) {
	return derivationOf(id).derive(entries)
}

func derivationOf(id ledger.ID) *derivation {
	return &derivation{id: id, levels: map[levelKey]int{}, reservations: map[stock.OrderID]int{}}
}

func (d *derivation) derive(entries []*ledger.Entry) (ports.Rows, error) {
	for _, e := range entries {
		d.at, d.ordinal = e.Stamp, 0
		d.capture.entry(d.id, e)
		for _, c := range e.Changes {
			if err := d.change(c); err != nil {
				return ports.Rows{}, fmt.Errorf("%s entry %d: %w", d.id, e.Version, err)
			}
		}
	}
	return d.rows, nil
}

type levelKey struct {
	sku  stock.SKU
	week int64
}

type derivation struct {
	id           ledger.ID
	at           ledger.Stamp
	ordinal      int // of the next event within the entry
	rows         ports.Rows
	capture      *capture         // nil: the relay publishes
	levels       map[levelKey]int // index in rows.Levels
	reservations map[stock.OrderID]int
}

func (d *derivation) change(c ledger.Change) error {
	switch c := c.(type) {
	case stock.Moved:
		return d.moved(c)
	case stock.AdjustmentMade:
		return d.adjusted(c)
	case stock.Corrected:
		return d.corrected(c)
	case stock.MarkSet:
		return d.marked(c)
	case stock.Crossed:
		return d.crossed(c)
	case reservation.Changed:
		if err := d.told(c); err != nil {
			return err
		}
		return d.ordered(c)
	case reservation.PickBuried:
		return d.buried()
	}
	return nil
}

func (d *derivation) moved(c stock.Moved) error {
	reservationID := reservation.IDOf(c.Order).String()
	for _, l := range c.Lines {
		m := metadata{OrderID: string(c.Order), ReservationID: reservationID, Reason: c.Reason, Late: c.Late, Trace: c.Trace}
		if err := d.event(c.Movement.String(), l, c.Source, m); err != nil {
			return err
		}
	}
	return nil
}

func (d *derivation) adjusted(c stock.AdjustmentMade) error {
	m := metadata{Type: string(c.Type), Actor: c.Actor, Reason: c.Reason, Reference: c.Reference, Trace: c.Trace}
	line := stock.Line{SKU: c.SKU, Quantity: c.Delta, After: c.Level}
	if err := d.event(stock.Adjusted.String(), line, c.Source, m); err != nil || c.Key == "" {
		return err
	}
	w := &ledger.Writer{}
	c.Adjustment.Encode(w)
	d.rows.Adjustments = append(d.rows.Adjustments, ports.AdjustmentRow{
		ID: c.ID, Ledger: d.id, Actor: c.Actor, Key: c.Key, At: d.time(), Body: w.Bytes(),
	})
	return nil
}

// event adds the row of a change of a level, and the level after it.
func (d *derivation) event(kind string, l stock.Line, source string, m metadata) error {
	m.Seq, m.OnHand, m.Held = l.After.Seq(), l.After.OnHand(), l.After.Held()
	row := ports.EventRow{SKU: string(l.SKU), WarehouseID: d.id.Scope(), EventType: kind, Quantity: l.Quantity, Source: source}
	if err := d.row(row, m); err != nil {
		return err
	}
	d.level(l)
	return nil
}

// row adds the row of the next event.
func (d *derivation) row(r ports.EventRow, m metadata) error {
	m.V, m.Ledger, m.Version, m.Ordinal = 1, d.id, d.at.Version, d.ordinal
	m.Public = d.capture.of(r.SKU, r.WarehouseID, d.ordinal)
	text, err := m.json()
	if err != nil {
		return err
	}
	r.EventID, r.OccurredAt, r.Metadata = EventID(d.id, d.at.Version, d.ordinal), d.time(), text
	d.rows.Events = append(d.rows.Events, r)
	d.ordinal++
	return nil
}

func (d *derivation) level(l stock.Line) {
	w := l.After.Week()
	row := ports.LevelRow{
		SKU: string(l.SKU), WarehouseID: d.id.Scope(), ISOWeek: w.String(),
		Opening: w.Opening, Received: w.Received, Adjusted: w.Adjusted, Picked: w.Picked,
		OnHand: l.After.OnHand(), Held: l.After.Held(), Version: d.at.Version, At: d.time(),
	}
	key := levelKey{l.SKU, w.ISO}
	if i, ok := d.levels[key]; ok {
		d.rows.Levels[i] = row
		return
	}
	d.levels[key] = len(d.rows.Levels)
	d.rows.Levels = append(d.rows.Levels, row)
}

// ordered adds the order's row; a plan has none.
func (d *derivation) ordered(c reservation.Changed) error {
	if c.Gone || c.Order.Status == reservation.Planned {
		return nil
	}
	row, err := ReservationRow(c.Order, d.at)
	if err != nil {
		return err
	}
	if i, ok := d.reservations[c.Order.ID]; ok {
		d.rows.Reservations[i] = row
		return nil
	}
	d.reservations[c.Order.ID] = len(d.rows.Reservations)
	d.rows.Reservations = append(d.rows.Reservations, row)
	return nil
}

func (d *derivation) time() time.Time { return timeOf(d.at) }

func timeOf(at ledger.Stamp) time.Time { return time.UnixMilli(at.At).UTC() }

// EventID is the id of the nth event (ordinal, from 0) of an entry: the same whenever it
// is derived.
func EventID(id ledger.ID, version int64, ordinal int) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("%s:%d:%d", id, version, ordinal))
}

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
// last level of a week is written, and the events come many at once. Publish may run beside
// Write and Flush.
type Relay struct {
	to To

	unpublished []ports.PublicEvent // of the entries of Publish
	atOnce      int                 // events that the publisher gets next

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
}

// New returns a relay of a ledger.
func New(to To) *Relay {
	return &Relay{to: to, atOnce: mostAtOnce, levels: map[heldLevel]ports.LevelRow{}}
}

// Write writes the rows of entries, which come in the order of their versions, but for
// what is held back. It may be called again with the same entries until it returns nil:
// rows are the same each time.
func (r *Relay) Write(ctx context.Context, entries []*ledger.Entry) error {
	rows, err := Derive(r.to.Ledger, entries)
	if err != nil {
		return err
	}
	if now := (ports.Rows{Reservations: rows.Reservations, Adjustments: rows.Adjustments}); now.Len() > 0 {
		if err := r.write(ctx, now); err != nil {
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
	d := &derivation{id: id, levels: map[levelKey]int{}, reservations: map[stock.OrderID]int{}}
	for _, e := range entries {
		d.at, d.ordinal = e.Stamp, 0
		for _, c := range e.Changes {
			if err := d.change(c); err != nil {
				return ports.Rows{}, fmt.Errorf("%s entry %d: %w", id, e.Version, err)
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
	case reservation.Changed:
		return d.ordered(c)
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
	m.V, m.Ledger, m.Version, m.Ordinal = 1, d.id, d.at.Version, d.ordinal
	m.Seq, m.OnHand, m.Held = l.After.Seq(), l.After.OnHand(), l.After.Held()
	text, err := m.json()
	if err != nil {
		return err
	}
	d.rows.Events = append(d.rows.Events, ports.EventRow{
		EventID: EventID(d.id, d.at.Version, d.ordinal), SKU: string(l.SKU), WarehouseID: d.id.Scope(),
		EventType: kind, Quantity: l.Quantity, Source: source, OccurredAt: d.time(), Metadata: text,
	})
	d.ordinal++
	d.level(l)
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

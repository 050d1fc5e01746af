package app

import (
	"cmp"
	"fmt"
	"time"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// Corrected is the event type of a labelled repair: metadata says what stock is after it.
const Corrected = "CORRECTED"

// What a line says of an order rather than of stock.
const (
	OrderPlanned = "ORDER_PLANNED" // taken, and stock asked for
	OrderHeld    = "ORDER_HELD"
	OrderPrefix  = "ORDER_" // and the status that the order ended with
)

// Units is how much there is of a SKU in a warehouse.
type Units struct{ OnHand, Held int64 }

// StoryLine is one thing that happened: a change of stock, or (What begins with
// OrderPrefix) a step of an order's life, which has no SKU and no Units.
type StoryLine struct {
	At             time.Time
	What           string // for stock the event type of inventory.events
	SKU            string
	WarehouseID    string
	Quantity       int64 // as in inventory.events
	Before, After  Units
	AdjustmentType string
	Late           bool   // picked after the hold had ended
	Threshold      string // LOW, OUT or BACK: the change made the SKU cross its low mark
	Actor          string
	Source         string // the topic, or the name of the API
	OrderID        string
	ReservationID  string
	Reason         string
	Reference      string
	Trace          string // W3C traceparent
	Ledger         ledger.ID
	Version        int64 // of the entry
	Ordinal        int   // within the entry
	Seq            int64 // of the level's changes, without gap
	Note           string
}

// lineOf reads a row of inventory.events; ok is false for one that changes no stock.
func lineOf(r ports.EventRow) (l StoryLine, ok bool, err error) {
	m, err := relay.ReadMetadata(r)
	if err != nil || m.Seq == 0 {
		return l, false, err
	}
	return StoryLine{
		At: r.OccurredAt, What: r.EventType, SKU: r.SKU, WarehouseID: r.WarehouseID, Quantity: r.Quantity,
		After: Units{m.OnHand, m.Held}, AdjustmentType: m.Type, Late: m.Late, Threshold: m.Threshold, Actor: m.Actor, Source: r.Source,
		OrderID: m.OrderID, ReservationID: m.ReservationID, Reason: m.Reason, Reference: m.Reference, Trace: m.Trace,
		Ledger: m.Ledger, Version: m.Version, Ordinal: m.Ordinal, Seq: m.Seq,
	}, true, nil
}

// effect is what a change does to both numbers; known is false for a correction, whose
// metadata alone says it.
func (l *StoryLine) effect() (u Units, known bool) {
	switch q := l.Quantity; l.What {
	case stock.Held.String():
		return Units{Held: q}, true
	case stock.Released.String():
		return Units{Held: -q}, true
	case stock.Confirmed.String():
		return Units{OnHand: -q, Held: -q}, true
	case stock.Adjusted.String():
		return Units{OnHand: q}, true
	}
	return Units{}, false
}

// follow says what was before the change: what was after the one before it.
func (l *StoryLine) follow(last StoryLine) {
	if l.Seq != last.Seq+1 {
		l.orphan(l.Seq - last.Seq - 1)
		return
	}
	l.Before = last.After
	did, known := l.effect()
	if sum := (Units{l.Before.OnHand + did.OnHand, l.Before.Held + did.Held}); known && sum != l.After {
		l.Note = fmt.Sprintf("does not add up: on_hand %d, held %d follow", sum.OnHand, sum.Held)
	}
}

// orphan says what was before a change by what it did, since rows are missing before it.
func (l *StoryLine) orphan(missing int64) {
	did, _ := l.effect()
	l.Before = Units{l.After.OnHand - did.OnHand, l.After.Held - did.Held}
	l.Note = fmt.Sprintf("%d changes before this one are not in inventory.events", missing)
}

// changeOfHeld is by how much the line changed what is held.
func (l *StoryLine) changeOfHeld() int64 { return l.After.Held - l.Before.Held }

// compareLines orders changes of stock in time, and those of one time as their ledger does.
func compareLines(a, b StoryLine) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ledger, b.Ledger), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Ordinal, b.Ordinal))
}

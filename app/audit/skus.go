package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inventory/app/relay"
	"inventory/domain/stock"
	"inventory/ports"
)

// sums is what the rows of a SKU in inventory.events add up to, up to a time.
type sums struct {
	upto   int64 // Unix milliseconds: rows up to here are in
	rows   int64
	onHand int64
	held   int64
	odd    string // what a row has that no row can have
}

// add adds a row.
func (s *sums) add(e ports.EventRow) {
	switch e.EventType {
	case stock.Held.String():
		s.held += e.Quantity
	case stock.Released.String():
		s.held -= e.Quantity
	case stock.Confirmed.String():
		s.held, s.onHand = s.held-e.Quantity, s.onHand-e.Quantity
	case stock.Adjusted.String():
		s.onHand += e.Quantity
	case relay.CorrectedEvent:
		s.correct(e)
	case relay.MarkedEvent:
		return // it changes nothing
	default:
		if slices.Contains(ports.PublicEventTopics(), e.EventType) {
			return // an order's event, which changes nothing
		}
		s.odd = fmt.Sprintf(" (a row of unknown type %.40q: %s)", e.EventType, e.EventID)
	}
	s.rows++
}

func (s *sums) correct(e ports.EventRow) {
	c, err := relay.CorrectionOf(e.Metadata)
	if err != nil {
		s.odd = fmt.Sprintf(" (row %s: %v)", e.EventID, err)
		return
	}
	s.rows, s.onHand, s.held = s.rows+c.Rows, s.onHand+c.OnHand, s.held+c.Held
}

// sumUp reads the rows of a SKU up to the follower's time: all of them, or those that came
// since the last time.
func (w World) sumUp(ctx context.Context, f *follower, sku stock.SKU, all bool) (s *sums, rows int, err error) {
	last := f.sums[sku]
	if last == nil || all {
		last = &sums{upto: -1}
	}
	now := *last
	if now.upto >= f.at.At {
		return &now, 0, nil
	}
	after := time.Time{}
	if now.upto >= 0 {
		after = time.UnixMilli(now.upto)
	}
	err = w.Books.EventsBetween(ctx, string(sku), f.id.Scope(), after, time.UnixMilli(f.at.At), func(e ports.EventRow) error {
		rows++
		now.add(e)
		return nil
	})
	now.upto = f.at.At
	return &now, rows, err
}

// skuLook is what was seen of a SKU.
type skuLook struct {
	found []Difference
	sums  *sums // nil: they are as they were
	rows  int   // that were read
}

// sku compares a SKU's level with what is in the tables, which have all up to the follower's
// entry.
func (w World) sku(ctx context.Context, f *follower, sku stock.SKU, all bool) (seen skuLook, err error) {
	l, ok := f.stock().Level(sku)
	if !ok {
		return seen, nil
	}
	s, rows, err := w.sumUp(ctx, f, sku, all)
	seen.rows = rows
	if err != nil {
		return seen, fmt.Errorf("events of sku %s in %s: %w", sku, f.id, err)
	}
	seen.sums = s
	d := aboutSKU(f, ports.DifferentEvents, sku)
	d.number(Rows, "changes in inventory.events", l.Seq(), s.rows, s.odd)
	d.number(OnHand, "on_hand from inventory.events", l.OnHand(), s.onHand, s.odd)
	d.number(Held, "held from inventory.events", l.Held(), s.held, s.odd)
	row, err := w.levelRow(ctx, f, sku, l)
	seen.found = slices.Concat(d.list, row)
	return seen, err
}

func (w World) levelRow(ctx context.Context, f *follower, sku stock.SKU, l stock.Level) ([]Difference, error) {
	rows, err := w.Books.Levels(ctx, string(sku), f.id.Scope(), 1)
	if err != nil {
		return nil, fmt.Errorf("level of sku %s in %s: %w", sku, f.id, err)
	}
	d := aboutSKU(f, ports.DifferentLevelRow, sku)
	switch {
	case len(rows) == 0:
		d.text("row in inventory.stock_level", "one", "none")
	case rows[0].Version <= f.at.Version:
		d.text("inventory.stock_level", textOf(rowOf(l)), textOf(rows[0]))
	default:
		newest, err := w.newest(ctx, f.id)
		if err != nil {
			return nil, err
		}
		if rows[0].Version > newest {
			d.text("inventory.stock_level", fmt.Sprintf("no entry after %d", newest), textOf(rows[0]))
		}
	}
	return d.list, nil
}

// rowOf is the row of the week of a level's last change.
func rowOf(l stock.Level) ports.LevelRow {
	w := l.Week()
	return ports.LevelRow{
		ISOWeek: w.String(), Opening: w.Opening, Received: w.Received, Adjusted: w.Adjusted, Picked: w.Picked,
		OnHand: l.OnHand(), Held: l.Held(), Version: l.Version(),
	}
}

func textOf(r ports.LevelRow) string {
	return fmt.Sprintf("on_hand %d, held %d, version %d, week %s (opening %d, received %d, adjusted %d, picked %d)",
		r.OnHand, r.Held, r.Version, r.ISOWeek, r.Opening, r.Received, r.Adjusted, r.Picked)
}

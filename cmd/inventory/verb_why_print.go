package main

import (
	"fmt"
	"io"
	"strings"

	"inventory/domain/reservation"
	"inventory/domain/stock"
)

func (w whyAnswer) text(out io.Writer) {
	if w.Stock != nil && w.Order != nil {
		fmt.Fprintf(out, "%s is a SKU and an order: --as sku or --as order shows one of them\n\n", w.Subject)
	}
	if w.Stock != nil {
		w.Stock.text(out)
	}
	if w.Moment != nil {
		w.Moment.text(out)
	}
	if w.Stock != nil && w.Order != nil {
		fmt.Fprintln(out)
	}
	if w.Order != nil {
		w.Order.text(out)
	}
}

func (s *stockStory) text(out io.Writer) {
	fmt.Fprintf(out, "sku %s\n", s.SKU)
	printLeftOut(out, s.LeftOut)
	printLines(out, s.Lines)
}

func printLeftOut(out io.Writer, n int64) {
	if n > 0 {
		fmt.Fprintf(out, "  %d older changes are left out: --limit shows more\n", n)
	}
}

func (s *orderStory) text(out io.Writer) {
	fmt.Fprintf(out, "order %s: %s", s.OrderID, s.Status)
	if s.Reason != "" {
		fmt.Fprintf(out, " (%s)", s.Reason)
	}
	if s.Late {
		fmt.Fprint(out, ", picked late")
	}
	if s.LatePick {
		fmt.Fprint(out, ", a late pick is under way")
	}
	fmt.Fprintf(out, "   reservation %s\n", s.ReservationID)
	table := newTable(out, "  SKU\tQUANTITY\tWAREHOUSE\tSTATUS")
	for _, i := range s.Items {
		fmt.Fprintf(table, "  %s\t%d\t%s\t%s\n", i.SKU, i.Quantity, i.WarehouseID, i.Status)
	}
	_ = table.Flush()
	fmt.Fprintln(out)
	printLeftOut(out, s.LeftOut)
	printLines(out, s.Lines)
}

func printLines(out io.Writer, lines []storyLine) {
	table := newTable(out, "  TIME\tWAREHOUSE\tSKU\tWHAT\tUNITS\tON HAND\tHELD\tWHO\tWHY")
	for i := range lines {
		l := &lines[i]
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			l.At, l.WarehouseID, l.SKU, l.what(), l.units(), l.step(onHand), l.step(held), l.who(), l.why())
	}
	_ = table.Flush()
}

func (l *storyLine) what() string {
	what := strings.TrimSpace(l.What + " " + l.AdjustmentType)
	if l.Late {
		what += ", late"
	}
	if l.Threshold != "" {
		what += ", now " + l.Threshold
	}
	return what
}

// units are signed where they change what is on hand.
func (l *storyLine) units() string {
	switch {
	case l.SKU == "":
		return ""
	case l.What == stock.Held.String() || l.What == stock.Released.String() || l.What == stock.Confirmed.String():
		return fmt.Sprint(l.Quantity)
	}
	return fmt.Sprintf("%+d", l.Quantity)
}

func onHand(u *unitsTold) int64 { return u.OnHand }
func held(u *unitsTold) int64   { return u.Held }

// step shows a number before and after, or once where it stays.
func (l *storyLine) step(of func(*unitsTold) int64) string {
	switch {
	case l.Before == nil || l.After == nil:
		return ""
	case of(l.Before) == of(l.After):
		return fmt.Sprint(of(l.After))
	}
	return fmt.Sprintf("%d → %d", of(l.Before), of(l.After))
}

// who is the actor, else the order, and where it came from, unless nobody asked for it: what
// is recorded then is where the order came from.
func (l *storyLine) who() string {
	who := l.Actor
	if who == "" && l.OrderID != "" {
		who = "order " + l.OrderID
	}
	if l.Source != "" && l.Reason != reservation.TTLExpired {
		who = strings.TrimSpace(who + " by " + l.Source)
	}
	return who
}

func (l *storyLine) why() string {
	var parts []string
	for _, part := range []string{l.Reason, l.Reference, traceID(l.Trace), l.Note} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// traceID is what a trace is found by: the second part of a traceparent.
func traceID(trace string) string {
	if parts := strings.Split(trace, "-"); len(parts) == 4 {
		return "trace " + parts[1]
	}
	return trace
}

func (m *stockMoment) text(out io.Writer) {
	fmt.Fprintf(out, "sku %s at %s: %d on hand, %d held\n", m.SKU, m.At, m.OnHand, m.Held)
	if len(m.Warehouses) == 0 {
		fmt.Fprintln(out, "  its first change came later")
		return
	}
	table := newTable(out, "  WAREHOUSE\tON HAND\tHELD\tAVAILABLE\tSHORT\tLAST CHANGE\tWHAT\tWHO")
	for i := range m.Warehouses {
		w := &m.Warehouses[i]
		fmt.Fprintf(table, "  %s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", w.WarehouseID, w.OnHand, w.Held, w.Available, w.Short, w.Last.At, w.Last.what(), w.Last.who())
	}
	_ = table.Flush()
	for i := range m.Warehouses {
		m.Warehouses[i].printHolds(out)
	}
}

func (w *warehouseMoment) printHolds(out io.Writer) {
	if w.Held == 0 && w.Unexplained == 0 {
		return
	}
	fmt.Fprintf(out, "held in %s:\n", w.WarehouseID)
	if w.HoldsBefore > 0 {
		fmt.Fprintf(out, "  %d units for longer than those below: --limit shows more\n", w.HoldsBefore)
	}
	table := newTable(out, "  SINCE\tUNITS\tORDER\tRESERVATION")
	for _, h := range w.Holds {
		fmt.Fprintf(table, "  %s\t%d\t%s\t%s\n", h.Since, h.Quantity, h.OrderID, h.ReservationID)
	}
	_ = table.Flush()
	if w.Unexplained != 0 {
		fmt.Fprintf(out, "  %d units that no hold explains: `inventory reconcile` says what is missing\n", w.Unexplained)
	}
}

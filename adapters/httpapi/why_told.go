package httpapi

import (
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

func newWhy(w app.Why) whyAnswer {
	told := whyAnswer{Subject: w.Subject}
	if w.Stock != nil {
		told.Stock = &stockStory{string(w.Stock.SKU), w.Stock.LeftOut, newStoryLines(w.Stock.Lines)}
	}
	if w.Moment != nil {
		told.Moment = newStockMoment(w.Moment)
	}
	if w.Order != nil {
		told.Order = newOrderStory(w.Order)
	}
	return told
}

func newOrderStory(s *app.OrderStory) *orderStory {
	told := &orderStory{
		ReservationID: reservation.IDOf(s.ID).String(), OrderID: string(s.ID), Region: string(s.Region), Status: s.Status.String(),
		Reason: s.Reason, Detail: s.Detail, Late: s.Late, LatePick: s.LatePick, TTLSeconds: (time.Duration(s.TTL) * time.Millisecond).Seconds(),
		PlannedAt: instant(time.UnixMilli(s.PlannedAt)), HeldAt: instantOf(s.HeldAt), Items: newOrder(s.Order).Items,
		LeftOut: s.LeftOut, Lines: newStoryLines(s.Lines),
	}
	if s.HeldAt > 0 {
		told.ExpiresAt = instantOf(s.ExpiresAt)
	}
	if !s.ChangedAt.IsZero() {
		told.ChangedAt = instant(s.ChangedAt)
	}
	return told
}

// instantOf writes Unix milliseconds; empty for none.
func instantOf(ms int64) string {
	if ms == 0 {
		return ""
	}
	return instant(time.UnixMilli(ms))
}

func newStoryLines(lines []app.StoryLine) []storyLine {
	told := make([]storyLine, 0, len(lines))
	for i := range lines {
		told = append(told, newStoryLine(&lines[i]))
	}
	return told
}

func newStoryLine(l *app.StoryLine) storyLine {
	told := storyLine{
		At: instant(l.At), What: l.What, SKU: l.SKU, WarehouseID: l.WarehouseID, Quantity: l.Quantity,
		AdjustmentType: l.AdjustmentType, Late: l.Late, Threshold: l.Threshold, Actor: l.Actor, Source: l.Source, OrderID: l.OrderID,
		ReservationID: l.ReservationID, Reason: l.Reason, Reference: l.Reference, Trace: l.Trace,
		Ledger: string(l.Ledger), Version: l.Version, Ordinal: l.Ordinal, Seq: l.Seq, Note: l.Note,
	}
	if l.SKU != "" {
		told.Before, told.After = &unitsTold{l.Before.OnHand, l.Before.Held}, &unitsTold{l.After.OnHand, l.After.Held}
	}
	return told
}

func newStockMoment(m *app.Moment) *stockMoment {
	told := &stockMoment{SKU: string(m.SKU), At: instant(m.At), OnHand: m.OnHand, Held: m.Held, Warehouses: make([]warehouseMoment, 0, len(m.Warehouses))}
	for i := range m.Warehouses {
		told.Warehouses = append(told.Warehouses, newWarehouseMoment(&m.Warehouses[i]))
	}
	return told
}

func newWarehouseMoment(w *app.WarehouseMoment) warehouseMoment {
	told := warehouseMoment{
		WarehouseID: string(w.WarehouseID), OnHand: w.OnHand, Held: w.Held, Available: max(0, w.OnHand-w.Held), Short: max(0, w.Held-w.OnHand),
		Last: newStoryLine(&w.Last), Holds: make([]pastHold, 0, len(w.Holds)), HoldsBefore: w.HoldsBefore, Unexplained: w.Unexplained,
	}
	for _, h := range w.Holds {
		told.Holds = append(told.Holds, pastHold{h.OrderID, h.ReservationID, h.Quantity, instant(h.Since)})
	}
	return told
}

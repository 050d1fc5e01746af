package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// OrderStory is an order as it is, and what happened to it.
type OrderStory struct {
	*reservation.Order
	ChangedAt time.Time   // when its record changed last; zero where that is not known
	Lines     []StoryLine // oldest first: its own steps, and the stock that was moved for it
	LeftOut   int64       // older lines that are not among Lines
}

// orderStory tells an order's story. reservation.ErrUnknownOrder where there is none,
// owner.ErrNotOwner where this process can't tell.
func (in *Inventory) orderStory(ctx context.Context, ref OrderRef) (*OrderStory, error) {
	id, _, err := ref.parse()
	if err != nil {
		return nil, err
	}
	s, err := in.orderRecord(ctx, id)
	if err != nil {
		return nil, err
	}
	for at, places := range in.placesOf(s.Order) {
		tail, err := in.stockTail(ctx, at, skusOf(places)...)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			moved, err := in.movedFor(ctx, s, p, tail)
			if err != nil {
				return nil, err
			}
			s.Lines = append(s.Lines, moved...)
		}
	}
	slices.SortFunc(s.Lines, compareLines)
	for _, step := range s.steps() {
		s.Lines = slices.Insert(s.Lines, s.placeOf(step), step)
	}
	if n := len(s.Lines) - MaxWhyLimit; n > 0 {
		s.LeftOut, s.Lines = int64(n), slices.Delete(s.Lines, 0, n)
	}
	return s, nil
}

// orderRecord finds an order, and when it changed last: in its ledger's newest entries, in
// its row, or (what was only planned for long, and has neither) in the owner's memory.
func (in *Inventory) orderRecord(ctx context.Context, id ledger.UUID) (*OrderStory, error) {
	recent, at, err := in.recentOrder(ctx, id)
	if err != nil {
		return nil, err
	}
	if recent != nil {
		return &OrderStory{Order: recent, ChangedAt: time.UnixMilli(at.At).UTC()}, nil
	}
	stored, err := in.storedOrder(ctx, id, owner.ErrNotOwner)
	if err == nil {
		return &OrderStory{Order: stored.Order, ChangedAt: stored.AsOf}, nil
	}
	if !errors.Is(err, owner.ErrNotOwner) {
		return nil, err
	}
	live, err := in.Order(ctx, OrderRef{ReservationID: id.String()})
	if err != nil {
		return nil, err
	}
	return &OrderStory{Order: live.Order}, nil
}

// steps tells what the order's record says.
func (s *OrderStory) steps() []StoryLine {
	o := s.Order
	step := func(what string, ms int64) StoryLine {
		return StoryLine{At: time.UnixMilli(ms).UTC(), What: what, OrderID: string(o.ID), ReservationID: reservation.IDOf(o.ID).String()}
	}
	lines := []StoryLine{step(OrderPlanned, o.PlannedAt)}
	if o.HeldAt > 0 {
		held := step(OrderHeld, o.HeldAt)
		held.Note = "until " + timeText(time.UnixMilli(o.ExpiresAt))
		lines = append(lines, held)
	}
	last := &lines[len(lines)-1]
	if o.Ended() && !s.ChangedAt.IsZero() {
		lines = append(lines, step(OrderPrefix+o.Status.String(), s.ChangedAt.UnixMilli()))
		last = &lines[len(lines)-1]
		last.Reason, last.Late, last.Note = o.Reason, o.Late, o.Detail
		for _, short := range o.Shortages {
			last.Note += fmt.Sprintf("; sku %s: requested %d, available %d", short.SKU, short.Requested, short.Available)
		}
	}
	// The record names the command that changed it last, and a lapse is none.
	if o.Status != reservation.Expired {
		last.Source, last.Trace = o.Origin.Source, o.Origin.Trace
	}
	return lines
}

// placeOf finds where a step of the order belongs among the lines. Within a millisecond a plan
// comes first, and the other steps come after what was held and before what ended.
func (s *OrderStory) placeOf(step StoryLine) int {
	i := slices.IndexFunc(s.Lines, func(l StoryLine) bool {
		began := l.What == stock.Held.String() || l.What == OrderPlanned || l.What == OrderHeld
		return l.At.After(step.At) || l.At.Equal(step.At) && (step.What == OrderPlanned || !began)
	})
	if i < 0 {
		return len(s.Lines)
	}
	return i
}

// placesOf lists where an order's lines come from, by stock ledger.
func (in *Inventory) placesOf(o *reservation.Order) map[ledger.ID][]place {
	places := map[ledger.ID][]place{}
	for _, l := range o.Lines {
		w, ok := (levels{in}).Warehouse(l.Warehouse)
		p := place{l.SKU, w}
		if id := w.LedgerOf(l.SKU); ok && !slices.Contains(places[id], p) {
			places[id] = append(places[id], p)
		}
	}
	return places
}

func skusOf(places []place) []stock.SKU {
	skus := make([]stock.SKU, 0, len(places))
	for _, p := range places {
		skus = append(skus, p.sku)
	}
	return skus
}

// mailSlack is how long after an order's end its stock has moved, unless something is wrong.
const mailSlack = time.Minute

// movedFor reads what was moved for an order at a place, newest first: from about when it
// changed last back to when it was planned. Where nothing shows there that what was held
// ended, though the order has, mail was long under way: all is read.
func (in *Inventory) movedFor(ctx context.Context, s *OrderStory, p place, tail stockTail) ([]StoryLine, error) {
	upto := endOfTime
	if s.Ended() && !s.ChangedAt.IsZero() {
		upto = s.ChangedAt.Add(mailSlack)
	}
	lines, held, err := in.movedUpto(ctx, s, p, tail, upto)
	if err == nil && upto != endOfTime && (held != 0 || len(lines) == 0 && s.HeldAt > 0) {
		lines, _, err = in.movedUpto(ctx, s, p, tail, endOfTime)
	}
	return lines, err
}

// movedUpto reads what was moved for an order at a place, and what it held there then.
func (in *Inventory) movedUpto(ctx context.Context, s *OrderStory, p place, tail stockTail, upto time.Time) (lines []StoryLine, held int64, err error) {
	since := time.UnixMilli(s.PlannedAt).Add(-clockSlack)
	err = in.history(ctx, p, tail, upto, func(l StoryLine) bool {
		if order := string(s.ID); l.OrderID == order || l.Reference == order {
			lines = append(lines, l)
			held += l.changeOfHeld()
		}
		return !l.At.Before(since)
	})
	return lines, held, err
}

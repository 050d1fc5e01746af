package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// ErrTooOld is of an order event that is older than what is remembered of orders, so that
// nobody can tell whether it was here before.
var ErrTooOld = errors.New("too old")

// Consumption is an order event to act on.
type Consumption struct {
	Event ports.OrderEvent
	Topic string // that it came on
	Trace string // W3C traceparent, may be empty
	// Source is where journals and tables say that the command came from; empty: Topic. One that
	// no other event has lets Act tell its own effect from another's.
	Source string
	// Letter is the record that brought it, in the form that the publisher takes for dead
	// letters. A pick of an order that was never seen is parked with it.
	Letter []byte
	await  bool // the order of a created, until it is held or rejected
}

// Consume does what an order event asks for. On nil the event is acted on for good: what
// has to follow from it will, whatever happens to this process, and the event need not
// come again; if it does, it has no further effect. After a Retryable error it is to be
// brought again; any other error says why it never can be acted on: ErrTooOld,
// stock.ErrInvalid, reservation.ErrMismatch, ErrUnknownOrder (of a pick without a Letter, or
// where too many wait), ErrNotHeld, ErrShortage, ErrOverPick, ErrAmbiguousPick, or a defect.
// A pick that is parked is acted on: what becomes of it is in the journal. An order that can't be served is rejected by
// an event of its own: nil.
func (in *Inventory) Consume(ctx context.Context, c Consumption) error {
	_, err := in.consume(ctx, c)
	return err
}

// consume is Consume, and gives the order as the event left or found it. It is nil where a pick
// is parked.
func (in *Inventory) consume(ctx context.Context, c Consumption) (Reservation, error) {
	switch e := c.Event.(type) {
	case ports.OrderCreated:
		return in.created(ctx, e, c)
	case ports.OrderCancelled:
		return in.cancelled(ctx, e, c)
	case ports.FulfilmentPicked:
		return in.picked(ctx, e, c)
	}
	return Reservation{}, fmt.Errorf("%w: %T is no order event", owner.ErrDefect, c.Event)
}

func (c Consumption) source() string { return cmp.Or(c.Source, c.Topic) }

func (in *Inventory) created(ctx context.Context, e ports.OrderCreated, c Consumption) (Reservation, error) {
	if err := in.checkEvent(e.EventID, e.OccurredAt); err != nil {
		return Reservation{}, err
	}
	r, err := in.Reserve(ctx, ReserveRequest{
		OrderID: e.OrderID, Region: e.Region, TTL: ttlOf(e.TTLSeconds), Items: itemsOf(e.Items), Final: true, Await: c.await,
		Source: c.source(), Trace: c.Trace,
	})
	if errors.Is(err, reservation.ErrRejected) {
		return r, nil // as it was published
	}
	return r, err
}

// ttlOf gives the time to live that was asked for, or one that is refused with it.
func ttlOf(seconds *int64) time.Duration {
	switch {
	case seconds == nil:
		return 0
	case *seconds <= 0:
		return -1
	}
	return time.Duration(min(*seconds, math.MaxInt64/int64(time.Second))) * time.Second
}

func (in *Inventory) cancelled(ctx context.Context, e ports.OrderCancelled, c Consumption) (Reservation, error) {
	if err := in.checkEvent(e.EventID, e.OccurredAt); err != nil {
		return Reservation{}, err
	}
	req := ReleaseRequest{OrderRef: OrderRef{OrderID: e.OrderID}, Source: c.source(), Trace: c.Trace}
	if e.Reason == reservation.PaymentFailed { // any other is text for people
		req.Reason = e.Reason
	}
	o, err := in.release(ctx, req, owner.Decided)
	if errors.Is(err, reservation.ErrUnknownOrder) {
		err = nil // remembered as ended
	}
	return Reservation{Order: o}, err
}

func (in *Inventory) picked(ctx context.Context, e ports.FulfilmentPicked, c Consumption) (Reservation, error) {
	if err := in.checkEvent(e.EventID, e.OccurredAt); err != nil {
		return Reservation{}, err
	}
	o, err := in.confirm(ctx, ConfirmRequest{
		OrderRef: OrderRef{OrderID: e.OrderID}, WarehouseID: e.WarehouseID, Items: itemsOf(e.Items), Letter: c.Letter, Source: c.source(), Trace: c.Trace,
	}, owner.Decided)
	return Reservation{Order: o}, err
}

func itemsOf(items []ports.OrderItem) []ReserveItem {
	asked := make([]ReserveItem, 0, len(items))
	for _, it := range items {
		asked = append(asked, ReserveItem(it))
	}
	return asked
}

// checkEvent refuses an event whose order may have been forgotten, and one without an id:
// whoever looks for it later needs one.
func (in *Inventory) checkEvent(id string, occurredAt time.Time) error {
	err := stock.CheckToken("event_id", id)
	age := in.world.Clock.Now().Sub(occurredAt)
	if remembered := in.cfg.Reservation.Retention - reservation.MaxTTL; age > remembered {
		err = errors.Join(err, fmt.Errorf("%w: occurred_at %s: expected within the last %s",
			ErrTooOld, occurredAt.UTC().Format(time.RFC3339), remembered))
	}
	return err
}

package app

import (
	"errors"
	"slices"
	"strings"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

// observeReserve tells what became of a Reserve. Of one that is Final an answer that says that
// there will be an outcome, or gives it as news, is left out: watch tells it.
func (in *Inventory) observeReserve(req ReserveRequest, began time.Time, r *Reservation, err *error) {
	news := *err == nil || errors.Is(*err, reservation.ErrRejected)
	if req.Final && news && (!r.Repeated || r.Status == reservation.Planned) {
		return
	}
	e := ports.OrderDecided{
		Command: ports.ReserveCommand, Via: via(req.Source), Outcome: outcomeOf(r.Order, *err), Repeated: r.Repeated,
		OrderID: req.OrderID, Trace: req.Trace, Took: in.world.Clock.Now().Sub(began),
	}
	if r.Order != nil {
		e.Reason, e.ReservationID = rejectionOf(r.Order), reservation.IDOf(r.ID)
	}
	in.world.Observer.Observe(e)
}

// observeOrder tells what became of a command about an order, but for questions.
func (in *Inventory) observeOrder(id ledger.UUID, cmd ledger.Command, o *reservation.Order, err error, began time.Time) {
	e := ports.OrderDecided{ReservationID: id, Outcome: outcomeOf(o, err), Took: in.world.Clock.Now().Sub(began)}
	switch cmd := cmd.(type) {
	case reservation.Release:
		e.Command, e.Via, e.OrderID, e.Trace = ports.ReleaseCommand, via(cmd.Source), string(cmd.Order), cmd.Trace
	case reservation.Extend:
		e.Command, e.Via, e.Trace = ports.ExtendCommand, via(cmd.Source), cmd.Trace
	case reservation.Confirm:
		e.Command, e.Via, e.OrderID, e.Trace = ports.ConfirmCommand, via(cmd.Source), string(cmd.Order), cmd.Trace
	default:
		return
	}
	switch {
	case o != nil:
		e.OrderID, e.Reason = string(o.ID), rejectionOf(o)
	case err == nil:
		e.Outcome = ports.ParkedOutcome
	}
	in.world.Observer.Observe(e)
}

func (in *Inventory) observeAdjustment(req AdjustRequest, began time.Time, err *error) {
	outcome := ports.AdjustmentMade
	if *err != nil {
		outcome = FailureOf(*err).Code
	}
	in.world.Observer.Observe(ports.AdjustmentDecided{
		Type: req.Type, Via: via(req.Source), Outcome: outcome, SKU: req.SKU, WarehouseID: req.WarehouseID,
		Actor: req.Actor, Trace: req.Trace, Took: in.world.Clock.Now().Sub(began),
	})
}

// watch tells what an entry decided that no caller waits for: the outcomes of order events,
// and holds that expired. It sees the entries that this process commits, so that nothing
// is told twice when a ledger changes hands; what the relay sees would be.
func (in *Inventory) watch(id ledger.ID, e *ledger.Entry) {
	in.hub.Note(id, e)
	in.tellCommitted(id, e)
	now := in.world.Clock.Now()
	expired := ports.HoldsExpired{Ledger: id}
	for _, c := range e.Changes {
		if buried, ok := c.(reservation.PickBuried); ok {
			in.world.Observer.Observe(ports.PickBuried{Ledger: id, OrderID: string(buried.Order), Code: buried.Code, Detail: buried.Detail})
		}
		c, ok := c.(reservation.Changed)
		switch {
		case !ok:
		case c.Event == reservation.ReleasedEvent && c.Reason() == reservation.TTLExpired:
			expired.Late = append(expired.Late, now.Sub(time.UnixMilli(c.Order.ExpiresAt)))
		case c.Order.Final && (c.Event == reservation.ReservedEvent || c.Event == reservation.RejectedEvent):
			in.observeFinal(c.Order, e.At, now)
		}
	}
	if len(expired.Late) > 0 {
		in.world.Observer.Observe(expired)
	}
}

// observeFinal tells the outcome of an order that an event made, or joined. Since when it
// was under way is in the order: that needs no memory of what came in, and outlives this
// process. It leaves out the wait for the entry that planned it (one commit; more only
// where callers outnumber a batch), and trusts the clocks of two owners where the ledger
// changed hands meanwhile, but not to give a time below zero.
func (in *Inventory) observeFinal(o *reservation.Order, entryAt int64, now time.Time) {
	since := o.PlannedAt
	if o.Reason == reservation.AlreadyCancelled && !cancels(o.Origin.Source) {
		since = entryAt // cancelled before: PlannedAt is of the cancel, and this was decided at once
	}
	in.world.Observer.Observe(ports.OrderDecided{
		Command: ports.ReserveCommand, Via: ports.ViaKafka, Outcome: o.Status.String(), Reason: rejectionOf(o),
		OrderID: string(o.ID), ReservationID: reservation.IDOf(o.ID), Trace: o.Origin.Trace,
		Took: max(0, now.Sub(time.UnixMilli(since))),
	})
}

// cancels tells whether what came from a source may have ended a plan, and can't be the
// reserve of an order event.
func cancels(source string) bool {
	return source == ports.ViaHTTP || strings.HasSuffix(source, ports.OrderCancelledTopic)
}

// outcomeOf names what became of a command: a failure's code or the order's status.
func outcomeOf(o *reservation.Order, err error) string {
	if err != nil || o == nil {
		return FailureOf(err).Code
	}
	return o.Status.String()
}

func rejectionOf(o *reservation.Order) string {
	if o.Status != reservation.Rejected {
		return ""
	}
	return o.Reason
}

// via says how a command came in, by its source: the API's name, or a topic, which may
// have a prefix.
func via(source string) string {
	isTopic := func(topic string) bool { return strings.HasSuffix(source, topic) }
	switch {
	case source == ports.ViaHTTP:
		return ports.ViaHTTP
	case strings.HasPrefix(source, ports.ViaScan):
		return ports.ViaScan
	case slices.ContainsFunc(ports.OrderEventTopics(), isTopic):
		return ports.ViaKafka
	}
	return ports.ViaOther
}

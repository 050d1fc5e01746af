package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"inventory/app/wire"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/ports"
)

// Verdict says whether an order event that could be acted on did anything.
type Verdict string

// The verdicts. A created is Superseded where its order was cancelled before anything was held
// for it, though the rejection that says so is news. A cancelled is a Duplicate where the
// order, or what was left of it, ended by a cancel or a release, and Superseded where it had
// ended otherwise: picked, expired or rejected. A picked that changes nothing is a Duplicate where
// the order has been picked, if only to find nothing; of an order of which nothing was, it is
// Superseded: it says that nothing was found of what is not held any more. All else is Applied
// where the event did it.
const (
	Applied    Verdict = letter.Applied
	Duplicate  Verdict = letter.Duplicate
	Superseded Verdict = letter.Superseded
)

// Effect is what came of an order event.
type Effect struct {
	Verdict Verdict
	Order   *reservation.Order // as it is now; nil where a pick is parked
	Says    string             // one short line for people
	// Moves is how stock would change, of a rehearsal only: each SKU in each warehouse once, in
	// the order in which they are touched.
	Moves []Move
}

// Act is Consume, and tells what came of the event: of a created not before its order is held or
// rejected. Errors are Consume's, and there is no Effect then.
//
// Where Source is the event's own, the event is Applied however often it is brought again, as
// after a crash, until another command changes the order. Without a Source an event that comes
// again on its topic can't be told from the first one, but for a created.
func (in *Inventory) Act(ctx context.Context, c Consumption) (Effect, error) {
	c.await = true
	r, err := in.consume(ctx, c)
	if ctx.Err() == nil && errors.Is(err, wire.ErrUnknownMessage) { // its ledger's owner is older than this program
		c.await = false
		r, err = in.consume(ctx, c)
	}
	switch {
	case err != nil:
		return Effect{}, err
	case r.Order == nil:
		return Effect{Verdict: Applied, Says: "parked until its order is seen"}, nil
	}
	by := r.Origin.Source == c.source() && (c.Source != "" || !r.Repeated)
	verdict := verdictOf(c.Event, r.Order, by)
	return Effect{Verdict: verdict, Order: r.Order, Says: says(r.Order, verdict, by)}, nil
}

// verdictOf judges an event by the order as it is after it; by says that the event changed the
// order last.
func verdictOf(e ports.OrderEvent, o *reservation.Order, by bool) Verdict {
	switch e.(type) {
	case ports.OrderCreated:
		if o.Status == reservation.Rejected && o.Reason == reservation.AlreadyCancelled {
			return Superseded
		}
	case ports.OrderCancelled:
		if !by && o.Reason != reservation.AlreadyCancelled && !slices.Contains(releaseReasons, o.Reason) {
			return Superseded
		}
	case ports.FulfilmentPicked:
		if !by && !slices.ContainsFunc(o.Lines, wasPicked) {
			return Superseded
		}
	}
	if by {
		return Applied
	}
	return Duplicate
}

// wasPicked tells whether a warehouse went to pick a line, and told what it found.
func wasPicked(l reservation.Line) bool { return l.Status == reservation.Confirmed || l.Short }

// says tells people what came of an event.
func says(o *reservation.Order, v Verdict, by bool) string {
	switch {
	case !by:
		return "nothing to do: " + standingOf(o) + " before"
	case o.Status == reservation.Held && v == Applied:
		text := standingOf(o) + " until " + time.UnixMilli(o.ExpiresAt).UTC().Format(time.RFC3339)
		if slices.ContainsFunc(o.Lines, wasPicked) {
			return "picked in part, the rest is " + text
		}
		return text
	case o.Status == reservation.Rejected && o.Detail != "":
		return standingOf(o) + ": " + o.Detail
	case o.Status == reservation.Released && o.HeldAt == 0:
		return standingOf(o) + ": it will hold nothing when it is created"
	}
	return standingOf(o)
}

// standingOf says in a few words how an order stands.
func standingOf(o *reservation.Order) string {
	switch o.Status {
	case reservation.Held:
		return "held in " + strings.Join(heldIn(o), ", ")
	case reservation.Confirmed:
		text := "confirmed"
		if o.Late {
			text += " late"
		}
		if o.Reason != "" {
			text += ", the rest released: " + o.Reason
		}
		return text
	case reservation.Released:
		return "released: " + o.Reason
	case reservation.Rejected:
		return "rejected: " + o.Reason
	case reservation.Expired:
		return "expired"
	case reservation.Planned:
		return "planned"
	}
	return fmt.Sprint(o.Status)
}

// heldIn lists the warehouses that hold something for an order.
func heldIn(o *reservation.Order) []string {
	var in []string
	for _, l := range o.Lines {
		if l.Status == reservation.Held && !slices.Contains(in, string(l.Warehouse)) {
			in = append(in, string(l.Warehouse))
		}
	}
	slices.Sort(in)
	return in
}

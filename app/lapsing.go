package app

import (
	"context"
	"fmt"
	"time"

	"inventory/app/wire"
	"inventory/domain/stock"
)

// MostLapsing bounds the holds that Lapsing lists.
const MostLapsing = 1000

// Lapsing is which holds end soon.
type Lapsing struct {
	Before time.Time
	All    int        // how many end before then
	Holds  []LiveHold // the soonest of them, in order
	AsOf   time.Time
	// Unknown says of which ledgers nothing is known: their holds are not counted. nil: all told.
	Unknown error
}

// LiveHold is what an order holds.
type LiveHold struct {
	OrderID       stock.OrderID
	ReservationID string
	HeldAt        time.Time
	ExpiresAt     time.Time
	Lines         int
	Units         int64
}

// Lapsing tells which live holds end within a time from now, those that are due included, and
// lists the first of them. It looks at each order in the memory of the ledgers' owners.
// Errors: stock.ErrInvalid, ports.ErrTransient.
func (in *Inventory) Lapsing(ctx context.Context, within time.Duration, most int) (Lapsing, error) {
	if most < 1 || most > MostLapsing {
		return Lapsing{}, fmt.Errorf("%w limit %d: expected 1 to %d", stock.ErrInvalid, most, MostLapsing)
	}
	now := in.world.Clock.Now()
	told := Lapsing{Before: now.Add(within), AsOf: now}
	var holds []wire.Hold
	holds, told.All, told.Unknown = in.fleet.Lapsing(ctx, told.Before.UnixMilli(), most)
	for _, h := range holds {
		told.Holds = append(told.Holds, LiveHold{
			OrderID: h.OrderID, ReservationID: h.ReservationID.String(), Lines: h.Lines, Units: h.Units,
			HeldAt: time.UnixMilli(h.HeldAt).UTC(), ExpiresAt: time.UnixMilli(h.ExpiresAt).UTC(),
		})
	}
	return told, context.Cause(ctx)
}

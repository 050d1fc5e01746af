package reservation

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// Status is where an order, or a line of it, is in its life. Source: spec S2.2.
type Status byte

// The statuses. Planned and Held are live, the others are ends.
const (
	Planned   Status = 1
	Held      Status = 2
	Confirmed Status = 3
	Released  Status = 4
	Expired   Status = 5
	Rejected  Status = 6
)

// String gives the status as the API writes it.
func (s Status) String() string {
	switch s {
	case Planned:
		return "PLANNED"
	case Held:
		return "HELD"
	case Confirmed:
		return "CONFIRMED"
	case Released:
		return "RELEASED"
	case Expired:
		return "EXPIRED"
	case Rejected:
		return "REJECTED"
	}
	return fmt.Sprintf("Status(%d)", byte(s))
}

// The reasons of a release (spec S2.6) and of a rejection (spec S2.9).
const (
	PaymentFailed     = "PAYMENT_FAILED"
	OrderCancelled    = "ORDER_CANCELLED"
	TTLExpired        = "TTL_EXPIRED"
	ShortPick         = stock.ShortPick
	Operator          = "OPERATOR"
	InsufficientStock = "INSUFFICIENT_STOCK"
	AlreadyCancelled  = "ALREADY_CANCELLED"
	InvalidOrder      = "INVALID_ORDER"
)

// Line is a number of units of a SKU from one warehouse. Before planning, Warehouse is
// the one that the caller named, or empty.
type Line struct {
	SKU       stock.SKU
	Quantity  int64
	Warehouse stock.WarehouseID
	Named     bool // the caller named the warehouse
	Status    Status
	Picked    int64 // units that left; while a late pick is under way, those it asks for
	Short     bool  // RELEASED because the warehouse picked nothing of it
}

// Ended tells whether the line's life is over (a late pick may still revive it).
func (l Line) Ended() bool { return l.Status >= Confirmed }

// LegState is what an order knows of its hold in one stock ledger.
type LegState byte

// The states of a leg.
const (
	Asked   LegState = 1 // a Hold is under way
	Holding LegState = 2 // answered: held
	Done    LegState = 3 // nothing is held there, or a Release or Confirm is on its way
)

// Leg is an order's part in one stock ledger.
type Leg struct {
	Ledger ledger.ID
	Number int64 // of the last mail about the order there; other answers are ignored
	State  LegState
}

// Order is an order's reservation, whole. An Order in a State is never changed in place.
type Order struct {
	ID        stock.OrderID
	Region    stock.Region // asked for; empty: the deployment's default
	Lines     []Line
	Legs      []Leg
	Status    Status
	Reason    string // of the release or rejection
	Detail    string // for people
	Shortages []stock.Shortage
	TTL       int64        // milliseconds
	PlannedAt int64        // Unix milliseconds, as all times here
	HeldAt    int64        // 0: never held
	ExpiresAt int64        // of the hold
	Due       int64        // when to look at it again: the end of the hold, or of patience; 0: never
	Tries     int          // plans that were refused
	Silent    []ledger.ID  // ledgers that did not answer the last plan
	Final     bool         // a refusal is for ever: not only HTTP reserve knows the order
	LatePick  bool         // picked after its end: the legs are asked again
	Late      bool         // confirmed by a late pick
	Origin    stock.Origin // of the command that made it

	version int64 // of the entry that changed it last
}

// IDOf gives the reservation id of an order, always the same.
func IDOf(order stock.OrderID) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, "reservation:"+string(order))
}

// LedgerOf names the ledger, of n in a home region, that decides a reservation.
func LedgerOf(id ledger.UUID, region stock.Region, n int) ledger.ID {
	return ledger.ReservationID(string(region), int(binary.BigEndian.Uint64(id[:8])%uint64(n)))
}

// Version is the version of the entry that changed the order last.
func (o *Order) Version() int64 { return o.version }

// Ended tells whether the order's life is over (a late pick may still revive it).
func (o *Order) Ended() bool { return o.Status >= Confirmed }

// settled tells whether nothing is under way with the stock ledgers.
func (o *Order) settled() bool { return o.Status != Planned && !o.LatePick }

// copy returns an order that may be changed.
func (o *Order) copy() *Order {
	c := *o
	c.Lines, c.Legs, c.Silent = slices.Clone(o.Lines), slices.Clone(o.Legs), slices.Clone(o.Silent)
	return &c
}

// end sets the status of the order and of the lines that have not ended before.
func (o *Order) end(s Status, reason string) {
	o.Status, o.Reason = s, reason
	for i := range o.Lines {
		if l := &o.Lines[i]; !l.Ended() {
			l.Status = s
		}
	}
}

// picked tells whether any of the order's goods have left.
func (o *Order) picked() bool {
	return slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Status == Confirmed })
}

// anyHeld tells whether a line is held.
func (o *Order) anyHeld() bool {
	return slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Status == Held })
}

// open lists the lines that are held.
func (o *Order) open() []Line {
	var open []Line
	for _, l := range o.Lines {
		if l.Status == Held {
			open = append(open, l)
		}
	}
	return open
}

// sameItems tells whether lines, merged, ask for what the order was made with.
func (o *Order) sameItems(lines []Line) bool {
	return slices.Equal(asked(o.Lines), asked(lines))
}

// asked gives planned lines as they were asked for: the split of a free line undone.
func asked(lines []Line) []Line {
	free := make([]Line, len(lines))
	for i, l := range lines {
		l.Status, l.Picked, l.Short = 0, 0, false
		if !l.Named {
			l.Warehouse = ""
		}
		free[i] = l
	}
	return Merge(free)
}

// Merge adds up lines of the same SKU and named warehouse, and sorts them.
func Merge(lines []Line) []Line {
	merged := slices.Clone(lines)
	slices.SortFunc(merged, compareLines)
	n := 0
	for _, l := range merged {
		if n > 0 && compareLines(merged[n-1], l) == 0 {
			merged[n-1].Quantity += l.Quantity
			continue
		}
		merged[n] = l
		n++
	}
	return merged[:n]
}

// check states what is always true of an order.
func (o *Order) check() error {
	switch {
	case o.ID == "":
		return fmt.Errorf("an order without an id")
	case o.Status < Planned || o.Status > Rejected:
		return fmt.Errorf("order %s: %s", o.ID, o.Status)
	case (o.Status == Held || o.Status == Confirmed || o.Status == Expired) && o.HeldAt == 0:
		return fmt.Errorf("order %s: %s, but never held", o.ID, o.Status)
	case o.Status == Held && o.ExpiresAt <= o.HeldAt:
		return fmt.Errorf("order %s: the hold of %d expires at %d", o.ID, o.HeldAt, o.ExpiresAt)
	case o.LatePick && (!o.Ended() || o.Status == Rejected):
		return fmt.Errorf("order %s: %s, with a late pick under way", o.ID, o.Status)
	case o.Status == Held && len(o.Lines) > 0 && !o.anyHeld():
		return fmt.Errorf("order %s: HELD, but every line has ended", o.ID)
	}
	return errors.Join(o.checkLegs(), o.checkLines())
}

func (o *Order) checkLegs() error {
	for _, leg := range o.Legs {
		holds := slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Status == Held && string(l.Warehouse) == leg.Ledger.Scope() })
		switch {
		case o.Status == Held && (leg.State == Asked || leg.State == Holding && !holds):
			return fmt.Errorf("order %s: HELD, but the leg %s is %d", o.ID, leg.Ledger, leg.State)
		case o.Ended() && !o.LatePick && leg.State != Done:
			return fmt.Errorf("order %s: %s, but the leg %s is %d", o.ID, o.Status, leg.Ledger, leg.State)
		}
	}
	return nil
}

func (o *Order) checkLines() error {
	for _, l := range o.Lines {
		holds := func(leg Leg) bool { return leg.State == Holding && string(l.Warehouse) == leg.Ledger.Scope() }
		switch {
		case l.Picked < 0 || l.Picked > l.Quantity || l.Status == Confirmed && l.Picked == 0:
			return fmt.Errorf("order %s: %d of %d units of sku %s picked", o.ID, l.Picked, l.Quantity, l.SKU)
		case l.Picked > 0 && l.Status != Confirmed && !o.LatePick:
			return fmt.Errorf("order %s: sku %s is %s, but %d units were picked", o.ID, l.SKU, l.Status, l.Picked)
		case l.Status == Held && (o.Status != Held || !slices.ContainsFunc(o.Legs, holds)):
			return fmt.Errorf("order %s: %s, but sku %s is HELD, and no leg holds it in %s", o.ID, o.Status, l.SKU, l.Warehouse)
		}
	}
	return nil
}

package reservation

import (
	"errors"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
)

// The bounds of what an order may ask. Source: spec S1.5, S2.3.
const (
	MaxLines = 100
	MinTTL   = time.Second
	MaxTTL   = 24 * time.Hour
)

// Refusals. Each is the answer to a command, and says what its caller can do.
var (
	// ErrUnknownOrder: no such order; a Release is remembered all the same.
	ErrUnknownOrder = errors.New("unknown order")
	// ErrMismatch: the order exists with other items, and stays as it is.
	ErrMismatch = errors.New("the order was made with other items")
	// ErrInsufficient: there is not enough stock; an InsufficientError has the numbers.
	ErrInsufficient = errors.New("not enough stock")
	// ErrRejected: the order was rejected, for ever.
	ErrRejected = errors.New("the order is rejected")
	// ErrCancelled: the order was cancelled before anything was held.
	ErrCancelled = errors.New("the order was cancelled")
	// ErrNotHeld: nothing was ever held for the order.
	ErrNotHeld = errors.New("nothing was ever held for the order")
	// ErrPartialPick: not all that was held was picked, which can't be recorded yet.
	ErrPartialPick = errors.New("not the whole order was picked")
	// ErrShortage: picked after the hold had ended, and the stock is gone.
	ErrShortage = errors.New("picked late, and the stock is gone")
	// ErrBusy: a stock ledger does not answer or is behind; the same command may succeed later.
	ErrBusy = errors.New("stock ledger busy, try again")
)

// InsufficientError says what was asked for and what there was, line by line.
type InsufficientError struct{ Shortages []stock.Shortage }

// Error implements error.
func (e *InsufficientError) Error() string {
	s := ErrInsufficient.Error()
	for _, short := range e.Shortages {
		s += fmt.Sprintf("; sku %s: requested %d, available %d", short.SKU, short.Requested, short.Available)
	}
	return s
}

// Unwrap makes it ErrInsufficient.
func (e *InsufficientError) Unwrap() error { return ErrInsufficient }

// Repeated is the outcome of a Reserve of an order that was there before.
type Repeated struct{ *Order }

// Reserve is the command to hold stock for an order: all lines or none. The outcome of it,
// as of every command of this package, is the *Order as it then is, or Repeated.
type Reserve struct {
	Order   stock.OrderID
	Region  stock.Region // empty: the deployment's default
	Lines   []Line       // merged; a warehouse that is set is Named
	TTL     time.Duration
	Final   bool   // from an event: a refusal is for ever, and the planned order is the answer
	Invalid string // from an event that can't be served: what is wrong with it
	stock.Origin
}

// NewReserve checks and merges what came from outside. It names every fault; errors wrap
// stock.ErrInvalid.
func NewReserve(order, region string, ttl time.Duration, lines []Line) (Reserve, error) {
	var faults []error
	note := func(err error) { faults = append(faults, err) }
	_, err := stock.ParseOrderID(order)
	note(err)
	if region != "" {
		_, err = stock.ParseRegion(region)
		note(err)
	}
	if ttl < MinTTL || ttl > MaxTTL {
		note(fmt.Errorf("%w ttl %s: expected %s to %s", stock.ErrInvalid, ttl, MinTTL, MaxTTL))
	}
	for i, l := range lines {
		if err := checkLine(l); err != nil {
			note(fmt.Errorf("items[%d]: %w", i, err))
		}
	}
	merged := Merge(lines)
	if len(merged) == 0 || len(merged) > MaxLines {
		note(fmt.Errorf("%w items: expected 1 to %d, found %d", stock.ErrInvalid, MaxLines, len(merged)))
	}
	for _, l := range merged {
		if l.Quantity > stock.MaxQuantity {
			note(fmt.Errorf("%w items: %d units of sku %s in all, expected at most %d", stock.ErrInvalid, l.Quantity, l.SKU, stock.MaxQuantity))
		}
	}
	return Reserve{Order: stock.OrderID(order), Region: stock.Region(region), TTL: ttl, Lines: merged}, errors.Join(faults...)
}

// Keepable drops what an order that can't be served is not remembered with: lines that
// make no sense, and those beyond the limit. What was asked for is in the event itself.
func Keepable(lines []Line) []Line {
	var kept []Line
	for _, l := range lines {
		if len(kept) < MaxLines && checkLine(l) == nil {
			kept = append(kept, l)
		}
	}
	return kept
}

func checkLine(l Line) error {
	_, skuErr := stock.ParseSKU(string(l.SKU))
	_, qtyErr := stock.ParseQuantity("quantity", l.Quantity)
	if !l.Named {
		return errors.Join(skuErr, qtyErr)
	}
	_, whErr := stock.ParseWarehouseID(string(l.Warehouse))
	return errors.Join(skuErr, qtyErr, whErr)
}

// Release is the command to end an order without a pick. Order may be empty where the
// caller knows the reservation id only.
type Release struct {
	ID     ledger.UUID
	Order  stock.OrderID
	Reason string
	stock.Origin
}

// Confirm is the command that an order was picked. Where it says what was picked, that
// must be all that the order holds.
type Confirm struct {
	ID        ledger.UUID
	Order     stock.OrderID
	Warehouse stock.WarehouseID // whose lines were picked; empty: all
	Picked    []Line            // empty: all of them; a line's Warehouse is empty where it is not Named
	stock.Origin
}

// Validate names every fault of what came from outside; errors wrap stock.ErrInvalid.
func (c Confirm) Validate() error {
	var faults []error
	if c.Warehouse != "" {
		_, err := stock.ParseWarehouseID(string(c.Warehouse))
		faults = append(faults, err)
	}
	for i, l := range c.Picked {
		if err := checkLine(l); err != nil {
			faults = append(faults, fmt.Errorf("items[%d]: %w", i, err))
		}
	}
	if len(c.Picked) > MaxLines {
		faults = append(faults, fmt.Errorf("%w items: expected at most %d, found %d", stock.ErrInvalid, MaxLines, len(c.Picked)))
	}
	return errors.Join(faults...)
}

// takesAll tells whether a pick is of all that an order holds.
func (c Confirm) takesAll(o *Order) bool {
	rest := map[Line]int64{} // of each SKU and warehouse
	for _, l := range o.Lines {
		if c.Warehouse != "" && l.Warehouse != c.Warehouse {
			return false
		}
		rest[Line{SKU: l.SKU}] += l.Quantity
		rest[Line{SKU: l.SKU, Warehouse: l.Warehouse}] += l.Quantity
	}
	if len(c.Picked) == 0 {
		return true
	}
	for _, l := range c.Picked {
		rest[Line{SKU: l.SKU}] -= l.Quantity
		if place := (Line{SKU: l.SKU, Warehouse: l.Warehouse}); l.Warehouse != "" {
			if rest[place] -= l.Quantity; rest[place] < 0 {
				return false
			}
		}
	}
	for place, units := range rest {
		if place.Warehouse == "" && units != 0 {
			return false
		}
	}
	return true
}

// Get is the command to read an order.
type Get struct{ ID ledger.UUID }

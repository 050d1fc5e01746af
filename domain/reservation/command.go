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
	// ErrOverPick: more was picked than is held; an OverPickError has the numbers.
	ErrOverPick = errors.New("more was picked than is held")
	// ErrAmbiguousPick: a picked item names no warehouse, and several hold its SKU.
	ErrAmbiguousPick = errors.New("which warehouse picked is not clear")
	// ErrHoldEnded: there is no live hold to extend.
	ErrHoldEnded = errors.New("the hold has ended")
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

// OverPickError says what was picked of a SKU, what was held of it, and what had been picked
// of it before, in units.
type OverPickError struct {
	SKU       stock.SKU
	Warehouse stock.WarehouseID
	Picked    int64
	Held      int64
	Before    int64
}

// Error implements error.
func (e *OverPickError) Error() string {
	if e.SKU == "" {
		return fmt.Sprintf("%s: the order holds nothing in %s", ErrOverPick, e.Warehouse)
	}
	return fmt.Sprintf("%s: sku %s in %s: picked %d, held %d, picked before %d", ErrOverPick, e.SKU, e.Warehouse, e.Picked, e.Held, e.Before)
}

// Unwrap makes it ErrOverPick.
func (e *OverPickError) Unwrap() error { return ErrOverPick }

// Repeated is the outcome of a Reserve of an order that was there before.
type Repeated struct{ *Order }

// Reserve is the command to hold stock for an order: all lines or none. The outcome of it,
// as of every command of this package, is the *Order as it then is, or Repeated.
type Reserve struct {
	Order   stock.OrderID
	Region  stock.Region // empty: the deployment's default
	Lines   []Line       // merged; a warehouse that is set is Named
	TTL     time.Duration
	Final   bool   // from an event: a refusal is for ever, and the planned order is the answer,
	Await   bool   // but where the outcome is
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

// checkPicked is checkLine for a pick, which may be of nothing.
func checkPicked(l Line) error {
	if l.Quantity == 0 {
		l.Quantity = 1
	}
	return checkLine(l)
}

// Validate names every fault of what came from outside; errors wrap stock.ErrInvalid.
func (c Extend) Validate() error {
	if c.TTL < MinTTL || c.TTL > MaxTTL {
		return fmt.Errorf("%w ttl %s: expected %s to %s", stock.ErrInvalid, c.TTL, MinTTL, MaxTTL)
	}
	return nil
}

// Release is the command to end an order without a pick. Order may be empty where the
// caller knows the reservation id only.
type Release struct {
	ID     ledger.UUID
	Order  stock.OrderID
	Reason string
	stock.Origin
}

// Confirm is the command that goods of an order were picked. What is named ends: less than
// was held of it releases the rest. All that isn't named stays held.
type Confirm struct {
	ID        ledger.UUID
	Order     stock.OrderID
	Warehouse stock.WarehouseID // whose lines were picked; empty: all
	Picked    []Line            // empty: all of them; a line's Warehouse is empty where it is not Named
	Letter    []byte            // the record that brought it, as the caller wrote it; empty: a pick of an unknown order is not parked
	stock.Origin
}

// Extend is the command to hold an order for longer: until TTL from now, or as long as it
// is held already.
type Extend struct {
	ID  ledger.UUID
	TTL time.Duration
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
		if err := checkPicked(l); err != nil {
			faults = append(faults, fmt.Errorf("items[%d]: %w", i, err))
		}
		if l.Named && c.Warehouse != "" && l.Warehouse != c.Warehouse {
			faults = append(faults, fmt.Errorf("items[%d]: %w warehouse_id %s: the pick is of %s", i, stock.ErrInvalid, l.Warehouse, c.Warehouse))
		}
	}
	if len(c.Picked) > MaxLines {
		faults = append(faults, fmt.Errorf("%w items: expected at most %d, found %d", stock.ErrInvalid, MaxLines, len(c.Picked)))
	}
	return errors.Join(faults...)
}

// Get is the command to read an order.
type Get struct{ ID ledger.UUID }

package stock

import (
	"errors"
	"fmt"
	"strings"
)

// ErrInvalid is wrapped by every error of a Parse function and of New…: the input is
// not what the spec allows.
var ErrInvalid = errors.New("invalid")

// SKU names a stock keeping unit.
type SKU string

// WarehouseID names a warehouse.
type WarehouseID string

// Region names a region that warehouses belong to.
type Region string

// OrderID names an order, as the upstream service does.
type OrderID string

const (
	maxNameLen  = 64
	maxTokenLen = 128
	maxNoteLen  = 512
)

// reserved are names that would be taken for something else where a SKU is written.
var reserved = map[string]bool{
	"warehouses": true, "reservations": true, "orders": true, "global": true, "query": true, "bulk": true,
}

// ParseSKU reads a SKU: 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit; some words
// are reserved.
func ParseSKU(s string) (SKU, error) {
	if reserved[s] {
		return "", fmt.Errorf("%w sku %q: the word is reserved", ErrInvalid, s)
	}
	return SKU(s), checkName("sku", s)
}

// ParseWarehouseID reads a warehouse id: 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit.
func ParseWarehouseID(s string) (WarehouseID, error) {
	return WarehouseID(s), checkName("warehouse_id", s)
}

// ParseRegion reads a region: 1 to 64 of A-Z a-z 0-9 . _ -, first a letter or digit.
func ParseRegion(s string) (Region, error) { return Region(s), checkName("region", s) }

// ParseOrderID reads an order id: 1 to 128 printable ASCII characters without spaces.
func ParseOrderID(s string) (OrderID, error) { return OrderID(s), CheckToken("order_id", s) }

func checkName(field, s string) error {
	if s == "" || len(s) > maxNameLen {
		return fmt.Errorf("%w %s %.80q: expected 1 to %d characters, found %d", ErrInvalid, field, s, maxNameLen, len(s))
	}
	for i := range len(s) {
		c := s[i]
		alnum := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !alnum && (i == 0 || !strings.ContainsRune("._-", rune(c))) {
			return fmt.Errorf("%w %s %q: character %d is %q, expected letters, digits and, after the first, . _ -", ErrInvalid, field, s, i+1, c)
		}
	}
	return nil
}

// CheckToken accepts 1 to 128 printable ASCII characters without spaces: an order id, an
// event id, an Idempotency-Key or an actor. field names it in the error.
func CheckToken(field, s string) error {
	if s == "" || len(s) > maxTokenLen {
		return fmt.Errorf("%w %s %.80q: expected 1 to %d characters, found %d", ErrInvalid, field, s, maxTokenLen, len(s))
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return fmt.Errorf("%w %s %q: character %d is not printable ASCII without spaces", ErrInvalid, field, s, i+1)
		}
	}
	return nil
}

// CheckNote accepts free text for people of up to 512 bytes without control characters.
func CheckNote(field, s string) error {
	if len(s) > maxNoteLen {
		return fmt.Errorf("%w %s: expected at most %d bytes, found %d", ErrInvalid, field, maxNoteLen, len(s))
	}
	if strings.ToValidUTF8(s, "") != s || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%w %s %q: expected text without control characters", ErrInvalid, field, s)
	}
	return nil
}

// Quantity is a number of whole units, 1 to MaxQuantity.
type Quantity int64

// MaxQuantity bounds a quantity, and what is on hand of a SKU in a warehouse, in units.
const MaxQuantity = 1_000_000_000

// ParseQuantity checks a number of units that came from outside.
func ParseQuantity(field string, n int64) (Quantity, error) {
	if n < 1 || n > MaxQuantity {
		return 0, fmt.Errorf("%w %s %d: expected 1 to %d units", ErrInvalid, field, n, MaxQuantity)
	}
	return Quantity(n), nil
}

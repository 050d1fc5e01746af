package ledger

import (
	"fmt"
	"strconv"
	"strings"
)

// ID names a ledger: `stock/<warehouse>/<n>` or `reservation/<region>/<n>`. It is the
// partition key of the ledger's journal.
type ID string

// Kind says which state machine a ledger runs.
type Kind string

// The two kinds of ledger.
const (
	KindStock       Kind = "stock"
	KindReservation Kind = "reservation"
)

// StockID names the nth stock ledger (from 0) of a warehouse.
func StockID(warehouse string, n int) ID { return makeID(KindStock, warehouse, n) }

// ReservationID names the nth reservation ledger (from 0) of a home region.
func ReservationID(region string, n int) ID { return makeID(KindReservation, region, n) }

func makeID(k Kind, scope string, n int) ID {
	return ID(string(k) + "/" + scope + "/" + strconv.Itoa(n))
}

// ParseID reads a ledger's name as ID writes it.
func ParseID(s string) (ID, error) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 || parts[1] == "" {
		return "", fmt.Errorf("ledger %q: expected <kind>/<warehouse or region>/<number>", s)
	}
	if k := Kind(parts[0]); k != KindStock && k != KindReservation {
		return "", fmt.Errorf("ledger %q: kind %q is neither %q nor %q", s, parts[0], KindStock, KindReservation)
	}
	if n, err := strconv.Atoi(parts[2]); err != nil || n < 0 || strconv.Itoa(n) != parts[2] {
		return "", fmt.Errorf("ledger %q: %q is not a number from 0", s, parts[2])
	}
	return ID(s), nil
}

// Kind says which state machine the ledger runs; the ID is one that ParseID accepts.
func (id ID) Kind() Kind {
	kind, _, _ := strings.Cut(string(id), "/")
	return Kind(kind)
}

// Scope is the warehouse of a stock ledger, the home region of a reservation ledger.
func (id ID) Scope() string {
	_, rest, _ := strings.Cut(string(id), "/")
	scope, _, _ := strings.Cut(rest, "/")
	return scope
}

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// verbs are the commands on the inventory itself: the same on the command line and, a line
// each, in the shell.
type verbs struct {
	Warehouse warehouseCmd `cmd:"" help:"Add or list warehouses."`
	Adjust    adjustCmd    `cmd:"" help:"Change, or count, what is on hand."`
	Reserve   reserveCmd   `cmd:"" help:"Hold stock for an order: all items or none."`
	Release   releaseCmd   `cmd:"" help:"End an order without a pick; what it held is available again."`
	Confirm   confirmCmd   `cmd:"" help:"Say that an order was picked: its goods leave."`
	Order     orderCmd     `cmd:"" help:"Show an order."`
	Stock     stockCmd     `cmd:"" help:"Show how much there is of a SKU."`
	Ledgers   ledgersCmd   `cmd:"" help:"Show the ledgers and how they stand."`
	Reconcile reconcileCmd `cmd:"" help:"Prove that tables and memory say what the journals say."`
}

// verb is a command on the inventory. The one that run returns may be an answer together
// with an error.
type verb interface {
	run(ctx context.Context, s *service) (answer, error)
	// decides tells whether a ledger decides it, so that only the owner can run it.
	decides() bool
}

// answer is what a verb says: itself as JSON, and text for people.
type answer interface {
	text(w io.Writer)
}

// item is a line of an order as people write it: SKU=QUANTITY or SKU=QUANTITY@WAREHOUSE.
type item struct {
	sku       string
	quantity  int64
	warehouse string
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *item) UnmarshalText(text []byte) error {
	sku, rest, ok := strings.Cut(string(text), "=")
	quantity, warehouse, named := strings.Cut(rest, "@")
	n, err := strconv.ParseInt(quantity, 10, 64)
	if !ok || err != nil || named && warehouse == "" {
		return fmt.Errorf("%q: expected SKU=QUANTITY or SKU=QUANTITY@WAREHOUSE, such as SKU-1=2@HCM", text)
	}
	*i = item{sku, n, warehouse}
	return nil
}

// units is a signed number of units, which maskNegatives may have written with a minus.
type units int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *units) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(strings.Replace(string(text), minus, "-", 1), 10, 64)
	if err != nil {
		return fmt.Errorf("%q: expected a whole number of units", text)
	}
	*u = units(n)
	return nil
}

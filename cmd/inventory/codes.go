package main

import (
	"context"
	"errors"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// The exit codes, as `inventory --help` documents them.
const (
	exitFailed      = 1   // could not start, or something is broken
	exitUsage       = 2   // the command line, or a value in it, is wrong
	exitRefused     = 3   // understood, and refused: not enough stock, unknown order, …
	exitRetry       = 4   // nobody could decide it now: the same command may succeed later
	exitDifferences = 5   // reconcile found differences
	exitSignal      = 130 // ended by a signal before it was done
)

var (
	errUsage       = errors.New("bad command")
	errDifferences = errors.New("the tables and the journals differ")
)

// codes gives each error its code, its exit code and, where that is known, what to do: the
// first row that an error is. Whether to ask again is app.Retryable's to say.
var codes = []struct {
	err  error
	code string
	exit int
	hint string
}{
	{errSignal, "ENDED", exitSignal, ""},
	{errUsage, "BAD_COMMAND", exitUsage, ""},
	{stock.ErrInvalid, "INVALID", exitUsage, ""},
	{app.ErrUnknownWarehouse, "UNKNOWN_WAREHOUSE", exitRefused, "`warehouse list` shows those there are, `warehouse put <id> <region>` adds one"},
	{app.ErrUnknownRegion, "UNKNOWN_REGION", exitRefused, "`warehouse list` shows the regions, `warehouse put <id> <region>` adds one"},
	{app.ErrUnknownSKU, "UNKNOWN_SKU", exitRefused, "`adjust <warehouse> <sku> RECEIPT <quantity>` brings the first units in"},
	{app.ErrFixed, "WAREHOUSE_FIXED", exitRefused, "only --rank can change: give the warehouse another id"},
	{reservation.ErrUnknownOrder, "UNKNOWN_ORDER", exitRefused, ""},
	{reservation.ErrMismatch, "ORDER_MISMATCH", exitRefused, "the order stays as it is: `order <id>` shows it, another order id makes a new one"},
	{reservation.ErrCancelled, "ALREADY_CANCELLED", exitRefused, ""},
	{reservation.ErrNotHeld, "NOT_HELD", exitRefused, ""},
	{reservation.ErrRejected, "REJECTED", exitRefused, "a rejection is final: another order id makes a new order"}, // may be ErrInsufficient too
	{reservation.ErrShortage, "SHORTAGE", exitRefused, ""},                                                         // likewise
	{reservation.ErrInsufficient, "INSUFFICIENT_STOCK", exitRefused, "nothing is held: the same order may try again"},
	{reservation.ErrBusy, "BUSY", exitRetry, ""},
	{stock.ErrBelowZero, "BELOW_ZERO", exitRefused, ""},
	{stock.ErrTooMany, "TOO_MANY", exitRefused, ""},
	{stock.ErrKeyReused, "KEY_REUSED", exitRefused, "give the adjustment another --key"},
	{owner.ErrNotOwner, "NOT_OWNER", exitRetry, "another process owns the ledgers: ask there, or again later"},
	{owner.ErrOverloaded, "OVERLOADED", exitRetry, ""},
	{owner.ErrUnsettled, "UNSETTLED", exitRetry, "it may still take effect: ask again with the same ids, which does nothing twice"},
	{owner.ErrDefect, "DEFECT", exitFailed, ""},
	{ledger.ErrCorrupt, "CORRUPT", exitFailed, ""},
	{errDifferences, "DIFFERENCES", exitDifferences, ""},
	{ports.ErrConflict, "STORE_CONFLICT", exitFailed, ""},
	{ports.ErrTransient, "STORE_UNAVAILABLE", exitRetry, ""},
	{ports.ErrPermanent, "STORE_REFUSED", exitFailed, ""},
	{ports.ErrUnknown, "STORE_UNKNOWN", exitRetry, "it may still take effect: ask again with the same ids, which does nothing twice"},
	{context.DeadlineExceeded, "TIMEOUT", exitRetry, ""},
	{context.Canceled, "ENDED", exitSignal, ""},
}

// codeOf finds an error's row. What is not in the table is a fault of this program.
func codeOf(err error) (code string, exit int, hint string) {
	for _, row := range codes {
		if errors.Is(err, row.err) {
			return row.code, row.exit, row.hint
		}
	}
	return "INTERNAL", exitFailed, ""
}

// exitCode is what the program ends with.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	_, exit, _ := codeOf(err)
	return exit
}

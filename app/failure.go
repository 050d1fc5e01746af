package app

import (
	"context"
	"errors"

	"inventory/app/owner"
	"inventory/app/scan"
	"inventory/app/watch"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// FailureKind is what a caller can do about a failure. Adapters map it to exit codes and
// to HTTP statuses.
type FailureKind int

// The kinds of failures.
const (
	Malformed     FailureKind = iota + 1 // the request must be written otherwise
	Missing                              // what it is about does not exist
	Conflicting                          // refused as things stand; other things, or another time, may do
	Unprocessable                        // well written, and contradicting what there is
	Retry                                // nobody could decide it now: the same request may succeed later
	Broken                               // somebody has to repair something
	Ended                                // the program, or the caller, ended first
)

// Failure is what is told of an error besides its text.
type Failure struct {
	Code string // stable
	Kind FailureKind
	Hint string // what to do, may be empty
}

// Internal is the code of an error that nobody foresaw.
const Internal = "INTERNAL"

// safeTwice is the hint where nobody knows what became of a command.
const safeTwice = "it may still take effect: ask again with the same ids, which does nothing twice"

// failures gives each error its code, its kind and, where that is known, what to do: the
// first row that an error is. The domain has the codes that it writes to journals. Whether to ask again is Retryable's to say.
var failures = []struct {
	err error
	Failure
}{
	{stock.ErrInvalid, Failure{"INVALID", Malformed, ""}},
	{ErrUnknownWarehouse, Failure{"UNKNOWN_WAREHOUSE", Unprocessable, "`inventory warehouse list` shows those there are, `inventory warehouse put` adds one"}},
	{ErrUnknownRegion, Failure{"UNKNOWN_REGION", Unprocessable, "`inventory warehouse list` shows the regions; putting a warehouse in a region makes one"}},
	{ErrUnknownSubject, Failure{"UNKNOWN_SUBJECT", Missing, "case counts; an order that ended longer ago than the store keeps its row is not remembered, its stock changes are"}},
	{ErrUnknownSKU, Failure{"UNKNOWN_SKU", Missing, "a RECEIPT adjustment brings the first units in"}},
	{ErrBehind, Failure{"STOCK_BEHIND", Retry, "ask again; a min_version is the version that an answer had about this SKU in this warehouse"}},
	{ErrFixed, Failure{"WAREHOUSE_FIXED", Conflicting, "only the rank can change: give the warehouse another id"}},
	{ErrTooOld, Failure{"TOO_OLD", Unprocessable, "orders that old are not remembered any more: see to it by hand"}},
	{reservation.ErrUnknownOrder, Failure{reservation.CodeOf(reservation.ErrUnknownOrder), Missing, ""}},
	{reservation.ErrMismatch, Failure{"ORDER_MISMATCH", Unprocessable, "the order stays as it is: another order id makes a new one"}},
	{reservation.ErrOverPick, Failure{reservation.CodeOf(reservation.ErrOverPick), Unprocessable, "the order stays as it is: confirm what is held, and adjust for what else left"}},
	{reservation.ErrAmbiguousPick, Failure{reservation.CodeOf(reservation.ErrAmbiguousPick), Unprocessable, "name the warehouse_id, of the item or of the whole pick"}},
	{reservation.ErrHoldEnded, Failure{"HOLD_ENDED", Conflicting, "what has ended stays ended: a new order id holds anew, a pick takes the stock again"}},
	{reservation.ErrCancelled, Failure{"ALREADY_CANCELLED", Conflicting, "a cancelled order stays cancelled: another order id makes a new order"}},
	{reservation.ErrNotHeld, Failure{reservation.CodeOf(reservation.ErrNotHeld), Conflicting, ""}},
	// These two may be ErrInsufficient too.
	{reservation.ErrRejected, Failure{"REJECTED", Conflicting, "a rejection is final: another order id makes a new order"}},
	{reservation.ErrShortage, Failure{reservation.CodeOf(reservation.ErrShortage), Conflicting, "the goods have left and are not on the books: count them, then confirm again"}},
	{reservation.ErrInsufficient, Failure{"INSUFFICIENT_STOCK", Conflicting, "nothing is held: the same order may try again"}},
	{reservation.ErrBusy, Failure{"BUSY", Retry, ""}},
	{letter.ErrUnknownLetter, Failure{"UNKNOWN_LETTER", Missing, "`inventory dlq list` shows those there are"}},
	{letter.ErrUnknownJob, Failure{"UNKNOWN_JOB", Missing, "`inventory dlq jobs` shows those there are"}},
	{letter.ErrNoLetters, Failure{"NO_LETTERS", Conflicting, "what was replayed or discarded is open no more: `inventory dlq list --state` shows it"}},
	{letter.ErrTaken, Failure{"LETTERS_TAKEN", Conflicting, "wait for the job, cancel it, or choose other letters"}},
	{letter.ErrSettled, Failure{"SETTLED", Conflicting, ""}},
	{stock.ErrBelowZero, Failure{"BELOW_ZERO", Unprocessable, "COUNT sets what is really there"}},
	{stock.ErrTooMany, Failure{"TOO_MANY", Unprocessable, ""}},
	{stock.ErrKeyReused, Failure{"KEY_REUSED", Unprocessable, "give the adjustment another Idempotency-Key"}},
	{stock.ErrNoMark, Failure{"NO_THRESHOLD", Missing, "`inventory threshold set` sets one"}},
	{watch.ErrOutOfRange, Failure{"REVISION_OUT_OF_RANGE", Unprocessable, "watch without a revision: a snapshot begins anew"}},
	{watch.ErrBehind, Failure{"WATCH_BEHIND", Retry, "go on from the last revision that came, and read faster"}},
	{watch.ErrClosing, Failure{"WATCH_CLOSING", Retry, "go on from the last revision that came, at another process"}},
	{scan.ErrClosing, Failure{"SCAN_CLOSING", Retry, "send what was not acknowledged again, to another process"}},
	{owner.ErrNotOwner, Failure{"NOT_OWNER", Retry, "its ledger has no owner that could be reached, as happens when one dies: ask again, any process will do"}},
	{wire.ErrUnknownMessage, Failure{"NEWER_VERSION", Retry, "processes of two versions run side by side: ask again when all are of the newer one"}},
	{owner.ErrOverloaded, Failure{"OVERLOADED", Retry, ""}},
	{owner.ErrUnsettled, Failure{"UNSETTLED", Retry, safeTwice}},
	{owner.ErrDefect, Failure{"DEFECT", Broken, ""}},
	{ledger.ErrCorrupt, Failure{"CORRUPT", Broken, ""}},
	{ports.ErrUnreadable, Failure{"UNREADABLE", Malformed, ""}},
	{ports.ErrUnknownSchema, Failure{"UNKNOWN_SCHEMA", Malformed, "register the schema under the topic's subject first"}},
	{ports.ErrIncompatibleSchema, Failure{"INCOMPATIBLE_SCHEMA", Malformed, ""}},
	{ports.ErrConflict, Failure{"STORE_CONFLICT", Broken, ""}},
	{ports.ErrTransient, Failure{"UNAVAILABLE", Retry, ""}},
	{ports.ErrPermanent, Failure{"STORE_REFUSED", Broken, ""}},
	{ports.ErrUnknown, Failure{"STORE_UNKNOWN", Retry, safeTwice}},
	{context.DeadlineExceeded, Failure{"TIMEOUT", Retry, ""}},
	{context.Canceled, Failure{"ENDED", Ended, ""}},
}

// Failures lists what FailureOf can give.
func Failures() []Failure {
	all := make([]Failure, 0, len(failures)+1)
	for _, row := range failures {
		all = append(all, row.Failure)
	}
	return append(all, internal)
}

// internal is a failure of an error that nobody foresaw.
var internal = Failure{Code: Internal, Kind: Broken}

// FailureOf finds an error's row. What is not in the table is a fault of this program.
func FailureOf(err error) Failure {
	for _, row := range failures {
		if errors.Is(err, row.err) {
			return row.Failure
		}
	}
	return internal
}

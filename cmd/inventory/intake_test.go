package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestWhatMayPassIsWaitedForAndWhatNeverWillIsBuried(t *testing.T) {
	const buried = -1 // else for how long it is tried again
	const patience = time.Hour
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{ports.ErrTransient, patience},
		{ports.ErrUnknown, patience},
		{ports.ErrPermanent, patience},
		{ports.ErrConflict, patience},
		{owner.ErrNotOwner, patience},
		{owner.ErrOverloaded, patience},
		{owner.ErrUnsettled, patience},
		{reservation.ErrBusy, patience},
		{context.Canceled, patience},
		{context.DeadlineExceeded, patience},
		{ledger.ErrCorrupt, patience},
		{errors.New("never heard of"), faultPatience},
		{reservation.ErrUnknownOrder, buried},
		{reservation.ErrOverPick, buried},
		{reservation.ErrAmbiguousPick, buried},
		{stock.ErrInvalid, buried},
		{app.ErrTooOld, buried},
		{ports.ErrUnreadable, buried},
		{ports.ErrUnknownSchema, buried},
		{reservation.ErrMismatch, buried},
		{reservation.ErrNotHeld, buried},
		{reservation.ErrShortage, buried},
		{owner.ErrDefect, buried},
	} {
		v := (&node{s: &settings{RetryFor: patience}}).verdict(fmt.Errorf("somewhere: %w", c.err))
		if got := v.Within; v.Retry != (c.want != buried) || v.Retry && got != c.want || v.Code == "" {
			t.Errorf("%v: found %+v", c.err, v)
		}
	}
}

// requestsOnly are codes of what only requests ask for, and of what becomes an event of its own
// where an order event asks for it: a rejection.
var requestsOnly = []string{
	"UNKNOWN_WAREHOUSE", "UNKNOWN_REGION", "UNKNOWN_SUBJECT", "UNKNOWN_SKU", "WAREHOUSE_FIXED", "HOLD_ENDED", "ALREADY_CANCELLED",
	"REJECTED", "INSUFFICIENT_STOCK", "BELOW_ZERO", "TOO_MANY", "KEY_REUSED", "NO_THRESHOLD",
	"UNKNOWN_LETTER", "UNKNOWN_JOB", "NO_LETTERS", "LETTERS_TAKEN", "SETTLED",
	"REVISION_OUT_OF_RANGE", "WATCH_BEHIND", "WATCH_CLOSING", "STOCK_BEHIND", "SCAN_CLOSING",
}

func TestEverythingThatIsBuriedIsInTheCatalogueOfDeadLetters(t *testing.T) {
	buried := map[string]bool{letter.CodePanic: true, letter.CodeUnlabelled: true}
	for _, f := range app.Failures() {
		buried[f.Code] = !slices.Contains(requestsOnly, f.Code)
	}
	for _, err := range []error{reservation.ErrUnknownOrder, reservation.ErrNotHeld, reservation.ErrOverPick, reservation.ErrAmbiguousPick, reservation.ErrShortage, errors.New("?")} {
		buried[reservation.CodeOf(err)] = true // of parked picks
	}
	for code, is := range buried {
		if _, known := app.LetterCodeOf(code); known != is {
			t.Errorf("%s: buried %t, in the catalogue %t", code, is, known)
		}
	}
	for _, c := range app.LetterCodes() {
		if !buried[c.Code] {
			t.Errorf("%s is in the catalogue, and nothing is buried with it", c.Code)
		}
	}
}

// What passes is tried again, and for a while alone: only then a lane is never held up for ever.
func TestTheClassOfALetterSaysWhetherItWasTriedAgain(t *testing.T) {
	n := &node{s: &settings{RetryFor: time.Hour}}
	for _, err := range []error{ports.ErrTransient, ports.ErrUnreadable, reservation.ErrShortage, ledger.ErrCorrupt, owner.ErrDefect, owner.ErrUnsettled, stock.ErrInvalid} {
		v := n.verdict(err)
		c, _ := app.LetterCodeOf(v.Code)
		if transient := c.Class == app.TransientLetter; transient != v.Retry || v.Retry && v.Within != time.Hour {
			t.Errorf("%s is %s, and the verdict %+v", v.Code, c.Class, v)
		}
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestWhatMayPassIsWaitedForAndWhatNeverWillIsBuried(t *testing.T) {
	const buried = -1 // else for how long it is tried again, 0 for ever
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{ports.ErrTransient, 0},
		{ports.ErrUnknown, 0},
		{ports.ErrPermanent, 0},
		{ports.ErrConflict, 0},
		{owner.ErrNotOwner, 0},
		{owner.ErrOverloaded, 0},
		{owner.ErrUnsettled, 0},
		{reservation.ErrBusy, 0},
		{context.Canceled, 0},
		{context.DeadlineExceeded, 0},
		{ledger.ErrCorrupt, 0},
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
		v := new(node).verdict(fmt.Errorf("somewhere: %w", c.err))
		if got := v.Within; v.Retry != (c.want != buried) || v.Retry && got != c.want || v.Code == "" {
			t.Errorf("%v: found %+v", c.err, v)
		}
	}
}

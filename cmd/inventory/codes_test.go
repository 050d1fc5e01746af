package main

import (
	"errors"
	"fmt"
	"testing"

	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

func TestEachErrorHasOneCode(t *testing.T) {
	insufficient := &reservation.InsufficientError{Shortages: []stock.Shortage{{SKU: "A", Requested: 2, Available: 1}}}
	for _, c := range []struct {
		err  error
		code string
		exit int
	}{
		{fmt.Errorf("sku: %w", stock.ErrInvalid), "INVALID", exitUsage},
		{insufficient, "INSUFFICIENT_STOCK", exitRefused},
		{errors.Join(reservation.ErrRejected, insufficient), "REJECTED", exitRefused},
		{fmt.Errorf("%w: %w", reservation.ErrShortage, insufficient), "SHORTAGE", exitRefused},
		{fmt.Errorf("%w: %w", owner.ErrNotOwner, ports.ErrConflict), "NOT_OWNER", exitRetry},
		{fmt.Errorf("%w: %w", owner.ErrUnsettled, t.Context().Err()), "UNSETTLED", exitRetry},
		{fmt.Errorf("reading: %w", ports.ErrTransient), "UNAVAILABLE", exitRetry},
		{errors.New("what is that"), "INTERNAL", exitFailed},
	} {
		if code, exit, _ := codeOf(c.err); code != c.code || exit != c.exit {
			t.Errorf("%v: expected %s and %d, found %s and %d", c.err, c.code, c.exit, code, exit)
		}
	}
}

func TestWhatIsExplainedLeavesTheClassToPrograms(t *testing.T) {
	err := fmt.Errorf("open: %w: %w", ports.ErrPermanent, errors.Join(errors.New("no hosts"), errors.New("no dc")))
	if found := explain(err); found != "open: no hosts\n  no dc" {
		t.Errorf("explained: %q", found)
	}
}

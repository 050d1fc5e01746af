package sqlite

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"inventory/ports"
)

// classify turns an error of the driver into one of ports. It is for every statement but
// COMMIT, whose failure leaves the outcome unknown whatever it says. What it doesn't know
// is unknown.
func classify(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var se *sqlite.Error
	if !errors.As(err, &se) {
		if ports.ClassOf(err) != ports.Unknown {
			return err // one of ours
		}
		return fmt.Errorf("%w: %w", ports.ErrUnknown, err)
	}
	switch code := se.Code() & 0xff; code { // the primary code of an extended one
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_NOMEM:
		return fmt.Errorf("%w: %w", ports.ErrTransient, err)
	case lib.SQLITE_FULL:
		// Transient: it ends when room is made, and nothing of the call is wrong.
		return fmt.Errorf("%w: no room on the disk of the data directory: %w", ports.ErrTransient, err)
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_AUTH, lib.SQLITE_CANTOPEN,
		lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB, lib.SQLITE_TOOBIG,
		lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_RANGE, lib.SQLITE_MISUSE, lib.SQLITE_ERROR:
		return fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	default:
		return fmt.Errorf("%w: %w", ports.ErrUnknown, err)
	}
}

package watch

import (
	"errors"
	"fmt"

	"inventory/app/owner"
)

// Errors that end a watch. Whoever is told ErrBehind or ErrClosing goes on from the last
// revision that it has, at any process.
var (
	// ErrOutOfRange is of a revision from which nobody can go on: what came after it is not kept
	// any more, or the journal never had it. A snapshot begins anew.
	ErrOutOfRange = errors.New("revision out of range")
	// ErrBehind is of a watcher that read so slowly, or of a process that was cut off from the
	// journal for so long, that what comes next is not in memory any more.
	ErrBehind = errors.New("the watch fell behind")
	// ErrClosing is of a process that ends.
	ErrClosing = errors.New("this process ends its watches")
	// ErrCrowded is of a process that has as many watches as it may.
	ErrCrowded = fmt.Errorf("%w: this process has as many watches as it may", owner.ErrOverloaded)
)

// RangeError is an ErrOutOfRange with its numbers.
type RangeError struct {
	Asked  Revision
	Oldest Revision // the oldest one from which a watch can go on, as far as is known
}

// Error implements error.
func (e *RangeError) Error() string {
	return fmt.Sprintf("%v: %s was asked for, the oldest that is left is %s", ErrOutOfRange, e.Asked, e.Oldest)
}

// Unwrap implements errors' unwrapping.
func (e *RangeError) Unwrap() error { return ErrOutOfRange }

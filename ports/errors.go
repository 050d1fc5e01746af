package ports

import (
	"context"
	"errors"
)

// What an adapter says of a call that did not do what was asked. Every error of a port
// wraps exactly one of them, or is a context's; an error that wraps none is of a write
// whose outcome is unknown.
var (
	// ErrConflict: not done, and never will be as it stands: somebody else was first.
	ErrConflict = errors.New("conflict")
	// ErrTransient: certainly not done; the same call may succeed later.
	ErrTransient = errors.New("not done, try again")
	// ErrPermanent: certainly not done; the same call will fail again until a person changes
	// something.
	ErrPermanent = errors.New("cannot be done")
	// ErrUnknown: done, not done, or still to be done.
	ErrUnknown = errors.New("outcome unknown")
)

// Class is what a caller can do about an error.
type Class int

// The classes of errors. The zero Class is of no error.
const (
	None Class = iota
	Conflict
	Transient
	Permanent
	Unknown
)

// ClassOf gives an error's class. What is not listed as definite is Unknown: a timed-out
// or cancelled write may still land.
func ClassOf(err error) Class {
	switch {
	case err == nil:
		return None
	case errors.Is(err, ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Unknown
	case errors.Is(err, ErrConflict):
		return Conflict
	case errors.Is(err, ErrTransient):
		return Transient
	case errors.Is(err, ErrPermanent):
		return Permanent
	default:
		return Unknown
	}
}

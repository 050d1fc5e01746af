package owner

import "errors"

// What Ask answers where a command was not decided, or nobody knows whether it was. The
// same command may be asked again: it takes effect once.
var (
	// ErrNotOwner: this process does not own the ledger (any more).
	ErrNotOwner = errors.New("this process does not own the ledger")
	// ErrOverloaded: too many commands wait; nothing was done.
	ErrOverloaded = errors.New("too many commands wait")
	// ErrUnsettled: the deadline passed before the outcome was known; the command may still
	// take effect.
	ErrUnsettled = errors.New("the outcome is not known yet")
	// ErrDefect: the command would have broken an invariant, and was not decided.
	ErrDefect = errors.New("defect")
)

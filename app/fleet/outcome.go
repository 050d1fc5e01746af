package fleet

import (
	"context"
	"errors"
	"slices"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/ports"
)

// outcomeOf names what became of a command that was brought to a member, for those who run the
// service: a refusal by the ledger is a decision. to is empty where no owner was found.
func outcomeOf(to string, err error) string {
	switch {
	case err == nil:
		return ports.ForwardDecided
	case to == "" || errors.Is(err, owner.ErrNotOwner):
		return ports.ForwardNoOwner
	case isAny(err, errWire) && isAny(err, ports.ErrTransient):
		return ports.ForwardUnreachable
	case isAny(err, errWire, owner.ErrUnsettled, ports.ErrUnknown, context.DeadlineExceeded, context.Canceled):
		return ports.ForwardUnsettled
	case errors.Is(err, owner.ErrOverloaded):
		return ports.ForwardOverloaded
	case owner.Hopeless(err) || isAny(err, ports.ErrTransient, ports.ErrConflict, ports.ErrClock, wire.ErrUnknownMessage):
		return ports.ForwardFailed
	}
	return ports.ForwardDecided
}

func isAny(err error, of ...error) bool {
	return slices.ContainsFunc(of, func(one error) bool { return errors.Is(err, one) })
}

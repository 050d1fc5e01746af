package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/ports"
)

func TestWhatBecameOfAForwardedCommandIsNamed(t *testing.T) {
	lost := fmt.Errorf("%w: b at b:1: %w", errWire, ports.ErrUnknown)
	seen := map[string]bool{}
	for _, c := range []struct {
		to   string
		err  error
		want string
	}{
		{"b", nil, ports.ForwardDecided},
		{"b", reservation.ErrRejected, ports.ForwardDecided},
		{"b", fmt.Errorf("order o-1: %w", reservation.ErrBusy), ports.ForwardDecided},
		{"", fmt.Errorf("looking for the owner: %w", ports.ErrUnknown), ports.ForwardNoOwner},
		{"", fmt.Errorf("%w: nobody does", owner.ErrNotOwner), ports.ForwardNoOwner},
		{"b", errors.Join(fmt.Errorf("%w: moved", owner.ErrNotOwner), ports.ErrTransient), ports.ForwardNoOwner},
		{"b", fmt.Errorf("%w: b at b:1: %w", errWire, ports.ErrTransient), ports.ForwardUnreachable},
		{"b", lost, ports.ForwardUnsettled},
		{"b", unsettled(lost), ports.ForwardUnsettled},
		{"b", fmt.Errorf("%w: b at b:1: %w", errWire, context.DeadlineExceeded), ports.ForwardUnsettled},
		{"b", owner.ErrUnsettled, ports.ForwardUnsettled},
		{"b", owner.ErrOverloaded, ports.ForwardOverloaded},
		{"b", owner.ErrDefect, ports.ForwardFailed},
		{"b", ledger.ErrCorrupt, ports.ForwardFailed},
		{"b", ports.ErrTransient, ports.ForwardFailed},
		{"b", wire.ErrUnknownMessage, ports.ForwardFailed},
		{"b", context.DeadlineExceeded, ports.ForwardUnsettled},
	} {
		seen[c.want] = true
		if got := outcomeOf(c.to, c.err); got != c.want || !slices.Contains(ports.ForwardOutcomes(), got) {
			t.Errorf("to %q, %v: expected %s, found %s", c.to, c.err, c.want, got)
		}
	}
	if len(seen) != len(ports.ForwardOutcomes()) {
		t.Errorf("tried %v, there are %v", seen, ports.ForwardOutcomes())
	}
}

// What the owner said is named alike after it came over the wire.
func TestAnOwnersErrorIsNamedAlikeAtBothEndsOfTheWire(t *testing.T) {
	codec := owner.NewCodec()
	for _, err := range []error{
		owner.ErrOverloaded, owner.ErrUnsettled, owner.ErrNotOwner, owner.ErrDefect, ledger.ErrCorrupt, ports.ErrPermanent,
		ports.ErrConflict, ports.ErrClock, context.Canceled, reservation.ErrBusy, reservation.ErrMismatch,
	} {
		bytes, encodeErr := codec.Encode(wire.Answer{Err: err})
		if encodeErr != nil {
			t.Fatal(encodeErr)
		}
		answer, _, bad := wire.AnswerOf[wire.Answer](codec, bytes)
		if bad != nil {
			t.Fatal(bad)
		}
		if here, there := outcomeOf("b", err), outcomeOf("b", answer.Err); here != there {
			t.Errorf("%v: %s with the owner, %s where it was asked from: %v", err, here, there, answer.Err)
		}
	}
}

package wire

import (
	"context"
	"fmt"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// Sentinel is an error whose identity reaches other members, under a number that is fixed for
// ever.
type Sentinel struct {
	Number byte
	Err    error
	As     error // what it is to whoever asked; nil: Err
}

// FirstOwn is the first number for those who make a Codec.
const FirstOwn = 200

// sentinels are what a ledger's owner may answer, but for the owner's own.
var sentinels = []Sentinel{
	{Number: 1, Err: stock.ErrInvalid},
	{Number: 2, Err: stock.ErrBelowZero},
	{Number: 3, Err: stock.ErrTooMany},
	{Number: 4, Err: stock.ErrKeyReused},
	{Number: 5, Err: stock.ErrNoMark},

	{Number: 16, Err: reservation.ErrUnknownOrder},
	{Number: 17, Err: reservation.ErrMismatch},
	{Number: 18, Err: reservation.ErrInsufficient},
	{Number: 19, Err: reservation.ErrRejected},
	{Number: 20, Err: reservation.ErrCancelled},
	{Number: 21, Err: reservation.ErrNotHeld},
	{Number: 22, Err: reservation.ErrOverPick},
	{Number: 23, Err: reservation.ErrAmbiguousPick},
	{Number: 24, Err: reservation.ErrHoldEnded},
	{Number: 25, Err: reservation.ErrShortage},
	{Number: 26, Err: reservation.ErrBusy},
	{Number: 27, Err: reservation.ErrOwned},

	{Number: 48, Err: ledger.ErrCorrupt},

	{Number: 64, Err: ports.ErrConflict},
	{Number: 65, Err: ports.ErrTransient},
	{Number: 66, Err: ports.ErrPermanent},
	{Number: 67, Err: ports.ErrUnknown},
	{Number: 68, Err: ports.ErrClock},

	{Number: 80, Err: context.DeadlineExceeded},
	// That the other member ended, or lost the connection, is not that whoever asked did.
	{Number: 81, Err: context.Canceled, As: ports.ErrUnknown},

	{Number: 96, Err: ErrUnknownMessage},
}

// Codec encodes messages and the errors in them. It may be used by many at once.
type Codec struct {
	sentinels []Sentinel
	decoded   [256]error // by number
}

// NewCodec makes a codec that knows the errors of this package's imports, and own, whose numbers
// are FirstOwn and above. It panics where a number has two meanings: that is a fault of the
// program, and of every run of it.
func NewCodec(own ...Sentinel) *Codec {
	c := &Codec{}
	for _, s := range sentinels {
		c.add(s)
	}
	for _, s := range own {
		if s.Number < FirstOwn {
			panic(fmt.Sprintf("error %q has number %d: expected %d or more", s.Err, s.Number, FirstOwn))
		}
		c.add(s)
	}
	return c
}

func (c *Codec) add(s Sentinel) {
	if c.decoded[s.Number] != nil {
		panic(fmt.Sprintf("number %d is of two errors: %q and %q", s.Number, c.decoded[s.Number], s.Err))
	}
	if s.As == nil {
		s.As = s.Err
	}
	c.sentinels = append(c.sentinels, s)
	c.decoded[s.Number] = s.As
}

package owner

import "inventory/app/wire"

// sentinels are this package's errors as other members are told of them; the numbers are fixed
// for ever.
var sentinels = []wire.Sentinel{
	{Number: 200, Err: ErrNotOwner},
	{Number: 201, Err: ErrOverloaded},
	{Number: 202, Err: ErrUnsettled},
	{Number: 203, Err: ErrDefect},
}

// NewCodec makes a codec of what members say to each other: whatever Ask answers reaches them.
func NewCodec() *wire.Codec { return wire.NewCodec(sentinels...) }

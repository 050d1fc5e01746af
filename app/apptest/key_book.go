package apptest

import (
	"errors"
	"sync"
	"time"

	"inventory/app"
	"inventory/domain/stock"
)

// keyBook is what clients asked and were told under one idempotency key.
type keyBook struct {
	h       *history
	first   app.AdjustRequest
	asks    asks
	mu      sync.Mutex // guards all below
	made    *stock.Adjustment
	fresh   bool              // somebody was told that it was not made before
	madeAt  int64             // the moment after which everybody may know
	request app.AdjustRequest // that made it
	refused int64             // the last moment after which somebody asked and was refused
}

// late tells that all who asked were refused, and only then a copy of what they sent came in,
// when there was enough: mu is held.
func (b *keyBook) late(in time.Time) bool {
	return b.made == nil && b.refused > 0 && !in.Before(b.h.moments.time(b.refused))
}

// told notes the answer to an adjustment.
func (b *keyBook) told(asked int64, req app.AdjustRequest, made stock.Adjustment, err error) {
	now := b.h.moments.next()
	fresh := err == nil && !made.Repeated
	made.Repeated = false
	b.mu.Lock()
	defer b.mu.Unlock()
	if fresh && b.fresh {
		b.h.c.found.add("adjustment %+v: two were told that it was not made before", req)
	}
	b.fresh = b.fresh || fresh
	switch {
	case err != nil && req.Type == string(stock.Count) && !errors.Is(err, stock.ErrKeyReused):
		b.h.c.found.add("adjustment %+v: a count is a fact, but it is refused: %v", req, err)
	case errors.Is(err, stock.ErrBelowZero), errors.Is(err, stock.ErrTooMany):
		b.refused = max(b.refused, asked)
		if b.made != nil && b.madeAt < asked {
			b.h.c.found.add("adjustment %+v: refused (%v), but the key was used before for %+v", req, err, *b.made)
		}
	case errors.Is(err, stock.ErrKeyReused):
		if b.made != nil && req == b.request {
			b.h.c.found.add("adjustment %+v: %v, but this is what it was used for", req, err)
		}
	case err != nil:
		b.h.c.found.add("adjustment %+v: unexpected answer %v", req, err)
	case b.made == nil:
		b.made, b.madeAt, b.request = &made, now, req
	case *b.made != made || b.request != req:
		b.h.c.found.add("adjustment %+v: made as %+v, and for %+v as %+v", req, made, b.request, *b.made)
	}
}

package cache

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

// cells is how many counters there are: SKUs that share one are taken for one, which costs no more
// than that a cold one is cached.
const cells = 1 << 14

// heat counts how often SKUs are read. What was counted is halved each second, so that a SKU that
// is read r times a second stands at r to 2r, and is forgotten when it is not.
type heat struct {
	seed   maphash.Seed
	hot    uint32
	halved atomic.Int64 // when, Unix nanoseconds
	counts [cells]atomic.Uint32
}

func newHeat(hot int) *heat { return &heat{seed: maphash.MakeSeed(), hot: uint32(hot)} }

// read counts a read of a SKU, and tells whether it is read much.
func (h *heat) read(sku string) bool {
	return h.counts[maphash.String(h.seed, sku)%cells].Add(1) > h.hot
}

// cool halves what was counted, once for each second that has passed.
func (h *heat) cool(now time.Time) {
	last := h.halved.Load()
	seconds := (now.UnixNano() - last) / int64(time.Second)
	if seconds < 1 || !h.halved.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	for i := range h.counts {
		c := &h.counts[i]
		if n := c.Load(); n > 0 {
			c.CompareAndSwap(n, n>>min(seconds, 31)) // a read meanwhile: it is halved the next time
		}
	}
}

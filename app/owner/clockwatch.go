package owner

import (
	"context"
)

// watchClock compares the clock with the store's now and then, until ctx ends, and ends the
// reign of a process whose clock is not trusted.
func (h *Host) watchClock(ctx context.Context) {
	if h.time.store == nil {
		return
	}
	for h.sleep(ctx, h.cfg.ClockCheck) == nil {
		if err := h.compareClock(ctx); err != nil {
			h.abdicate(err)
		}
	}
}

// compareClock does not wait for the store's answer for longer than until the next time.
func (h *Host) compareClock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.ClockCheck)
	defer cancel()
	return h.time.compare(ctx)
}

// abdicate ends the reign, if there is one: its ledgers are given up in good order.
func (h *Host) abdicate(err error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.reign != nil {
		h.reign.end(err)
	}
}

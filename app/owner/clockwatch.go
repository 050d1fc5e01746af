package owner

import "context"

// CompareClock compares the clock with the store's, and says why it is not trusted, if it is
// not. It does not wait for the store's answer for longer than until the next time.
func (h *Host) CompareClock(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, h.cfg.ClockCheck)
	defer cancel()
	return h.time.compare(ctx)
}

// WatchClock compares the clock with the store's now and then, until ctx ends, and calls compared
// each time.
func (h *Host) WatchClock(ctx context.Context, compared func()) {
	if h.time.store == nil {
		return
	}
	for h.sleep(ctx, h.cfg.ClockCheck) == nil {
		_ = h.CompareClock(ctx) // Trust tells
		compared()
	}
}

// Trust is nil, or says why the clock is not trusted: a process with such a clock owns nothing.
func (h *Host) Trust() error { return h.time.trust() }

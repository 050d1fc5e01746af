package client

import (
	"context"
	"math/rand/v2"
	"time"

	"connectrpc.com/connect"
)

// tries counts those in a row that failed.
type tries struct {
	c *Client
	n int
}

// succeeded has the next pause be the shortest again.
func (t *tries) succeeded() { t.n = 0 }

// pause waits before the next try, at least for as long as was asked for, and has the next process
// asked. The error is why ctx ended.
func (t *tries) pause(ctx context.Context, p process, why error, least time.Duration) error {
	t.c.options.OnRetry(why)
	t.c.leave(p)
	longest := min(t.c.options.Pause<<min(t.n, 16), t.c.options.LongestPause)
	t.n++
	timer := time.NewTimer(max(longest-rand.N(longest/2+1), least))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// final tells whether another try would be answered in the same way.
func final(err error) bool {
	switch connect.CodeOf(err) {
	case connect.CodeInvalidArgument, connect.CodeNotFound, connect.CodeFailedPrecondition, connect.CodeUnimplemented,
		connect.CodeUnauthenticated, connect.CodePermissionDenied:
		return true
	case connect.CodeCanceled, connect.CodeUnknown, connect.CodeDeadlineExceeded, connect.CodeAlreadyExists, connect.CodeResourceExhausted,
		connect.CodeAborted, connect.CodeOutOfRange, connect.CodeInternal, connect.CodeUnavailable, connect.CodeDataLoss:
		// Cut, ending, crowded, or broken, which somebody may mend.
	}
	return false
}

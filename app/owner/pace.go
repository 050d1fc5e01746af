package owner

import (
	"context"
	"time"
)

// maxLinger bounds how long a batch may wait to grow.
const maxLinger = 2 * time.Millisecond

// pace remembers how large batches were lately and how long their commits took. Callers
// that have just been answered ask again a moment later: a loop that did not wait for
// them would commit the few commands that are there, and let all others wait for that.
type pace struct {
	commands float64       // of a batch, on average
	took     time.Duration // a commit, on average
}

// note takes in a batch that was committed. Recent ones count most.
func (p *pace) note(commands int, took time.Duration) {
	p.commands += (float64(commands) - p.commands) / 4
	p.took += (took - p.took) / 4
}

// linger is how long it is worth waiting for a batch to grow from what waits to its usual
// size: less than half of what a commit too many would cost, nothing where batches are
// small anyway.
func (p *pace) linger(waiting int) time.Duration {
	if waiting == 0 || float64(waiting) >= p.commands-1 {
		return 0
	}
	return min(p.took/2, maxLinger)
}

// gatherMore lets work gather for a moment, if there was more of it lately than waits now.
func (t *tenure) gatherMore(ctx context.Context) {
	linger := t.pace.linger(t.box.waiting())
	if linger <= 0 {
		return
	}
	timer := t.world.Clock.NewTimer(linger)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C():
			return
		case <-t.box.wake:
			if t.pace.linger(t.box.waiting()) == 0 {
				return
			}
		}
	}
}

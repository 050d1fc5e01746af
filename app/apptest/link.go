package apptest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inventory/ports"
)

// errCut is what a killed process would hear from its store, were it there to hear it.
var errCut = fmt.Errorf("%w: the process was killed", ports.ErrUnknown)

// link is what is between one process and its store. Cut, it lets nothing through any
// more; frozen, it holds everything up, there and back.
type link struct {
	process *process
	mu      sync.Mutex    // guards thawed
	thawed  chan struct{} // closed where the process is not frozen
	cut     chan struct{} // closed when the process is killed
	once    sync.Once
}

func newLink() *link {
	l := &link{thawed: make(chan struct{}), cut: make(chan struct{})}
	close(l.thawed)
	return l
}

func (l *link) kill() { l.once.Do(func() { close(l.cut) }) }

func (l *link) killed() bool {
	select {
	case <-l.cut:
		return true
	default:
		return false
	}
}

func (l *link) freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.thawed:
		l.thawed = make(chan struct{})
	default:
	}
}

func (l *link) thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.thawed:
	default:
		close(l.thawed)
	}
}

// pass is one way of a call: it takes its time, and is where a process dies or stops.
func (l *link) pass(ctx context.Context) error {
	l.process.atPoint()
	return l.way(ctx)
}

// way is a pass that is no point.
func (l *link) way(ctx context.Context) error {
	if l.killed() {
		return errCut
	}
	if err := l.process.slot.c.pause(ctx, l.process.slot.c.latency()); err != nil {
		return err
	}
	l.mu.Lock()
	thawed := l.thawed
	l.mu.Unlock()
	select {
	case <-thawed:
	case <-l.cut:
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.killed() {
		return errCut
	}
	return nil
}

// through makes a call to the store on behalf of a process.
func through[T any](ctx context.Context, l *link, call func() (T, error)) (T, error) {
	return thereAndBack(ctx, l.pass, call)
}

func thereAndBack[T any](ctx context.Context, way func(context.Context) error, call func() (T, error)) (T, error) {
	var none T
	if err := way(ctx); err != nil {
		return none, err
	}
	got, err := call()
	if lost := way(ctx); lost != nil {
		return none, lost
	}
	return got, err
}

// pause waits for a while.
func (c *cluster) pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := c.cfg.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C():
		return nil
	}
}

package scan

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime/debug"
	"sync"

	"inventory/ports"
)

// Task is one scan.
type Task struct {
	// About names what it changes: tasks of a client about the same are done in the order in
	// which they came.
	About string
	// Do asks for it once. Asked again, it does nothing twice.
	Do func(context.Context) error
	// Told is called once, with nil or with the error of the last try.
	Told func(error)
}

// PanicError is of a task that panicked, which is no other task's matter.
type PanicError struct {
	Cause any
	Stack []byte
}

// Error implements error.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v", p.Cause) }

// Client has the tasks of one who sends scans. It is used by one goroutine.
type Client struct {
	room    *Room
	ctx     context.Context
	lanes   []chan Task
	seed    maphash.Seed
	working sync.WaitGroup // lanes
	leave   func()
}

// Enter begins a client, whose tasks end with ctx, with as many lanes as it may have, or with one:
// then each task finds what the ones before it left. Close it. Errors: ErrCrowded, ErrClosing.
func (r *Room) Enter(ctx context.Context, lanes int) (*Client, error) {
	if r.Ended() {
		return nil, ErrClosing
	}
	select {
	case r.clients <- struct{}{}:
	default:
		return nil, fmt.Errorf("%w: %d", ErrCrowded, r.cfg.Clients)
	}
	c := &Client{room: r, seed: maphash.MakeSeed(), lanes: make([]chan Task, min(lanes, r.cfg.Lanes))}
	ctx, stop := context.WithCancelCause(ctx)
	c.ctx = ctx
	var draining sync.WaitGroup
	draining.Go(func() { r.drain(ctx, stop) })
	c.leave = func() {
		stop(nil)
		draining.Wait()
		<-r.clients
	}
	for i := range c.lanes {
		c.lanes[i] = make(chan Task, r.cfg.Window)
		c.working.Go(func() {
			for t := range c.lanes[i] {
				t.Told(c.do(t))
			}
		})
	}
	return c, nil
}

// drain gives a client's tasks some time when the process ends.
func (r *Room) drain(ctx context.Context, stop context.CancelCauseFunc) {
	select {
	case <-r.Ending():
		if ports.Sleep(ctx, r.clock, r.cfg.Drain) == nil {
			stop(ErrClosing)
		}
	case <-ctx.Done():
	}
}

// Take has a task done. It waits while the task's lane is full.
func (c *Client) Take(t Task) { c.lanes[maphash.String(c.seed, t.About)%uint64(len(c.lanes))] <- t }

// Close waits until the tasks that were taken are told.
func (c *Client) Close() {
	for _, lane := range c.lanes {
		close(lane)
	}
	c.working.Wait()
	c.leave()
}

// do has a task done: it is tried until there is an answer, or patience ends. While it waits for
// another try, which may be because one ledger has no owner, others have its place.
func (c *Client) do(t Task) error {
	if err := c.begin(c.ctx); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(c.ctx, c.room.cfg.Patience)
	defer stop()
	for {
		err := c.try(ctx, t)
		if err == nil || !c.room.retryable(err) || c.room.Ended() {
			return err
		}
		if ports.SleepUnless(ctx, c.room.clock, c.room.cfg.Again, c.room.Ending()) != nil || c.begin(ctx) != nil {
			return err
		}
	}
}

// begin waits for a place among those that are asked of ledgers.
func (c *Client) begin(ctx context.Context) error {
	select {
	case c.room.asking <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// try asks once, and gives the place back.
func (c *Client) try(ctx context.Context, t Task) (err error) {
	defer func() { <-c.room.asking }()
	defer func() {
		if cause := recover(); cause != nil {
			err = &PanicError{cause, debug.Stack()}
		}
	}()
	return t.Do(ctx)
}

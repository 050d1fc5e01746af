package kafka

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"inventory/domain/letter"
)

const (
	panicTries = 3 // then a record whose handler panics is buried
	// Waits before a record is tried again.
	retryPauseLeast = 50 * time.Millisecond
	retryPauseMost  = 5 * time.Second
)

// errStopped leaves a record to whoever reads the partition next. Watermill is silent about
// it.
var errStopped = fmt.Errorf("kafka: the partition goes to another member: %w", context.Canceled)

// panicError is a handler's panic as an error.
type panicError struct {
	value any
	stack []byte
}

// Error implements error.
func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.value, e.stack) }

// consumption is one record's way to being handled or buried.
type consumption struct {
	router *Router
	topic  string // without prefix
	rec    Record
	began  time.Time

	attempts    int
	first, last time.Time // failures
}

// run returns nil once the record is done with; an error leaves it unmarked.
func (c *consumption) run(ctx context.Context) error {
	defer c.router.waiting.remove(c)
	pause := backoff{least: retryPauseLeast, most: retryPauseMost}
	for {
		err := c.handle(ctx)
		if err == nil {
			c.observer().Consumed(c.topic, time.Since(c.began), Handled)
			return nil
		}
		if ctx.Err() != nil { // no more time: the error may be of that
			return errStopped
		}
		v := c.judge(err)
		if !v.Retry {
			return c.bury(ctx, v.Code, err)
		}
		c.observer().Retrying(c.topic, v.Code, err, c.attempts)
		if !pause.wait(ctx, stoppingOf(ctx)) {
			return errStopped
		}
	}
}

func (c *consumption) observer() Observer { return c.router.cfg.Observer }

// handle calls the handler; a panic is an error like others.
func (c *consumption) handle(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return c.router.cfg.Handle(ctx, c.topic, c.rec)
}

// judge notes a failure and says what to do about it.
func (c *consumption) judge(err error) Verdict {
	c.attempts++
	c.last = time.Now()
	if c.attempts == 1 {
		c.first = c.last
	}
	c.router.waiting.put(c, err)
	if _, ok := errors.AsType[*panicError](err); ok {
		return Verdict{Code: letter.CodePanic, Retry: c.attempts < panicTries}
	}
	v := c.router.cfg.Verdict(err)
	if v.Within > 0 && c.last.Sub(c.first) >= v.Within {
		v.Retry = false
	}
	return v
}

// bury writes the record to the dead letters, however often that fails.
func (c *consumption) bury(ctx context.Context, code string, cause error) error {
	letter := Letter{Record: c.rec, Code: code, Err: cause, Attempts: c.attempts, FirstFailure: c.first, LastFailure: c.last}
	pause := backoff{least: retryPauseLeast, most: retryPauseMost}
	for {
		err := c.router.cfg.DeadLetters.Write(ctx, letter)
		if err == nil {
			c.observer().Buried(c.topic, code, c.rec, cause)
			c.observer().Consumed(c.topic, time.Since(c.began), Dead)
			return nil
		}
		if ctx.Err() != nil {
			return errStopped
		}
		err = fmt.Errorf("kafka: %s is to be buried as %s (%w), and can't be: %w", c.where(), code, cause, err)
		c.router.waiting.put(c, err)
		c.observer().Trouble(err)
		if !pause.wait(ctx, stoppingOf(ctx)) {
			return errStopped
		}
	}
}

// where names the record for people.
func (c *consumption) where() string {
	return fmt.Sprintf("%s[%d]@%d", c.topic, c.rec.Partition, c.rec.Offset)
}

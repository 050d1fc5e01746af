package main

import (
	"context"
	"errors"
	"slices"
)

// part is something that works by itself until it is stopped.
type part struct {
	end  context.CancelFunc
	done chan struct{}
}

// start lets it work; its context ends with stop.
func (p *part) start(work func(context.Context)) {
	ctx, end := context.WithCancel(context.Background())
	p.end, p.done = end, make(chan struct{})
	go func() {
		defer close(p.done)
		work(ctx)
	}()
}

// stop ends it and waits. It does nothing where it was not started.
func (p *part) stop() {
	if p.end != nil {
		p.end()
		<-p.done
	}
}

// closers let go of what was opened.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

// addQuiet is add of what can't fail.
func (c *closers) addQuiet(f func()) { c.add(func() error { f(); return nil }) }

// close lets go of everything, what was opened last first.
func (c *closers) close() error {
	var errs []error
	for _, f := range slices.Backward(*c) {
		errs = append(errs, f())
	}
	*c = nil
	return errors.Join(errs...)
}

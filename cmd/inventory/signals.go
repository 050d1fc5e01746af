package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// errSignal is the cause of a context that a signal ended.
var errSignal = errors.New("asked to end by a signal")

// untilSignal returns a context that ends with the first SIGINT or SIGTERM, after which
// the program finishes in good order; the second one ends it at once, which loses nothing
// that was answered. No other part of the program listens to signals.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel(errSignal)
		<-signals
		fmt.Fprintln(os.Stderr, "inventory: ended at once")
		os.Exit(exitSignal)
	}()
	return ctx, func() { signal.Stop(signals); cancel(nil) }
}

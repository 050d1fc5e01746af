package main

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"inventory/adapters/kafka"
	"inventory/app/capture"
	"inventory/ports"
)

// Who publishes.
const (
	publishDirect = "direct" // the owner of a ledger
	publishCDC    = "cdc"    // whoever captures inventory.events
)

// captureSettings are of publishing by capture.
type captureSettings struct {
	Topic    string        `placeholder:"NAME" help:"With --publish=cdc, on Cassandra: the topic that Debezium writes the rows of inventory.events to, its whole name. Default: cdc.KEYSPACE.events."`
	Lateness time.Duration `default:"10s" help:"With --publish=cdc, on Cassandra: when an event is published at the latest, after what it tells of, though capture is late with it or lost it: it is read from the table then."`
}

func (s *settings) captureFaults(fault func(bad bool, format string, args ...any)) {
	fault(s.Capture.Lateness < time.Second, "--capture-lateness=%s: expected 1s or more", s.Capture.Lateness)
}

// publishesCaptured tells whether this process publishes what is left to capture. One that was
// given the role does so whoever publishes now: so it ends what was left.
func (s *settings) publishesCaptured() bool {
	return slices.Contains(s.Role, roleCDC) || s.Publish == publishCDC && s.does(roleCDC)
}

// captureTopic is the whole name of the topic of captured rows; empty: nothing captures.
func (s *settings) captureTopic() string {
	switch {
	case s.Store != storeCassandra || s.Publish != publishCDC && !s.publishesCaptured():
		return ""
	case s.Capture.Topic != "":
		return s.Capture.Topic
	}
	return "cdc." + s.Cassandra.Keyspace + ".events"
}

// uncaptured is ports.Capture where nothing captures: on a store that one process alone uses.
type uncaptured struct{}

// Follow implements ports.Capture.
func (uncaptured) Follow(ctx context.Context, lead func(context.Context, <-chan string)) error {
	lead(ctx, nil)
	return nil
}

// openCapture makes what publishes the events that are left to capture.
func (n *node) openCapture(context.Context) error {
	if n.s.Publish == publishCDC && !n.s.does(roleCDC) {
		n.log.Info("events are left to capture: a process with --role=cdc has to publish them")
	}
	if !n.s.publishesCaptured() {
		return nil
	}
	if n.kafka.CaptureTopic == "" {
		n.captured = n.in.CapturePublisher(uncaptured{}, capture.Config{})
		return nil
	}
	c, err := kafka.NewCapture(n.kafka, func(err error) { n.observer.Observe(ports.CaptureTrouble{Err: err}) })
	if err != nil {
		return err
	}
	n.log.Info("publishes what is captured, and what is not", zap.String("topic", n.kafka.CaptureTopic), zap.Duration("lateness", n.s.Capture.Lateness))
	n.captured = n.in.CapturePublisher(c, capture.Config{Lateness: n.s.Capture.Lateness})
	return nil
}

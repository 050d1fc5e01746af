package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"inventory/adapters/httpapi"
	"inventory/adapters/kafka"
	"inventory/adapters/telemetry"
	"inventory/app"
	"inventory/app/owner"
	"inventory/ports"
)

// consume brings order events to the ledgers, wherever they are.
func (n *node) consume(ctx context.Context) error {
	n.consuming.Store(true)
	defer n.consuming.Store(false)
	return n.router.Run(ctx)
}

// handle acts on a record of an order event topic.
func (n *node) handle(ctx context.Context, topic string, rec kafka.Record) error {
	event, err := n.codec.Decode(ctx, topic, rec.Value)
	if err != nil {
		return err
	}
	c := app.Consumption{Event: event, Topic: topic, Trace: kafka.TraceOf(rec)}
	if topic == ports.FulfilmentPickedTopic {
		if c.Letter, err = kafka.WriteRecord(rec); err != nil {
			return err
		}
	}
	return n.in.Consume(ctx, c)
}

// faultPatience is how long a record is tried again that met a fault nobody foresaw.
const faultPatience = 30 * time.Second

// verdict says what is to be done about an error of handle: what may pass is waited for, but
// not for ever, since records of other orders wait behind it; what never will is buried.
func (n *node) verdict(err error) kafka.Verdict {
	f := app.FailureOf(err)
	v := kafka.Verdict{Code: f.Code}
	switch {
	case errors.Is(err, owner.ErrDefect):
	case f.Code == app.Internal:
		v.Retry, v.Within = true, faultPatience
	case f.Kind == app.Retry, f.Kind == app.Ended, f.Kind == app.Broken:
		v.Retry, v.Within = true, n.s.RetryFor
	}
	return v
}

// serveHTTP serves the API until it is shut down.
func (n *node) serveHTTP() error {
	if err := n.server.Serve(n.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the API: %w", err)
	}
	return nil
}

// stopHTTP lets requests under way finish, and takes no other.
func (n *node) stopHTTP() {
	if n.serving.end == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := n.server.Shutdown(ctx); err != nil {
		n.log.Warn("API: some requests were cut off", zap.Error(errors.Join(err, n.server.Close())))
	}
	n.serving.stop()
}

// ready says the first thing that is missing, as /readyz says all.
func (n *node) ready(ctx context.Context) error {
	for _, check := range n.checks() {
		if err := check.Probe(ctx); err != nil {
			return fmt.Errorf("%s: %w", check.Name, err)
		}
	}
	return nil
}

// checks are what readiness means: each says what is missing.
func (n *node) checks() []httpapi.Check {
	checks := []httpapi.Check{
		{Name: "process", Probe: func(context.Context) error {
			if n.ending.Load() {
				return errEnding
			}
			return nil
		}},
		{Name: "schemas", Probe: func(context.Context) error { return n.codec.Ready() }},
	}
	if n.s.does(roleCore) {
		checks = append(checks, httpapi.Check{Name: "ledgers", Probe: n.in.Ready}, httpapi.Check{Name: "order_events", Probe: n.checkIntake})
	}
	return checks
}

// checkIntake is nil while order events are consumed and none waits for something that does
// not come.
func (n *node) checkIntake(context.Context) error {
	if !n.consuming.Load() {
		return errors.New("not consumed")
	}
	if waiting := n.router.Waiting(); len(waiting) > 0 {
		return errors.New(strings.Join(waiting, "; "))
	}
	return nil
}

// apiTrouble logs what a client is not told: as an error where somebody has to see to it.
func (n *node) apiTrouble(t httpapi.Trouble) {
	level := zapcore.ErrorLevel
	if k := app.FailureOf(t.Err).Kind; k == app.Retry || k == app.Ended {
		level = zapcore.WarnLevel
	}
	n.log.Log(level, "API", zap.String("route", t.Route), zap.String("request_id", t.RequestID), zap.Error(t.Err), zap.ByteString("stack", t.Stack))
}

// watchTrouble logs what a client of the gRPC services is not told.
func (n *node) watchTrouble(procedure string, err error) {
	n.log.Error("gRPC", zap.String("procedure", procedure), zap.Error(err))
}

func (n *node) consoleTrouble(route string, err error) {
	n.log.Error("console", zap.String("route", route), zap.Error(err))
}

// consumerObserver tells logs and metrics what becomes of records.
type consumerObserver struct {
	log     *zap.Logger
	metrics *telemetry.Metrics
}

var _ kafka.Observer = (*consumerObserver)(nil)

// Consumed implements kafka.Observer.
func (o *consumerObserver) Consumed(topic string, took time.Duration, outcome string) {
	told := telemetry.RecordDone
	if outcome == kafka.Dead {
		told = telemetry.RecordBuried
	}
	o.metrics.Consumed(topic, took, told)
}

// Buried implements kafka.Observer.
func (o *consumerObserver) Buried(topic, code string, rec kafka.Record, err error) {
	o.metrics.Buried(topic, code)
	o.log.Warn("dead letter", zap.String("topic", topic), zap.Int32("partition", rec.Partition), zap.Int64("offset", rec.Offset),
		zap.String("code", code), zap.Error(err), zap.String("trace", kafka.TraceOf(rec)))
}

// Retrying implements kafka.Observer.
func (o *consumerObserver) Retrying(topic, code string, err error, attempt int) {
	o.metrics.Retrying(topic, code)
	if attempt == 3 { // the first two pass in a moment
		o.log.Warn("an order event waits", zap.String("topic", topic), zap.String("code", code), zap.Error(err))
	}
}

// LanesInUse implements kafka.Observer.
func (o *consumerObserver) LanesInUse(delta int) { o.metrics.LanesInUse(delta) }

// Trouble implements kafka.Observer.
func (o *consumerObserver) Trouble(err error) { o.log.Warn("Kafka", zap.Error(err)) }

// measured publishes, and counts what it publishes.
type measured struct {
	ports.Publisher
	metrics *telemetry.Metrics
}

// Publish implements ports.Publisher.
func (m measured) Publish(ctx context.Context, events []ports.PublicEvent) error {
	began := time.Now()
	if err := m.Publisher.Publish(ctx, events); err != nil {
		return err
	}
	counts := map[string]int{}
	for _, e := range events {
		counts[e.Topic()]++
	}
	for topic, n := range counts {
		m.metrics.Published(topic, n, time.Since(began))
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"inventory/adapters/kafka"
	"inventory/ports"
)

const demoPause = 400 * time.Millisecond // between orders

// demo is a small company that uses the service as any client would: stock by HTTP, orders
// by Kafka. It prints what it sends and hears.
type demo struct {
	out    io.Writer
	api    *client
	kafka  *upstream
	rand   *rand.Rand
	prefix string // of order ids: those of another run are other orders

	mu    sync.Mutex
	sent  int
	ended int
	later []later
}

// later is what is to be sent some time after an order was held.
type later struct {
	topic, order string
	what         string
}

// demonstrate lets the company work until ctx ends, or orders have come to their end.
func (n *node) demonstrate(ctx context.Context, orders int) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := n.awaitReady(ctx); err != nil {
		return err
	}
	api, err := newClient("http://"+n.listener.Addr().String(), "demo", n.s.Timeout)
	if err != nil {
		return err
	}
	defer api.http.CloseIdleConnections()
	up, err := newUpstream(ctx, n.kafka, n.schemas)
	if err != nil {
		return err
	}
	d := &demo{
		out: n.p.stdout, api: api, kafka: up, rand: rand.New(rand.NewPCG(rand.Uint64(), 0)),
		prefix: "demo-" + strconv.FormatInt(time.Now().Unix()%(36*36*36*36), 36),
	}
	var listening sync.WaitGroup
	ready := make(chan struct{})
	listening.Go(func() {
		if err := kafka.Tail(ctx, n.kafka, d.topics(), func() { close(ready) }, d.hear); err != nil {
			stop(err)
		}
	})
	listening.Go(func() { // a part of the service that ends by itself ends the demo
		select {
		case err := <-n.ended:
			stop(err)
		case <-ctx.Done():
		}
	})
	err = d.run(ctx, orders, ready)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	stop(nil)
	listening.Wait()
	if errors.Is(err, errSignal) {
		err = nil
	}
	return errors.Join(err, up.producer.Close())
}

// awaitReady waits until this process owns the ledgers and consumes.
func (n *node) awaitReady(ctx context.Context) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for n.in.Ready(ctx) != nil || !n.consuming.Load() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-n.ended:
			return err
		case <-ticker.C:
		}
	}
	return nil
}

func (d *demo) run(ctx context.Context, orders int, ready <-chan struct{}) error {
	if err := d.setUp(ctx); err != nil {
		return fmt.Errorf("setting up the demo: %w", err)
	}
	select {
	case <-ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	d.header()
	ticker := time.NewTicker(demoPause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
		if done, err := d.step(ctx, orders); done || err != nil {
			return err
		}
	}
}

// step sends the next order, while there is to be one, and what is to follow from others.
func (d *demo) step(ctx context.Context, orders int) (done bool, err error) {
	d.mu.Lock()
	due, more := d.later, orders == 0 || d.sent < orders
	d.later = nil
	if more {
		d.sent++
	}
	sent, ended := d.sent, d.ended
	d.mu.Unlock()
	if more {
		err = d.order(ctx, fmt.Sprintf("%s-%d", d.prefix, sent), sent)
	}
	for _, l := range due {
		d.line("→", l.topic, l.order, l.what)
		err = errors.Join(err, d.kafka.send(ctx, l.topic, l.order, nil))
	}
	if sent == 8 && more {
		d.nextSteps()
	}
	return !more && ended >= orders, err
}

// order sends an order: mostly of one SKU, sometimes of two, now and then of too much.
func (d *demo) order(ctx context.Context, id string, n int) error {
	region := []string{"south", "north"}[d.rand.IntN(2)]
	first := d.rand.IntN(demoSKUs)
	units := 1 + d.rand.Int64N(3)
	if n%9 == 5 {
		units += demoFull * 4
	}
	items := []any{demoItem(first, units)}
	if d.rand.IntN(4) == 0 {
		items = append(items, demoItem((first+1)%demoSKUs, 1))
	}
	d.line("→", ports.OrderCreatedTopic, id, describe(items)+" in region "+region)
	return d.kafka.send(ctx, ports.OrderCreatedTopic, id, map[string]any{"items": items, "region": optional("string", region)})
}

func demoItem(n int, units int64) map[string]any {
	return map[string]any{"sku": skuName(n), "quantity": units, "warehouse_id": nil}
}

func (d *demo) topics() []string {
	var topics []string
	for _, topic := range ports.PublicEventTopics() {
		topics = append(topics, d.kafka.prefix+topic)
	}
	return topics
}

// hear prints what follows from an order of this run, and lets some of those that are held be
// picked or cancelled a little later.
func (d *demo) hear(rec kafka.Record) {
	topic, fields, err := d.kafka.read(rec)
	if err != nil {
		d.line("←", topic, string(rec.Key), err.Error())
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.kafka.sent(rec) {
		return
	}
	d.line("←", topic, string(rec.Key), d.explain(topic, fields))
	switch topic {
	case ports.ReservedTopic:
		d.follow(string(rec.Key))
	case ports.RejectedTopic, ports.ConfirmedTopic, ports.ReleasedTopic:
		d.end()
	}
}

// follow decides what becomes of an order that is held. d.mu is held.
func (d *demo) follow(order string) {
	switch d.rand.IntN(3) {
	case 0:
		d.later = append(d.later, later{ports.FulfilmentPickedTopic, order, "its goods have left"})
	case 1:
		d.later = append(d.later, later{ports.OrderCancelledTopic, order, "the customer changed their mind"})
	default:
		d.end() // it stays held
	}
}

func (d *demo) end() { d.ended++ }

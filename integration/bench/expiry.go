package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"inventory/app"
	"inventory/domain/reservation"
)

const (
	expiryCallers  = 512              // that make the holds
	holdsPerSecond = 2_500            // at least: the holds lapse when that many would be made
	settling       = 15 * time.Second // between the last hold and the first that lapses, for its rows
	newOrderTTL    = 45 * time.Second // new orders lapse too, while nobody measures
)

// measureExpiry lets many holds lapse at once, and prints how fast they are given back
// beside one lightweight transaction a hold, and what new orders notice of it.
func measureExpiry(ctx context.Context, out io.Writer, o options) error {
	o.plain = o.plain && o.store == "cassandra"
	warm := o
	warm.plain = false
	if err := onFreshStore(ctx, warm, func(w *ways) error { return w.warm(ctx, out) }); err != nil {
		return err
	}
	plain, err := measurePlainExpiry(ctx, out, o)
	if err != nil {
		return err
	}
	rehearsal := o
	rehearsal.holds = o.holds / 4
	if _, err := expireOn(ctx, io.Discard, rehearsal); err != nil {
		return fmt.Errorf("rehearsal: %w", err)
	}
	for range o.rounds {
		rate, err := expireOn(ctx, out, o)
		if err != nil {
			return err
		}
		if o.plain {
			fmt.Fprintf(out, "    beside one LWT a hold that gives its stock back: %.1fx (goal: 10); that ends its row alone: %.1fx\n\n",
				rate/plain.givenBack, rate/plain.ended)
		}
	}
	return nil
}

// expireOn measures one round on a store of its own: holds given back a second.
func expireOn(ctx context.Context, out io.Writer, o options) (perSecond float64, err error) {
	w := &ways{o: o, meter: &meter{}, next: orderIDs()}
	g := newGiveback()
	w.meter.also, w.carry = g, g.wrap
	if err := w.open(ctx); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, w.stop()) }()
	if o.store == "cassandra" {
		stop, err := w.toKafka(ctx)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	e := &expiry{ways: w, given: g}
	for _, step := range []func(context.Context, io.Writer) error{e.hold, e.drain, e.prove} {
		if err := step(ctx, out); err != nil {
			return 0, err
		}
	}
	return float64(o.holds) / e.took.Seconds(), nil
}

// expiry is one round.
type expiry struct {
	*ways
	given *giveback
	made  int           // orders
	first time.Time     // when the first hold lapses
	took  time.Duration // from then until all was given back
}

// hold makes the holds, all of which lapse within a second.
func (e *expiry) hold(ctx context.Context, out io.Writer) error {
	lapse := time.Now().Add(time.Duration(e.o.holds/holdsPerSecond)*time.Second + settling + e.o.length)
	ends := make([][]time.Time, expiryCallers)
	errs := make([]error, expiryCallers)
	var wg sync.WaitGroup
	for c := range expiryCallers {
		wg.Go(func() {
			for i := c; i < e.o.holds && errs[c] == nil; i += expiryCallers {
				var r app.Reservation
				r, errs[c] = e.in.Reserve(ctx, app.ReserveRequest{
					OrderID: e.next(), Source: "bench", TTL: time.Until(lapse), Items: []app.ReserveItem{{SKU: sku(i % e.o.skus), Quantity: 1}},
				})
				if errs[c] == nil {
					ends[c] = append(ends[c], time.UnixMilli(r.ExpiresAt))
				}
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	first, last := ends[0][0], ends[0][0]
	for _, all := range ends {
		for _, at := range all {
			if at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
	}
	e.first = first
	if err := e.relayed(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d holds of %d SKUs lapse within %s; %d new orders a second meanwhile, %d reservation ledgers\n",
		e.o.holds, e.o.skus, round(last.Sub(first)), e.o.rate, e.o.ledgers)
	if quiet := time.Until(first); quiet < e.o.length || last.Sub(first) > time.Second {
		return fmt.Errorf("%d holds took too long to make: %s were left before the first lapsed, and the last lapsed %s later", e.o.holds, quiet, last.Sub(first))
	}
	return nil
}

// drain has new orders come before the holds lapse, while they do and until all is written.
func (e *expiry) drain(ctx context.Context, out io.Writer) error {
	if err := sleepUntil(ctx, e.first.Add(-e.o.length)); err != nil {
		return err
	}
	orders := &arrivals{order: func(ctx context.Context) error {
		_, err := e.in.Reserve(ctx, app.ReserveRequest{
			OrderID: e.next(), Source: "bench", TTL: newOrderTTL, Items: []app.ReserveItem{{SKU: sku(rand.IntN(e.o.skus)), Quantity: 1}},
		})
		return err
	}}
	coming, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { orders.run(coming, e.o.rate) })
	quietFrom := time.Now().Add(e.o.length / 5) // the first orders find everything asleep
	before := e.meter.read()
	given, written, err := e.ended(ctx)
	seen := e.meter.read().since(before)
	stop()
	wg.Wait()
	total, refused := orders.total()
	if err := errors.Join(err, refused); err != nil {
		return err
	}
	e.made, e.took = e.o.holds+total, given.Sub(e.first)
	e.report(out, written.Sub(e.first), orders.between(quietFrom, e.first), orders.between(e.first, given), orders.between(given, written))
	printShares(out, measured{result{orders: total, took: written.Sub(e.first) + e.o.length}, seen})
	return nil
}

// ended waits until all holds are given back, and then until all of their rows are written.
func (e *expiry) ended(ctx context.Context) (given, written time.Time, err error) {
	err = e.until(ctx, func() (ok bool) {
		given, ok = e.given.done(e.o.holds)
		return ok
	})
	if err == nil {
		err = e.until(ctx, func() bool { written = time.Now(); return e.meter.read().released >= e.o.holds })
	}
	return given, written, err
}

// report prints what became of the holds, and what new orders noticed.
func (e *expiry) report(out io.Writer, written time.Duration, quiet, during, after result) {
	late := result{latencies: e.given.latenesses(e.o.holds)}
	rate := func(d time.Duration) float64 { return float64(e.o.holds) / d.Seconds() }
	p99 := func(r result) float64 { return r.quantile(0.99).Seconds() / quiet.quantile(0.99).Seconds() }
	fmt.Fprintf(out, "    given back in %s: %.0f holds/s; every row written in %s: %.0f holds/s\n", round(e.took), rate(e.took), round(written), rate(written))
	fmt.Fprintf(out, "    lateness: p50 %s, p99 %s, max %s\n", round(late.quantile(0.5)), round(late.quantile(0.99)), round(late.quantile(1)))
	for _, one := range []struct {
		name string
		r    result
	}{{"quiet", quiet}, {"while holds are given back", during}, {"from then until every row is written", after}} {
		fmt.Fprintf(out, "    new orders, %s: p50 %s, p99 %s (%d orders)\n", one.name, round(one.r.quantile(0.5)), round(one.r.quantile(0.99)), one.r.orders)
	}
	fmt.Fprintf(out, "    p99 of new orders beside the quiet one: %.1fx while holds are given back (goal: 2), %.1fx from then until every row is written\n", p99(during), p99(after))
}

// prove waits until the new orders have lapsed too, and proves that nothing is held.
func (e *expiry) prove(ctx context.Context, out io.Writer) error {
	if err := e.until(ctx, func() bool { _, ok := e.given.done(e.made); return ok }); err != nil {
		return err
	}
	if err := e.relayed(ctx); err != nil {
		return err
	}
	for i := range e.o.skus {
		s, err := e.in.Stock(ctx, sku(i), "")
		if err != nil {
			return err
		}
		if s.Held != 0 || s.OnHand != stocked {
			return fmt.Errorf("%s: %d held and %d on hand, expected 0 and %d", sku(i), s.Held, s.OnHand, stocked)
		}
	}
	found, err := e.in.Reconcile(ctx)
	if err != nil {
		return err
	}
	if len(found.Differences) > 0 {
		return fmt.Errorf("%d differences between journals, tables and memory, the first: %s", len(found.Differences), found.Differences[0])
	}
	if released := e.meter.read().released; released != e.made {
		return fmt.Errorf("%d rows say %s, expected one for each of %d orders", released, reservation.TTLExpired, e.made)
	}
	fmt.Fprintf(out, "    %d orders, %d given back, nothing is held; journals, tables and memory agree (%d events, %d SKUs)\n",
		e.made, e.made, found.Events, found.SKUs)
	return nil
}

func sleepUntil(ctx context.Context, at time.Time) error {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

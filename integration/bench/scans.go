package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"inventory/adapters/client"
	"inventory/adapters/grpcapi"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/scan"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// scanStreams is how many machines send the burst, each a part.
const scanStreams = 8

// measureScans prints what new orders notice of a burst of scans beside them: their p99 quiet, and
// while the burst lasts, in turn. Both are of the same SKUs of one warehouse; the machines and the
// service share this machine.
func measureScans(ctx context.Context, out io.Writer, o options) error {
	o.plain = false
	if err := onFreshStore(ctx, o, func(w *ways) error { return w.warm(ctx, out) }); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d scans in one burst on %d streams, beside %d new orders a second, %d reservation ledgers\n", o.scanned, scanStreams, o.rate, o.ledgers)
	for range o.rounds {
		if err := onFreshStore(ctx, o, func(w *ways) error { return (&burst{ways: w}).measure(ctx, out) }); err != nil {
			return err
		}
	}
	return nil
}

// burst is one round.
type burst struct {
	*ways
	client *client.Client
}

func (b *burst) measure(ctx context.Context, out io.Writer) (err error) {
	shut, err := b.serve()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	orders := &arrivals{order: func(ctx context.Context) error {
		_, err := b.in.Reserve(ctx, app.ReserveRequest{
			OrderID: b.next(), Source: "bench", Items: []app.ReserveItem{{SKU: sku(rand.IntN(b.o.skus)), Quantity: 1}},
		})
		return err
	}}
	coming, stop := context.WithCancel(ctx)
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() { orders.run(coming, b.o.rate) })
	quietFrom := time.Now().Add(b.o.length / 5) // the first orders find everything asleep
	if err := sleepUntil(ctx, quietFrom.Add(b.o.length)); err != nil {
		return err
	}
	began := time.Now()
	sent := b.send(ctx)
	ended := time.Now()
	stop()
	wg.Wait()
	_, refused := orders.total()
	if err := errors.Join(sent, refused); err != nil {
		return err
	}
	quiet, beside := orders.between(quietFrom, began), orders.between(began, ended)
	fmt.Fprintf(out, "    %d scans acknowledged in %s: %.0f scans/s\n", b.o.scanned, round(ended.Sub(began)), float64(b.o.scanned)/ended.Sub(began).Seconds())
	fmt.Fprintf(out, "    new orders, quiet: p50 %s, p99 %s (%d orders); beside the burst: p50 %s, p99 %s (%d orders); p99 %.1fx\n",
		round(quiet.quantile(0.5)), round(quiet.quantile(0.99)), quiet.orders, round(beside.quantile(0.5)), round(beside.quantile(0.99)), beside.orders,
		beside.quantile(0.99).Seconds()/quiet.quantile(0.99).Seconds())
	return nil
}

// serve serves the streams, and makes their client.
func (b *burst) serve() (shut func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	var broken error
	var once sync.Once
	s := &http.Server{Handler: http.NotFoundHandler()}
	grpcapi.New(b.in, grpcapi.Options{
		Ready: b.in.Ready, Scans: scan.NewRoom(scan.DefaultConfig(), system.Clock{}, app.Retryable),
		Log: func(_ string, err error) { once.Do(func() { broken = err }) },
	}).Attach(s)
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(l) }) // until it is closed
	if b.client, err = client.New(client.Options{Actor: "bench"}, "http://"+l.Addr().String()); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return func() error {
		b.client.Close()
		err := s.Close()
		serving.Wait()
		return errors.Join(err, broken)
	}, nil
}

// send sends the whole burst at once, and waits until each scan is acknowledged.
func (b *burst) send(ctx context.Context) error {
	var sending sync.WaitGroup
	errs := make([]error, scanStreams)
	for stream := range scanStreams {
		sending.Go(func() {
			scans := b.client.Scans(ctx)
			var refused error
			for n := stream; n < b.o.scanned && errs[stream] == nil; n += scanStreams {
				errs[stream] = scans.Send(ctx, &inventoryv1.ScanRequest{Id: fmt.Sprint("scan-", n), WarehouseId: warehouse, Scan: &inventoryv1.ScanRequest_Adjust{
					Adjust: &inventoryv1.ScanAdjust{Sku: sku(n % b.o.skus), Type: inventoryv1.AdjustmentType_ADJUSTMENT_TYPE_RECEIPT, Quantity: 1},
				}}, func(m *inventoryv1.ScanResponse) {
					if m.GetApplied() == nil {
						refused = fmt.Errorf("a scan was refused: %v", m)
					}
				})
			}
			errs[stream] = errors.Join(errs[stream], scans.Close(), refused)
		})
	}
	sending.Wait()
	return errors.Join(errs...)
}

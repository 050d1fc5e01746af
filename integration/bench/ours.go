package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"inventory/adapters/memory"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/stock"
)

const (
	warehouse = "W1"
	stocked   = 100_000_000 // units of each SKU
)

// ways are the two ways of doing the same, on one store.
type ways struct {
	o     options
	plain *plainWay
	meter *meter
	in    *app.Inventory
	stop  func() error
	next  func() string // order ids
	runs  int

	carry   func(owner.Carrier) owner.Carrier // nil: as it is
	publish atomic.Pointer[publisherOf]       // nil: nobody listens
}

// openWays makes a keyspace of its own for this run, with stock in it.
func openWays(ctx context.Context, o options) (*ways, error) {
	w := &ways{o: o, meter: &meter{}, next: orderIDs()}
	if err := w.open(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *ways) open(ctx context.Context) error {
	var store app.Store = memory.New()
	closeStore := func() error { return nil }
	if w.o.store == "cassandra" {
		seeded := w.o.skus
		if !w.o.plain {
			seeded = 0
		}
		c, err := openCassandra(ctx, seeded)
		if err != nil {
			return err
		}
		store, closeStore, w.plain = c.store, c.close, c.plain
	} else {
		w.o.plain = false
	}
	if err := w.start(ctx, store, closeStore); err != nil {
		return errors.Join(err, closeStore())
	}
	if err := w.stockUp(ctx); err != nil {
		return errors.Join(err, w.stop())
	}
	return nil
}

func (w *ways) start(ctx context.Context, store app.Store, closeStore func() error) error {
	cfg := app.DefaultConfig()
	cfg.Owner.Owner = system.NewUUID().String()
	cfg.ReservationLedgers = w.o.ledgers
	in, err := app.New(ctx, cfg, w.meter.wrap(store), app.Outside{
		Clock: system.Clock{}, Observer: w.meter, CommitID: system.NewUUID, Publisher: w, Carry: w.carry,
	})
	if err != nil {
		return err
	}
	w.in = in
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	var runErr error
	wg.Go(func() { runErr = in.Run(running) })
	w.stop = func() error {
		stop()
		wg.Wait()
		return errors.Join(runErr, closeStore())
	}
	return w.until(ctx, func() bool { return in.Ready(ctx) == nil })
}

// until waits for a condition that has no channel of its own.
func (w *ways) until(ctx context.Context, ok func() bool) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// relayed waits until every derived row of every commit is written.
func (w *ways) relayed(ctx context.Context) error {
	return w.until(ctx, func() bool {
		for _, s := range w.in.Status() {
			if s.Waiting > 0 || s.Relayed < s.Version {
				return false
			}
		}
		return true
	})
}

func (w *ways) stockUp(ctx context.Context) error {
	if err := w.in.PutWarehouse(ctx, stock.Warehouse{ID: warehouse, Region: "R", Rank: 1, Ledgers: 1}); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, 64)
	for worker := range errs {
		wg.Go(func() {
			for i := worker; i < w.o.skus && errs[worker] == nil; i += len(errs) {
				_, errs[worker] = w.in.Adjust(ctx, app.AdjustRequest{
					SKU: sku(i), WarehouseID: warehouse, Type: "RECEIPT", Quantity: stocked, Actor: "bench", Key: sku(i), Source: "bench",
				})
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func sku(i int) string { return fmt.Sprintf("SKU-%05d", i) }

func orderIDs() func() string {
	run := system.NewUUID().String()[:8]
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%s-%d", run, n)
	}
}

// warm runs both ways until the server's compiler has seen them: until three measurements
// of ours in a row are within a tenth of each other, or the time is up.
func (w *ways) warm(ctx context.Context, out io.Writer) error {
	const step = 4 * time.Second
	deadline := time.Now().Add(w.o.warmup)
	var rates []float64
	for n := len(rates); time.Now().Before(deadline) && !steady(rates); n++ {
		l := load{"", 1, 512}
		if n%2 == 1 {
			l.skus = w.o.skus
		}
		if w.o.plain {
			if _, err := w.measurePlain(ctx, load{"", w.o.skus, 64}, step/4); err != nil {
				return err
			}
		}
		m, err := w.measureOurs(ctx, l, step)
		if err != nil {
			return err
		}
		rates = append(rates, m.perSecond())
	}
	fmt.Fprintf(out, "warmed up: %.0f orders/s in turn hot and spread\n", rates)
	return nil
}

func steady(rates []float64) bool {
	if len(rates) < 12 { // a minute: the server's compiler is at it for as long
		return false
	}
	same := func(a, b float64) bool { return math.Abs(a-b) < 0.1*max(a, b) }
	n := len(rates)
	return same(rates[n-1], rates[n-3]) && same(rates[n-3], rates[n-5]) && same(rates[n-2], rates[n-4])
}

// measured is a result, and where the time went.
type measured struct {
	result
	shares
}

func (w *ways) measureOurs(ctx context.Context, l load, d time.Duration) (measured, error) {
	stopProfile, err := w.profile(l)
	if err != nil {
		return measured{}, err
	}
	defer stopProfile()
	before := w.meter.read()
	r, err := drive(ctx, l.callers, d, func(ctx context.Context, _ int) error {
		_, err := w.in.Reserve(ctx, app.ReserveRequest{
			OrderID: w.next(), Source: "bench", Items: []app.ReserveItem{{SKU: sku(rand.IntN(l.skus)), Quantity: 1}},
		})
		return err
	}, w.relayed)
	return measured{r, w.meter.read().since(before)}, err
}

func (w *ways) measurePlain(ctx context.Context, l load, d time.Duration) (result, error) {
	return drive(ctx, l.callers, d, func(ctx context.Context, _ int) error {
		return w.plain.order(ctx, w.next(), sku(rand.IntN(l.skus)))
	}, func(context.Context) error { return nil })
}

func (w *ways) profile(l load) (stop func(), err error) {
	if w.o.profile == "" {
		return func() {}, nil
	}
	w.runs++
	name := fmt.Sprintf("%02d-%s-%d.pprof", w.runs, strings.ReplaceAll(l.name, " ", "-"), l.callers)
	f, err := os.Create(filepath.Join(w.o.profile, name))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			fmt.Fprintln(os.Stderr, "bench: profile:", err)
		}
	}, nil
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// result is what callers saw.
type result struct {
	orders    int
	took      time.Duration // until all that follows from the orders was written
	latencies []time.Duration
}

func (r result) perSecond() float64 { return float64(r.orders) / r.took.Seconds() }

func (r result) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[int(q*float64(len(r.latencies)-1))]
}

// drive lets callers make one order after the other for d; settled waits until all that
// follows from them is done, which counts.
func drive(ctx context.Context, callers int, d time.Duration, order func(ctx context.Context, caller int) error, settled func(context.Context) error) (result, error) {
	began := time.Now()
	deadline := began.Add(d)
	each := make([][]time.Duration, callers)
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for ctx.Err() == nil && errs[c] == nil && time.Now().Before(deadline) {
				asked := time.Now()
				errs[c] = order(ctx, c)
				each[c] = append(each[c], time.Since(asked))
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return result{}, err
		}
	}
	if err := settled(ctx); err != nil {
		return result{}, err
	}
	r := result{took: time.Since(began), latencies: slices.Concat(each...)}
	r.orders = len(r.latencies)
	slices.Sort(r.latencies)
	return r, nil
}

func printHeader(out io.Writer, o options) {
	fmt.Fprintf(out, "%d round(s) of %s; 1 warehouse, %d reservation ledgers; orders/s until every derived row is written\n\n", o.rounds, o.length, o.ledgers)
	printColumns(out)
}

func printColumns(out io.Writer) {
	fmt.Fprintf(out, "%-14s %8s  %-8s %10s %12s %12s\n", "load", "callers", "way", "orders/s", "p50", "p99")
}

func printRow(out io.Writer, way string, l load, r result) {
	fmt.Fprintf(out, "%-14s %8d  %-8s %10.0f %12s %12s\n", l.name, l.callers, way, r.perSecond(),
		r.quantile(0.5).Round(10*time.Microsecond), r.quantile(0.99).Round(10*time.Microsecond))
}

func printRatio(out io.Writer, l load, ratios []float64) {
	slices.Sort(ratios)
	fmt.Fprintf(out, "%-14s %8d  ratio    %9.1fx (of %.1f to %.1f)\n\n", l.name, l.callers, ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

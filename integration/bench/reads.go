package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"inventory/app"
	"inventory/ports"
)

const (
	readSKUs       = 100 // that are read much
	readWarehouses = 12  // of which one member has half
	staleWrites    = 500
	staleEvery     = 20 * time.Millisecond
)

// measureReads measures reads of SKUs that are read much, by the query's path at a member that
// does not have their ledgers, beside raw MGETs of the same keys and beside reading the same levels in
// Cassandra, in turn; then how long after the answer to a write it is read through the cache.
func measureReads(ctx context.Context, out io.Writer, o options) error {
	s, err := openReadSite(ctx)
	if err != nil {
		return err
	}
	return errors.Join(s.measure(ctx, out, o), s.close())
}

func (s *readSite) measure(ctx context.Context, out io.Writer, o options) error {
	if err := s.warm(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d round(s) of %s; %d SKUs in %d warehouses of which another member has the ledgers; reads/s of a SKU in all of them\n\n", o.rounds, o.length, readSKUs, len(s.warehouses))
	fmt.Fprintf(out, "%8s  %-10s %10s %12s %12s\n", "callers", "way", "reads/s", "p50", "p99")
	ways := []struct {
		name string
		read func(context.Context, int) error
	}{{"cache", s.readCache}, {"MGET", s.readRedis}, {"Cassandra", s.readTables}}
	for _, callers := range o.callers {
		ratios := map[string][]float64{}
		for range o.rounds {
			perSecond := map[string]float64{}
			for _, w := range ways {
				r, err := drive(ctx, callers, o.length, w.read, func(context.Context) error { return nil })
				if err != nil {
					return fmt.Errorf("%s: %w", w.name, err)
				}
				fmt.Fprintf(out, "%8d  %-10s %10.0f %12s %12s\n", callers, w.name, r.perSecond(), r.quantile(.5).Round(time.Microsecond), r.quantile(.99).Round(time.Microsecond))
				perSecond[w.name] = r.perSecond()
			}
			for _, beside := range ways[1:] {
				ratios[beside.name] = append(ratios[beside.name], perSecond["cache"]/perSecond[beside.name])
			}
		}
		fmt.Fprintf(out, "    the cache beside raw MGET: %.2fx (goal: 0.5); beside Cassandra: %.1fx (goal: 5); medians\n\n", median(ratios["MGET"]), median(ratios["Cassandra"]))
	}
	fmt.Fprintf(out, "%d of %d reads were from the cache; %d levels passed it by, %d of its calls failed\n", s.cached.Load(), s.read.Load(), s.passed.Load(), s.failed.Load())
	return s.measureStaleness(ctx, out)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// readCache reads a SKU as the API does.
func (s *readSite) readCache(ctx context.Context, _ int) error {
	found, err := s.reader.Stocks(ctx, app.StockQuery{Items: []app.StockItem{{SKU: readSKU()}}, Warehouses: s.warehouses})
	if err != nil {
		return err
	}
	if found[0].Err != nil {
		return found[0].Err
	}
	s.read.Add(1)
	if found[0].Source == app.SourceCache {
		s.cached.Add(1)
	}
	return nil
}

func readSKU() string { return fmt.Sprintf("SKU-%04d", rand.N(readSKUs)) }

// readRedis gets the same keys, and looks at nothing but that there is something.
func (s *readSite) readRedis(ctx context.Context, _ int) error {
	sku := readSKU()
	keys := make([]string, 0, len(s.warehouses))
	for _, w := range s.warehouses {
		keys = append(keys, s.prefix+":level1:"+w+":"+sku)
	}
	_, err := s.redis.Do(ctx, s.redis.B().Mget().Key(keys...).Build()).ToArray()
	return err
}

// readTables reads the same levels in the tables, at once.
func (s *readSite) readTables(ctx context.Context, _ int) error {
	sku := readSKU()
	errs := make([]error, len(s.warehouses))
	var all sync.WaitGroup
	for i, w := range s.warehouses {
		all.Go(func() {
			_, errs[i] = s.tables.store.Levels(ctx, sku, w, 1)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// measureStaleness prints how long after the answer to a write it is read through the cache by
// who knows nothing of it, while others read.
func (s *readSite) measureStaleness(ctx context.Context, out io.Writer) error {
	reading, end := context.WithCancel(ctx)
	var others sync.WaitGroup
	for range 8 {
		others.Go(func() {
			for reading.Err() == nil {
				_ = s.readCache(reading, 0) // what fails here fails below
			}
		})
	}
	took, fromCache, err := s.staleness(ctx)
	end()
	others.Wait()
	if err != nil {
		return err
	}
	slices.Sort(took)
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(10 * time.Microsecond) }
	fmt.Fprintf(out, "from the answer to a write until it is read, beside 8 readers: p50 %s, p99 %s (goal: 250ms), %d of %d from the cache\n", at(.5), at(.99), fromCache, len(took))
	return nil
}

func (s *readSite) staleness(ctx context.Context) (took []time.Duration, fromCache int, err error) {
	next := time.NewTicker(staleEvery)
	defer next.Stop()
	for range staleWrites {
		<-next.C
		sku, at := readSKU(), s.warehouses[rand.N(len(s.warehouses))]
		version, err := s.receive(ctx, sku, at)
		if err != nil {
			return nil, 0, err
		}
		began := time.Now()
		for {
			found, err := s.reader.Stocks(ctx, app.StockQuery{Items: []app.StockItem{{SKU: sku}}, Warehouses: []string{at}})
			if err != nil {
				return nil, 0, err
			}
			if len(found[0].Warehouses) == 1 && found[0].Warehouses[0].Version >= version {
				if found[0].Source == app.SourceCache {
					fromCache++
				}
				break
			}
		}
		took = append(took, time.Since(began))
	}
	return took, fromCache, nil
}

// counts are of reads by readCache, of levels that passed the cache by, and of its calls that failed.
type counts struct{ read, cached, passed, failed atomic.Int64 }

var _ ports.Observer = (*counts)(nil)

// Observe implements ports.Observer.
func (c *counts) Observe(e ports.Event) {
	switch e := e.(type) {
	case ports.CachePassed:
		c.passed.Add(int64(e.Levels))
	case ports.CacheTrouble:
		c.failed.Add(1)
	}
}

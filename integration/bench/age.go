package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"inventory/adapters/system"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/ports"
)

const (
	ageReports  = 10      // lines of the report
	ageTrim     = 500     // commits between two trims
	ageEntry    = 6_400   // bytes of an entry
	largeLedger = 100_000 // SKUs, and as many holds
)

// measureAge prints what a commit costs as a journal grows old and is trimmed as it goes,
// and how long a new owner needs for a large ledger.
func measureAge(ctx context.Context, out io.Writer, o options) error {
	c, err := openCassandra(ctx, 0)
	if err != nil {
		return err
	}
	err = ageJournal(ctx, out, c.store, o.commits)
	if err == nil {
		err = takeLargeLedger(ctx, out, o, c.store)
	}
	return errors.Join(err, c.close())
}

func ageJournal(ctx context.Context, out io.Writer, store app.Store, commits int64) error {
	id := ledger.StockID("AGE", 0)
	head, err := store.TakeOver(ctx, id, system.NewUUID().String(), ports.Head{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%12s %12s %12s %12s %20s\n", "commits", "p50", "p99", "worst trim", "read the last 500")
	body := make([]byte, ageEntry)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body) // never fails; nothing that compression would shorten
	var took []time.Duration
	var worst time.Duration
	for v := int64(0); v < commits; v++ {
		began := time.Now()
		entry := &ports.Record{Version: v + 1, Commit: system.NewUUID(), Body: body}
		if err := store.Commit(ctx, id, ports.Commit{Epoch: head.Epoch, Version: v, Lease: v + 1, Relayed: v, Entry: entry}); err != nil {
			return fmt.Errorf("commit %d: %w", v+1, err)
		}
		took = append(took, time.Since(began))
		if (v+1)%ageTrim == 0 && v >= 2*ageTrim {
			began := time.Now()
			upto := v + 1 - ageTrim
			ref := ports.SnapshotRef{Version: upto, Epoch: head.Epoch, Chunks: 1, Checksum: 1}
			if err := store.Trim(ctx, id, ports.Trim{Epoch: head.Epoch, Snapshot: ref, Upto: upto}); err != nil {
				return fmt.Errorf("trim to %d: %w", upto, err)
			}
			worst = max(worst, time.Since(began))
		}
		if (v+1)%(commits/ageReports) == 0 {
			read, err := readTail(ctx, store, id, v+1)
			if err != nil {
				return err
			}
			slices.Sort(took)
			fmt.Fprintf(out, "%12d %12s %12s %12s %20s\n", v+1, round(took[len(took)/2]), round(took[len(took)*99/100]), round(worst), round(read))
			took, worst = took[:0], 0
		}
	}
	return nil
}

func readTail(ctx context.Context, store app.Store, id ledger.ID, head int64) (time.Duration, error) {
	began := time.Now()
	n := 0
	err := store.Entries(ctx, id, head-ageTrim, head, true, func(ports.Record) error { n++; return nil })
	if err == nil && n != ageTrim {
		err = fmt.Errorf("read %d entries, expected %d", n, ageTrim)
	}
	return time.Since(began), err
}

func round(d time.Duration) time.Duration { return d.Round(10 * time.Microsecond) }

// takeLargeLedger fills a stock ledger, stops its owner without a word and times the next.
func takeLargeLedger(ctx context.Context, out io.Writer, o options, store app.Store) (err error) {
	o.skus, o.ledgers = largeLedger, 1
	first := &ways{o: o, meter: &meter{}, next: orderIDs()}
	if err := first.start(ctx, store, func() error { return nil }); err != nil {
		return err
	}
	if err := errors.Join(first.stockUp(ctx), first.hold(ctx, largeLedger), first.relayed(ctx), first.stop()); err != nil {
		return err
	}
	second := &ways{o: o, meter: &meter{}, next: orderIDs()}
	if err := second.start(ctx, store, func() error { return nil }); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, second.stop()) }()
	for _, t := range second.meter.takeovers() {
		fmt.Fprintf(out, "new owner of %s: %s, of it %d entries after the snapshot\n", t.Ledger, round(t.Took), t.Entries)
	}
	s, err := second.in.Stock(ctx, sku(0), "")
	fmt.Fprintf(out, "the first of its %d SKUs: %d on hand, %d held\n", largeLedger, s.OnHand, s.Held)
	return err
}

// hold makes n orders, each of one unit of a SKU of its own.
func (w *ways) hold(ctx context.Context, n int) error {
	errs := make([]error, 512)
	var wg sync.WaitGroup
	for c := range errs {
		wg.Go(func() {
			for i := c; i < n && errs[c] == nil; i += len(errs) {
				_, errs[c] = w.in.Reserve(ctx, app.ReserveRequest{
					OrderID: w.next(), Source: "bench", TTL: 24 * time.Hour, Items: []app.ReserveItem{{SKU: sku(i), Quantity: 1}},
				})
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

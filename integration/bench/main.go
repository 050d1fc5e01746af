// Command bench measures what the design stands on: orders per second and their p99 for
// one hot SKU and for many, on real Cassandra, beside the plain way of doing the same.
//
// Both are measured in one run, in turn: on a small noisy machine only their ratio counts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

func main() {
	debug.SetGCPercent(400) // as cmd/inventory does
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options is what a run measures.
type options struct {
	store   string
	callers []int
	skus    int
	length  time.Duration
	warmup  time.Duration
	rounds  int
	ledgers int
	plain   bool
	age     bool
	calls   bool
	events  bool
	expiry  bool
	fleet   bool
	dlq     bool
	scans   bool
	reads   bool

	inFlight int
	commits  int64
	profile  string
	holds    int
	letters  int
	scanned  int
	rate     int
	program  string
	only     string
}

func parse(args []string) (options, error) {
	o := options{}
	var callers string
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&o.store, "store", "cassandra", "cassandra (INVENTORY_CASSANDRA_HOSTS) or memory")
	fs.StringVar(&callers, "callers", "64,512", "numbers of callers, each waiting for its answer")
	fs.IntVar(&o.skus, "skus", 10_000, "SKUs of the spread load")
	fs.DurationVar(&o.length, "for", 8*time.Second, "length of each measurement")
	fs.DurationVar(&o.warmup, "warmup", 90*time.Second, "longest warm-up: it ends when three measurements in a row agree")
	fs.IntVar(&o.ledgers, "reservation-ledgers", 1, "reservation ledgers: few make larger batches, which is what two cores want; many spread over a fleet")
	fs.IntVar(&o.rounds, "rounds", 3, "times that each is measured; the median ratio counts")
	fs.BoolVar(&o.plain, "plain", true, "measure the plain way too")
	fs.BoolVar(&o.calls, "calls", true, "measure orders that callers wait for")
	fs.BoolVar(&o.events, "events", true, "measure from order events on Kafka to outcomes on Kafka too")
	fs.IntVar(&o.inFlight, "in-flight", 2048, "orders under way at once, from the event to its outcome")
	fs.BoolVar(&o.age, "age", false, "measure what age does to a journal, and taking over a large ledger, instead")
	fs.Int64Var(&o.commits, "commits", 200_000, "commits that -age makes, 10,000 or more")
	fs.BoolVar(&o.expiry, "expiry", false, "measure holds that lapse within one second, beside one LWT a hold and beside new orders, instead")
	fs.IntVar(&o.holds, "holds", 100_000, "holds that -expiry lets lapse")
	fs.BoolVar(&o.scans, "scans", false, "measure new orders beside a burst of scans, and quiet, instead")
	fs.IntVar(&o.scanned, "scanned", 100_000, "scans of -scans")
	fs.IntVar(&o.rate, "rate", 300, "new orders a second of -expiry and -scans, whatever the answers to those before")
	fs.BoolVar(&o.fleet, "fleet", false, "measure three processes over twelve warehouses beside one, instead")
	fs.BoolVar(&o.dlq, "dlq", false, "measure the tools for dead letters, beside a plain copy of the same letters, instead")
	fs.BoolVar(&o.reads, "reads", false, "measure reads of SKUs that are read much through the cache, beside raw MGET and beside reading Cassandra, instead")
	fs.IntVar(&o.letters, "letters", 100_000, "letters of -dlq, of ten kinds")
	fs.StringVar(&o.program, "program", "bin/inventory", "the service that -fleet and -dlq run")
	fs.StringVar(&o.only, "only", "", "measure only those loads of -fleet that have this in their names")
	fs.StringVar(&o.profile, "profile", "", "folder for a CPU profile of each measurement of ours; perf's, for -fleet")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.commits < 10_000 {
		return o, fmt.Errorf("-commits %d: expected 10000 or more", o.commits)
	}
	for _, s := range strings.Split(callers, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return o, fmt.Errorf("-callers %q: expected numbers from 1, with commas between", callers)
		}
		o.callers = append(o.callers, n)
	}
	return o, nil
}

// load is one way that orders come.
type load struct {
	name    string
	skus    int
	callers int
}

func (o options) loads() []load {
	var all []load
	for _, n := range o.callers {
		all = append(all, load{"one hot SKU", 1, n})
	}
	for _, n := range o.callers {
		all = append(all, load{fmt.Sprintf("%d SKUs", o.skus), o.skus, n})
	}
	return all
}

func run(args []string, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.age {
		return measureAge(ctx, out, o)
	}
	if o.expiry {
		return measureExpiry(ctx, out, o)
	}
	if o.fleet {
		return measureFleet(ctx, out, o)
	}
	if o.reads {
		return measureReads(ctx, out, o)
	}
	if o.dlq {
		return measureLetters(ctx, out, o)
	}
	if o.scans {
		return measureScans(ctx, out, o)
	}
	if err := onFreshStore(ctx, o, func(w *ways) error { return w.warm(ctx, out) }); err != nil {
		return err
	}
	if o.calls {
		if err := compareCalls(ctx, out, o); err != nil {
			return err
		}
	}
	if o.events && o.store == "cassandra" {
		return compareEvents(ctx, out, o)
	}
	return nil
}

// compareCalls measures both ways under each load.
func compareCalls(ctx context.Context, out io.Writer, o options) error {
	printHeader(out, o)
	for _, l := range o.loads() {
		if err := onFreshStore(ctx, o, func(w *ways) error { return compare(ctx, out, w, l) }); err != nil {
			return err
		}
	}
	return nil
}

// onFreshStore measures in a keyspace of its own: orders of an earlier measurement, all of
// them held for an hour, would weigh on the next.
func onFreshStore(ctx context.Context, o options, measure func(*ways) error) error {
	w, err := openWays(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(measure(w), w.stop())
}

// compare measures both ways under one load, in turn.
func compare(ctx context.Context, out io.Writer, w *ways, l load) error {
	var ratios []float64
	for range w.o.rounds {
		ours, err := w.measureOurs(ctx, l, w.o.length)
		if err != nil {
			return err
		}
		printRow(out, "ledgers", l, ours.result)
		if w.o.plain {
			plain, err := w.measurePlain(ctx, l, w.o.length)
			if err != nil {
				return err
			}
			printRow(out, "plain", l, plain)
			ratios = append(ratios, ours.perSecond()/plain.perSecond())
		}
		printShares(out, ours)
	}
	if len(ratios) > 0 {
		printRatio(out, l, ratios)
	}
	return nil
}

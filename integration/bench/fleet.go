package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	// fleetWarehouses is how many warehouses, and so stock ledgers, are shared out.
	fleetWarehouses = 12
	// fleetProcesses is how many processes are measured beside one.
	fleetProcesses = 3
	// fleetCallers wait for answers over HTTP at the same time.
	fleetCallers = 256
)

// fleetLoad is one way that orders come to a fleet.
type fleetLoad struct {
	name string
	// pick chooses what an order is for; an empty warehouse leaves it to the service.
	pick func() (sku, warehouse string)
}

func (o options) fleetLoads() []fleetLoad {
	return []fleetLoad{
		{"one hot SKU", func() (string, string) { return hotSKU, placeOf(0) }},
		{"hot in each", func() (string, string) { return hotSKU, placeOf(rand.IntN(fleetWarehouses)) }},
		{fmt.Sprintf("%d SKUs", o.skus), func() (string, string) { return sku(rand.IntN(o.skus)), "" }},
	}
}

// fleetWay is a way of bringing orders to a fleet.
type fleetWay struct {
	name    string
	callers int
	open    func(context.Context, *fleetSite) (orderer, error)
}

// orderer makes orders, and waits for the outcome of each.
type orderer interface {
	place(ctx context.Context, id, sku, warehouse string) error
	close()
}

func (o options) fleetWays() []fleetWay {
	var ways []fleetWay
	if o.events {
		ways = append(ways, fleetWay{"by order events", o.inFlight, openEvents})
	}
	if o.calls {
		ways = append(ways, fleetWay{"by HTTP", fleetCallers, openCalls})
	}
	return ways
}

// measureFleet measures what three processes do over twelve warehouses beside what one does.
func measureFleet(ctx context.Context, out io.Writer, o options) error {
	loads := o.fleetLoads()
	fmt.Fprintf(out, "%d rounds of %s; %d warehouses, %d reservation ledgers; orders/s until every derived row is written\n", o.rounds, o.length, fleetWarehouses, o.ledgers)
	if err := warmFleet(ctx, out, o, loads); err != nil {
		return err
	}
	for _, way := range o.fleetWays() {
		fmt.Fprintf(out, "\n%s, %d under way\n\n", way.name, way.callers)
		printColumns(out)
		for _, l := range loads {
			if !strings.Contains(l.name, o.only) {
				continue
			}
			if err := compareFleet(ctx, out, o, way, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// warmFleet lets the servers' compilers see what is measured, until two measurements of the
// same agree or the time is up.
func warmFleet(ctx context.Context, out io.Writer, o options, loads []fleetLoad) error {
	o.profile = ""
	way := o.fleetWays()[0]
	deadline := time.Now().Add(o.warmup)
	var rates []float64
	for n := 0; time.Now().Before(deadline); n++ {
		processes := 1 + n%2*(fleetProcesses-1)
		m, err := measureFleetOnce(ctx, o, processes, way, loads[len(loads)-1], o.length/2)
		if err != nil {
			return err
		}
		rates = append(rates, m.perSecond())
	}
	fmt.Fprintf(out, "warmed up: %.0f orders/s, of one process and of %d in turn\n", rates, fleetProcesses)
	return nil
}

// compareFleet measures one process and several under one load, in turn.
func compareFleet(ctx context.Context, out io.Writer, o options, way fleetWay, l fleetLoad) error {
	var ratios []float64
	row := load{l.name, 0, way.callers}
	for range o.rounds {
		one, err := measureFleetOnce(ctx, o, 1, way, l, o.length)
		if err != nil {
			return err
		}
		one.print(out, "one", row)
		several, err := measureFleetOnce(ctx, o, fleetProcesses, way, l, o.length)
		if err != nil {
			return err
		}
		several.print(out, "three", row)
		ratios = append(ratios, several.perSecond()/one.perSecond())
	}
	printRatio(out, row, ratios)
	return nil
}

// measureFleetOnce measures a load in a keyspace, on topics and with processes of its own.
func measureFleetOnce(ctx context.Context, o options, processes int, way fleetWay, l fleetLoad, d time.Duration) (m fleetMeasured, err error) {
	s, err := openFleetSite(ctx, o, processes)
	if err != nil {
		return m, fmt.Errorf("%d processes: %w", processes, err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	u, err := way.open(ctx, s)
	if err != nil {
		return m, err
	}
	defer u.close()
	next := orderIDs()
	order := func(ctx context.Context, _ int) error {
		sku, warehouse := l.pick()
		return u.place(ctx, next(), sku, warehouse)
	}
	// The first orders wait until partitions are assigned and connections are there.
	if _, err := drive(ctx, 64, time.Second, order, s.relayed); err != nil {
		return m, err
	}
	stopProfile, err := s.profile(fmt.Sprintf("%s-%s-%d", way.name, l.name, processes), d)
	if err != nil {
		return m, err
	}
	before, err := s.processor(ctx)
	if err != nil {
		return m, err
	}
	if m.result, err = drive(ctx, way.callers, d, order, s.relayed); err != nil {
		return m, errors.Join(err, stopProfile())
	}
	after, err := s.processor(ctx)
	m.used = after.since(before)
	return m, errors.Join(err, stopProfile())
}

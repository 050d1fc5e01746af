package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"inventory/app"
)

type demoCmd struct {
	Orders int           `default:"40" help:"How many orders come."`
	For    time.Duration `placeholder:"TIME" help:"Let orders come for this long, however many."`
	Pace   time.Duration `default:"60ms" help:"Pause after each line."`
	Seed   uint64        `placeholder:"N" help:"Repeats the same course of things. Default: another one each time."`
}

// execute implements command.
func (c *demoCmd) execute(ctx context.Context, p *program) (err error) {
	if c.Orders < 1 || c.For < 0 || c.Pace < 0 {
		return fmt.Errorf("%w: expected --orders from 1, and --for and --pace from 0", errUsage)
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.own(ctx); err != nil {
		return err
	}
	if c.Seed == 0 {
		c.Seed = rand.Uint64N(1_000_000)
	}
	d := &demo{
		in: s.in, out: p.stdout, rand: rand.New(rand.NewPCG(c.Seed, 0)), pace: c.Pace,
		// Orders of another run are other orders.
		prefix: "demo-" + strconv.FormatInt(time.Now().Unix()%(36*36*36*36), 36),
		ends:   map[string]int{},
	}
	fmt.Fprintf(p.stdout, "Stock and orders of a small company, in the store %s. Seed %d.\n\n", p.place(), c.Seed)
	if err := d.setUp(ctx); err != nil {
		return fmt.Errorf("setting up: %w", err)
	}
	if err := d.trickle(ctx, c); err != nil && !errors.Is(context.Cause(ctx), errSignal) {
		return err
	}
	return d.finish(context.WithoutCancel(ctx), p)
}

// place says where the store is.
func (p *program) place() string {
	switch p.settings.Store {
	case storeSQLite:
		return "SQLite in " + p.settings.DataDir
	case storeCassandra:
		return "Cassandra, keyspace " + p.settings.Cassandra.Keyspace
	}
	return "memory"
}

// finish sums up, proves that all is in order, and says what to try next.
func (d *demo) finish(ctx context.Context, p *program) error {
	d.sumUp()
	found, err := d.in.Reconcile(ctx)
	if err != nil {
		return fmt.Errorf("reconciling: %w", err)
	}
	proof := newReconciliation(found)
	fmt.Fprint(d.out, "Reconcile ")
	proof.text(d.out)
	if p.settings.Store != storeMemory {
		d.nextSteps(p)
	}
	return proof.verdict()
}

func (d *demo) nextSteps(p *program) {
	options := ""
	if p.settings.Store == storeCassandra {
		options += " --store cassandra"
	} else if p.settings.DataDir != "./data" {
		options += " --data-dir " + p.settings.DataDir
	}
	fmt.Fprint(d.out, "\nAll of it is kept. Try next:\n")
	for _, next := range []string{"stock " + skuName(1), "order " + d.name(1), "reserve my-order " + skuName(2) + "=3", "warehouse list", "shell"} {
		fmt.Fprintf(d.out, "  %s %s%s\n", os.Args[0], next, options)
	}
}

// stockOf reads a SKU's levels by warehouse.
func (d *demo) stockOf(ctx context.Context, sku string) (map[string]app.WarehouseStock, error) {
	levels := map[string]app.WarehouseStock{}
	found, err := d.in.Stock(ctx, sku, "")
	if errors.Is(err, app.ErrUnknownSKU) {
		return levels, nil
	}
	for _, w := range found.Warehouses {
		levels[string(w.WarehouseID)] = w
	}
	return levels, err
}

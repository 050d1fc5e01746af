package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inventory/ports"
)

// drainTimeout bounds how long requests, and records in flight, may take to finish at the
// end, which takes longer where a server is silent: together less than the half minute that
// platforms give a process. What is not finished by then is asked, or brought, again.
const drainTimeout = 10 * time.Second

type serveCmd struct {
	Demo        bool `help:"Let a small company use the service: warehouses, stock, and a trickle of orders through Kafka, shown on the terminal."`
	DemoOrders  int  `placeholder:"N" help:"With --demo: end when this many orders have come to their end."`
	PrintConfig bool `help:"Print the settings in force, with secrets masked, and end."`
}

// execute implements command: it serves until ctx ends or something needs a person.
func (c *serveCmd) execute(ctx context.Context, p *program) (err error) {
	if c.PrintConfig {
		return printConfig(p.stdout, p.grammar, &p.settings)
	}
	n := &node{p: p, s: &p.settings, ended: make(chan error, 4)}
	defer func() { err = errors.Join(err, n.close()) }()
	if err := n.open(ctx); err != nil {
		return err
	}
	n.run()
	n.greet()
	if c.Demo {
		return n.demonstrate(ctx, c.DemoOrders)
	}
	return n.wait(ctx)
}

// wait waits until the node is asked to end (nil), or a part of it ends by itself.
func (n *node) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		n.log.Info("asked to end: finishing what is under way")
		return nil
	case err := <-n.ended:
		return err
	}
}

// greet tells people where everything is.
func (n *node) greet() {
	kafka, registry := "Kafka "+n.kafka.Brokers[0], n.registryURL
	if n.broker != nil {
		kafka += " (embedded)"
	}
	if n.registry != nil {
		registry += " (embedded)"
	}
	fmt.Fprintf(n.p.stdout, "inventory %s: API http://%s, %s, registry %s, store %s\n", buildVersion(), n.listener.Addr(), kafka, registry, n.s.place())
}

// place says where the store is.
func (s *settings) place() string {
	switch s.Store {
	case storeSQLite:
		return "SQLite in " + s.DataDir
	case storeCassandra:
		return "Cassandra, keyspace " + s.Cassandra.Keyspace
	}
	return "memory"
}

// run starts what works by itself. The order of the end is close's.
func (n *node) run() {
	if n.s.does(roleCore) {
		n.runCore()
	}
	n.runGlobal()
	if n.captured != nil {
		n.capturing.start(func(ctx context.Context) { n.tell(n.captured.Run(ctx)) })
	}
	n.serving.start(func(context.Context) { n.tell(n.serveHTTP()) })
}

// runCore starts what decides and takes in.
func (n *node) runCore() {
	n.owning.start(func(ctx context.Context) { n.tell(n.in.Run(ctx)) })
	n.intake.start(func(ctx context.Context) { n.tell(n.consume(ctx)) })
	n.standing.start(n.watchStanding)
	n.auditing.start(func(ctx context.Context) { n.tell(n.in.Audit(ctx)) })
	n.replaying.start(func(ctx context.Context) {
		if err := n.desk.Run(ctx); ctx.Err() == nil {
			n.tell(err)
		}
	})
}

// tell notes that a part ended by itself.
func (n *node) tell(err error) {
	if err == nil {
		return
	}
	select {
	case n.ended <- err:
	default: // another one was first
	}
}

// close ends the node in good order: it takes nothing new, finishes what is under way, gives
// the ledgers up, and lets go of everything in the opposite order of opening.
func (n *node) close() error {
	n.ending.Store(true)
	var taking sync.WaitGroup
	taking.Go(n.stopHTTP)
	taking.Go(n.intake.stop)
	taking.Go(n.standing.stop)
	taking.Go(n.auditing.stop)
	taking.Go(n.replaying.stop)
	taking.Wait()
	n.owning.stop()
	n.aggregating.stop()
	n.projecting.stop()
	n.capturing.stop()
	return n.closers.close()
}

// errEnding is why a node that ends is not ready.
var errEnding = fmt.Errorf("%w: the process is ending", ports.ErrTransient)

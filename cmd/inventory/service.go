package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"inventory/adapters/system"
	"inventory/adapters/telemetry"
	"inventory/app"
	"inventory/ports"
)

// lookEvery is how often something is looked at that can't be waited for.
const lookEvery = 10 * time.Millisecond

// service is the inventory on an opened store, and what runs it.
type service struct {
	in       *app.Inventory
	store    opened
	id       string // of this start, as owner of ledgers
	lease    time.Duration
	actor    string
	say      func(string) // to people
	observer *telemetry.Observer

	stop context.CancelFunc // nil: it does not run
	done chan struct{}      // closed when it ran
	err  error              // how; to be read after done
}

// open makes a service that owns nothing. Close it after use.
func (p *program) open(ctx context.Context) (*service, error) {
	log, err := telemetry.NewLogger(p.stderr, p.settings.log())
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, &p.settings)
	if err != nil {
		return nil, err
	}
	s := &service{
		store: store, id: system.NewUUID().String(), lease: p.settings.Lease, actor: cmp.Or(p.env["USER"], "operator"),
		observer: telemetry.New(log), done: make(chan struct{}),
		say: func(text string) { fmt.Fprintln(p.stderr, text) },
	}
	cfg := p.settings.app()
	cfg.Owner.Owner = s.id
	s.in, err = app.New(ctx, cfg, store, app.Outside{Clock: system.Clock{}, Observer: s.observer, CommitID: system.NewUUID})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// start lets the service own the ledgers whenever it may. ended is called when it ends, by
// itself only if a person has to see to something.
func (s *service) start(ended func()) {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() {
		s.err = s.in.Run(ctx)
		close(s.done)
		ended()
	}()
}

// failure is why the service ended by itself, nil while it runs.
func (s *service) failure() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// close gives the ledgers up and lets go of the store, in this order. Nothing may use the
// service any more.
func (s *service) close() error {
	if s.stop != nil {
		s.stop()
		<-s.done
	}
	err := s.store.close()
	s.observer.Close()
	return err
}

// await looks until this process owns all ledgers (nil), enough says that it has waited
// enough, or ctx ends.
func (s *service) await(ctx context.Context, enough func() error) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for s.in.Ready(ctx) != nil {
		if err := enough(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.done:
			return s.err
		case <-ticker.C:
		}
	}
	return nil
}

// leadHead reads the head of the ledger whose owner owns all others too.
func (s *service) leadHead(ctx context.Context) (ports.Head, error) {
	ids, err := s.in.Ledgers(ctx)
	if err != nil {
		return ports.Head{}, err
	}
	head, err := s.store.Head(ctx, ids[0])
	if err != nil {
		return head, fmt.Errorf("looking for the owner: %w", err)
	}
	return head, nil
}

package main

import (
	"context"
	"time"

	"inventory/adapters/kafka"
	"inventory/ports"
)

// standEvery is how often it is asked how order events and owners stand, which costs a broker two
// requests and the store nothing while all owners are known.
const standEvery = 5 * time.Second

// openStanding makes what asks how far behind the consumer group is.
func (n *node) openStanding(context.Context) error {
	n.metrics.Roles(n.s.roles()...)
	backlog, err := kafka.NewBacklog(n.kafka, ports.OrderEventTopics()...)
	if err == nil {
		n.backlog = backlog
		n.closers.add(backlog.Close)
	}
	return err
}

// watchStanding tells the observer how things stand that no event tells of, until ctx ends.
func (n *node) watchStanding(ctx context.Context) {
	ticker := time.NewTicker(standEvery)
	defer ticker.Stop()
	for {
		n.tellStanding(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (n *node) tellStanding(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, standEvery)
	defer cancel()
	tell := func(of string, e ports.Event, err error) {
		if err != nil {
			e = ports.StandTrouble{Of: of, Err: err}
		}
		n.observer.Observe(e)
	}
	records, err := n.backlog.Read(ctx)
	tell(ports.OfIntake, ports.IntakeStands{Records: records}, err)
	unowned, err := n.in.Unowned(ctx)
	tell(ports.OfOwners, ports.OwnersStand{Unowned: unowned}, err)
}

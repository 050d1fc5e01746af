package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
)

const (
	// memberTries is how many failures in a row, some minutes of them, a client gets before it is
	// made anew, in case it is the client that can't recover. A new one is a new member, and the
	// group waits for the old one until its session has timed out.
	memberTries = 60
	// quickSession is how long a session lasts at least that does not count as failed. One
	// that ends by a rebalance may be shorter, and a few of them in a row are nothing unusual.
	quickSession = time.Second
	quickAllowed = 3
	// Waits before a group is joined again after a failure.
	joinPauseLeast = 100 * time.Millisecond
	joinPauseMost  = 5 * time.Second
	// leaveTimeout is how long leaving a group may take, once no record is in flight, before its
	// connections are cut.
	leaveTimeout = 3 * time.Second
)

// subscription reads one topic in a group, whatever happens to brokers, until its context
// ends.
type subscription struct {
	cfg      Config
	events   Events
	topic    string
	messages context.Context // that messages' contexts come from
	out      chan<- *message.Message
	claims   sync.RWMutex // held for reading by each partition that is not drained
	holdings holdings
}

var _ sarama.ConsumerGroupHandler = (*subscription)(nil)

// run reads until ctx ends.
func (s *subscription) run(ctx context.Context) {
	pause := backoff{least: joinPauseLeast, most: joinPauseMost}
	for ctx.Err() == nil {
		began := time.Now()
		err := s.member(ctx)
		if ctx.Err() != nil {
			return
		}
		if isFenced(err) {
			s.awaitName(ctx, err)
			continue
		}
		if time.Since(began) > time.Minute {
			pause.next = 0
		}
		s.trouble("consuming", err)
		if !pause.wait(ctx, nil) {
			return
		}
	}
}

// member is in the group with one client, until that fails too often or ctx ends.
func (s *subscription) member(ctx context.Context) error {
	// A join answers only when all members are back, and nothing else ends it.
	connected, cut := endLater(ctx, s.drained, leaveTimeout)
	defer cut()
	cfg := bind(connected, groupConfig(s.cfg, s.topic, s.holdings.assign))
	client, err := sarama.NewClient(s.cfg.Brokers, cfg)
	if err != nil {
		return err
	}
	defer s.closeClient(client)
	coordinating, err := sarama.NewClient(s.cfg.Brokers, cfg)
	if err != nil {
		return err
	}
	defer s.closeClient(coordinating)
	reading := &apart{Client: coordinated{client, coordinating}}
	defer reading.disconnect()
	group, err := sarama.NewConsumerGroupFromClient(s.cfg.Group, reading)
	if err != nil {
		return err
	}
	var told sync.WaitGroup
	told.Go(func() {
		for err := range group.Errors() {
			if isUnreadable(err) {
				reading.isolate()
			}
			s.trouble("consuming", err)
		}
	})
	defer told.Wait()
	defer s.leave(group)
	return s.sessions(ctx, group)
}

// sessions joins the group again and again: a session goes on while the group changes, and
// ends when it was lost. It returns the error of the last of several failures in a row, or
// nil after ctx ended.
func (s *subscription) sessions(ctx context.Context, group sarama.ConsumerGroup) error {
	pause := backoff{least: joinPauseLeast, most: joinPauseMost}
	failed, quick := 0, 0
	for ctx.Err() == nil {
		began := time.Now()
		err := group.Consume(ctx, []string{s.topic}, s)
		if ctx.Err() != nil {
			return nil
		}
		failed, quick = count(err != nil, failed), count(time.Since(began) < quickSession, quick)
		switch {
		case failed >= memberTries || isFenced(err):
			return err
		case err != nil:
			s.trouble("joining the group "+s.cfg.Group, err)
		case quick <= quickAllowed: // the group has lost this member, or it a partition: be back at once
			pause.next = 0
			continue
		}
		if !pause.wait(ctx, nil) {
			return nil
		}
	}
	return nil
}

// drained returns when no record is in flight any more, after the drain timeout at the latest.
func (s *subscription) drained() {
	s.claims.Lock()
	s.claims.Unlock() //nolint:gocritic,staticcheck // nothing is guarded: having had it is enough
}

// count counts how often in a row something was so.
func count(so bool, n int) int {
	if so {
		return n + 1
	}
	return 0
}

// leave leaves the group, so that others need not wait for the session's end. A member with a
// name says nothing: it is expected back.
func (s *subscription) leave(group sarama.ConsumerGroup) {
	if err := group.Close(); err != nil && !errors.Is(err, sarama.ErrClosedClient) {
		s.trouble("leaving the group "+s.cfg.Group, err)
	}
}

func (s *subscription) closeClient(client sarama.Client) {
	if err := client.Close(); err != nil && !errors.Is(err, sarama.ErrClosedClient) {
		s.trouble("closing the connection", err)
	}
}

// trouble tells what will be tried again.
func (s *subscription) trouble(doing string, err error) {
	if err == nil {
		return
	}
	if isFenced(err) {
		s.events.Trouble(s.fencedError(err))
		return
	}
	hint := ""
	if errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		hint = ": does the topic exist? `inventory topics create` makes it"
	}
	if isUnreadable(err) {
		hint = ": a batch in it can't be read; others are, as soon as it is known which it is; set the group's offset behind it by hand (kafka-consumer-groups --reset-offsets) once it is clear what it holds"
	}
	if errors.Is(err, sarama.ErrOffsetOutOfRange) {
		hint = ": the group's offset is not in the log any more; set it by hand (kafka-consumer-groups --reset-offsets) once it is clear what was lost"
	}
	s.events.Trouble(fmt.Errorf("kafka: %s: %s: %w%s", s.topic, doing, err, hint))
}

// Setup implements sarama.ConsumerGroupHandler: this is a member of the group from now on.
func (s *subscription) Setup(sarama.ConsumerGroupSession) error {
	s.events.Reading(s.topic, true)
	return nil
}

// Cleanup implements sarama.ConsumerGroupHandler: no partition is read any more, and what is
// marked is about to be committed.
func (s *subscription) Cleanup(sarama.ConsumerGroupSession) error {
	s.events.Reading(s.topic, false)
	return nil
}

// ConsumeClaim implements sarama.ConsumerGroupHandler: it reads a partition until that goes
// to another member, or this one has left. What is marked when it returns is committed before
// another member gets the partition.
func (s *subscription) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	s.claims.RLock()
	defer s.claims.RUnlock()
	s.events.Claimed(s.topic, claim.Partition(), true)
	defer s.events.Claimed(s.topic, claim.Partition(), false)
	lost := s.holdings.read(claim.Partition())
	defer s.holdings.unread(claim.Partition(), lost)
	mark := func(next int64) { session.MarkOffset(claim.Topic(), claim.Partition(), next, "") }
	p := newPartition(s.messages, s.cfg, s.out, mark, s.events.Lanes)
	kept, cancel := endedBy(session.Context(), lost)
	defer cancel()
	p.read(kept.Done(), claim.Messages())
	p.drain(s.cfg.DrainTimeout)
	awaitRelease(session, claim)
	return nil
}

// awaitRelease waits until the client lets a partition go: a claim that ends before it was
// told to ends the whole session, with all partitions.
func awaitRelease(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) {
	for {
		select {
		case _, ok := <-claim.Messages():
			if !ok {
				return
			}
		case <-session.Context().Done():
			return
		}
	}
}

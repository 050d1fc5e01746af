package kafka

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
)

// aClaim is a partition as the client gives it to a handler, and the session it is part of.
type aClaim struct {
	sarama.ConsumerGroupClaim
	sarama.ConsumerGroupSession
	ctx     context.Context
	records chan *sarama.ConsumerMessage
	marked  int64
}

func (*aClaim) Topic() string                              { return "t" }
func (*aClaim) Partition() int32                           { return 3 }
func (c *aClaim) Messages() <-chan *sarama.ConsumerMessage { return c.records }
func (c *aClaim) Context() context.Context                 { return c.ctx }

func (c *aClaim) MarkOffset(_ string, _ int32, next int64, _ string) { c.marked = next }

// reading begins to read partition 3 of a topic, with room for one record.
func reading(t *testing.T) (s *subscription, c *aClaim, out chan *message.Message, ended chan error) {
	cfg := validConfig()
	cfg.Lanes, cfg.Window = 1, 1
	out, ended = make(chan *message.Message), make(chan error, 1)
	s = &subscription{cfg: cfg, events: Events{}.withDefaults(), topic: "t", messages: t.Context(), out: out}
	c = &aClaim{ctx: t.Context(), records: make(chan *sarama.ConsumerMessage, 10)}
	for i := range int64(5) {
		c.records <- &sarama.ConsumerMessage{Topic: "t", Partition: 3, Offset: i, Key: []byte("k")}
	}
	return s, c, out, ended
}

func TestAPartitionThatGoesIsLetGoWhileItWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c, out, ended := reading(t)
		s.holdings.assign([]int32{2, 3})
		go func() { ended <- s.ConsumeClaim(c, c) }()
		m := <-out
		synctest.Wait() // it waits for room
		s.holdings.assign([]int32{2, 3, 4})
		synctest.Wait()
		if m.Context().Err() != nil || len(c.records) != 3 {
			t.Fatalf("a partition that stays was disturbed: %v, %d records unread", m.Context().Err(), len(c.records))
		}
		began := time.Now()
		s.holdings.assign([]int32{2})
		<-stoppingOf(m.Context())
		m.Ack()
		synctest.Wait()
		if took := time.Since(began); c.marked != 1 || took != 0 {
			t.Errorf("marked %d after %v, want 1 at once", c.marked, took)
		}
		select {
		case err := <-ended:
			t.Fatalf("it ended before the client let the partition go, which ends the session for all: %v", err)
		case <-out:
			t.Fatal("another record came")
		default:
		}
		close(c.records)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAPartitionThatWentBeforeItWasReadIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c, out, ended := reading(t)
		s.holdings.assign([]int32{2})
		go func() { ended <- s.ConsumeClaim(c, c) }()
		synctest.Wait()
		select {
		case <-out:
			t.Error("a record came")
		default:
		}
		close(c.records)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if c.marked != 0 {
			t.Errorf("marked %d", c.marked)
		}
	})
}

func TestASessionThatEndsLetsItsPartitionsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c, out, ended := reading(t)
		ctx, end := context.WithCancel(t.Context())
		c.ctx = ctx
		s.holdings.assign([]int32{3})
		go func() { ended <- s.ConsumeClaim(c, c) }()
		(<-out).Ack()
		<-out // and is never acked
		began := time.Now()
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(began); c.marked != 1 || took != s.cfg.DrainTimeout {
			t.Errorf("marked %d after %v, want 1 after the drain timeout", c.marked, took)
		}
	})
}

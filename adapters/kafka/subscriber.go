package kafka

import (
	"context"
	"errors"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
)

// ErrClosed is what a closed Subscriber answers.
var ErrClosed = errors.New("kafka: the subscriber is closed")

// Events is told what a Subscriber does. Its functions return at once, may be called from
// many goroutines, and may be nil.
type Events struct {
	Trouble func(error)                 // something failed, and will be tried again
	Lanes   func(delta int)             // so many lanes more, or fewer, have records
	Reading func(topic string, on bool) // a session in the group, in which a topic is read, began or ended
	// Claimed: a partition of a topic is read from now on, or no longer. One that stays while
	// the group changes is read on.
	Claimed func(topic string, partition int32, on bool)
}

func (e Events) withDefaults() Events {
	if e.Trouble == nil {
		e.Trouble = func(error) {}
	}
	if e.Lanes == nil {
		e.Lanes = func(int) {}
	}
	if e.Reading == nil {
		e.Reading = func(string, bool) {}
	}
	if e.Claimed == nil {
		e.Claimed = func(string, int32, bool) {}
	}
	return e
}

// Subscriber reads topics as a member of a consumer group. Each record comes as a message
// that has to be acked; at most one is in flight per lane, so messages with the same key come
// in the order of their offsets, while others overtake them. A message that is nacked comes
// again in its lane after a while, 50 ms at first and up to 5 s. A message is delivered at
// least once.
type Subscriber struct {
	cfg    Config
	events Events

	mu      sync.Mutex // guards closed, and running.Add against Wait
	closed  bool
	closing chan struct{}
	running sync.WaitGroup // subscriptions
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber makes a Subscriber; it connects when it subscribes. ErrPermanent where the
// configuration is not valid.
func NewSubscriber(cfg Config, events Events) (*Subscriber, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Subscriber{cfg: cfg, events: events.withDefaults(), closing: make(chan struct{})}, nil
}

// Subscribe joins the group for a topic, whose name has the deployment's prefix already, and
// returns its messages. It does not wait for the brokers: while they can't be reached, or the
// topic does not exist, Events.Trouble is told, and it is tried again; so too while another
// process has this one's name (Config.Instance). The channel closes after ctx ends, which
// ends the messages' contexts too, or after Close. ErrClosed after Close; ErrPermanent where
// the member's name would be too long for Kafka.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if err := checkInstance(s.cfg, topic); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	out := make(chan *message.Message)
	sub := &subscription{cfg: s.cfg, events: s.events, topic: topic, messages: ctx, out: out}
	s.running.Go(func() {
		defer close(out)
		intake, cancel := endedBy(ctx, s.closing)
		defer cancel()
		sub.run(intake)
	})
	return out, nil
}

// Close takes nothing new, gives messages in flight the drain timeout to be acked, commits
// what is marked and leaves the group, unless it is a static member. No goroutine is left when it returns. Idempotent.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// endedBy returns a context that ends with ctx, or when end is closed.
func endedBy(ctx context.Context, end <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	joined := make(chan struct{})
	go func() {
		defer close(joined)
		select {
		case <-end:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-joined
	}
}

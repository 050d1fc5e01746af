package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"inventory/ports"
)

// Verdict is what is to be done about an error of a handler.
type Verdict struct {
	Code  string // stable, for people and dead letters
	Retry bool   // it may succeed later; else the record is buried
	// Within is how long it is tried again before it is buried, from its first failure; 0: for
	// as long as it takes.
	Within time.Duration
}

// Undertaker buries records. DeadLetters is one.
type Undertaker interface {
	// Write is durable on nil.
	Write(ctx context.Context, l Letter) error
}

// RouterConfig says what a Router does. All but Claimed and Grace is required.
type RouterConfig struct {
	Kafka  Config
	Topics []string // without the deployment's prefix
	// Handle acts on a record. The record is marked as done on nil; else Verdict decides. RecordOf
	// and TraceOf say what the record was and what caused it. Its context ends when there is no
	// more time to finish.
	Handle func(ctx context.Context, topic string, rec Record) error
	// Verdict judges an error of Handle.
	Verdict     func(err error) Verdict
	DeadLetters Undertaker
	Observer    Observer
	// Claimed is told when this process begins to read a partition (its topic without the
	// deployment's prefix), and when it has let it go; may be nil. It returns at once.
	Claimed func(topic string, partition int32, on bool)
	// Grace is how long records in flight may take to finish once Run's context has ended, or
	// when a partition goes to another member; 0: Kafka.DrainTimeout.
	Grace time.Duration
}

func (c RouterConfig) withDefaults() (RouterConfig, error) {
	if c.Grace != 0 {
		c.Kafka.DrainTimeout = c.Grace
	}
	var l faultList
	l.check(len(c.Topics) > 0, "router: no topics")
	for _, topic := range c.Topics {
		if err := checkInstance(c.Kafka, c.Kafka.Prefix+topic); err != nil {
			l = append(l, err)
		}
	}
	l.check(c.Handle != nil && c.Verdict != nil && c.DeadLetters != nil && c.Observer != nil, "router: Handle, Verdict, DeadLetters and Observer are required")
	return c, errors.Join(append(l, c.Kafka.Validate())...)
}

// Router brings records to a handler, many at once, in order where keys are the same, until
// each is handled or buried.
type Router struct {
	cfg        RouterConfig
	waiting    waiting
	attendance attendance
}

// NewRouter makes a Router. ErrPermanent where the configuration is not valid: the message
// names every fault.
func NewRouter(cfg RouterConfig) (*Router, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Router{cfg: cfg}, nil
}

// Run consumes until ctx ends; then it takes nothing new, lets handlers finish for the grace
// and leaves the group. It returns nil then, and may be called again. While brokers or topics
// are missing it tries again and tells the Observer.
func (r *Router) Run(ctx context.Context) error {
	sub, err := NewSubscriber(r.cfg.Kafka, Events{Trouble: r.trouble, Lanes: r.cfg.Observer.LanesInUse, Reading: r.attendance.note, Claimed: r.claimed})
	if err != nil {
		return err
	}
	wm, err := message.NewRouter(message.RouterConfig{CloseTimeout: r.cfg.Kafka.DrainTimeout + 2*leaveTimeout}, logger{r.cfg.Observer})
	if err != nil {
		return fmt.Errorf("%w: kafka: %w", ports.ErrPermanent, err)
	}
	for _, topic := range r.cfg.Topics {
		r.attendance.expect(r.cfg.Kafka.Prefix + topic)
		wm.AddConsumerHandler(topic, r.cfg.Kafka.Prefix+topic, detached{sub}, r.handler(topic))
	}
	return r.runUntil(ctx, wm)
}

// runUntil runs Watermill's router until ctx ends.
func (r *Router) runUntil(ctx context.Context, wm *message.Router) error {
	ended := make(chan error, 1)
	go func() { ended <- wm.Run(context.WithoutCancel(ctx)) }()
	for _, ready := range []<-chan struct{}{wm.Running(), ctx.Done()} {
		select {
		case err := <-ended:
			return fmt.Errorf("kafka: the router ended by itself: %w", errors.Join(ports.ErrTransient, err))
		case <-ready:
		}
	}
	if err := wm.Close(); err != nil {
		r.cfg.Observer.Trouble(fmt.Errorf("kafka: some handlers did not finish: %w", err))
	}
	return <-ended
}

// handler makes Watermill's handler of a topic.
func (r *Router) handler(topic string) message.NoPublishHandlerFunc {
	return func(m *message.Message) error {
		growStack()
		ctx := m.Context()
		rec, ok := RecordOf(ctx)
		if !ok {
			return fmt.Errorf("kafka: a message of %s has no record", topic)
		}
		c := consumption{router: r, topic: topic, rec: rec, began: time.Now()}
		return c.run(ctx)
	}
}

// claimed tells of a partition, by its topic's short name.
func (r *Router) claimed(topic string, partition int32, on bool) {
	if r.cfg.Claimed != nil {
		r.cfg.Claimed(strings.TrimPrefix(topic, r.cfg.Kafka.Prefix), partition, on)
	}
}

// trouble tells the Observer, and remembers why topics are not read, if they are not.
func (r *Router) trouble(err error) {
	r.attendance.failed(err)
	r.cfg.Observer.Trouble(err)
}

// Waiting says which topics are not read, and which records have failed for longer than a few
// seconds and are still tried, the longest first: for a person, and for readiness. Empty where
// all is well.
func (r *Router) Waiting() []string {
	now := time.Now()
	return append(r.attendance.list(now), r.waiting.list(now)...)
}

// detached subscribes with a context that does not end: closing the subscriber lets messages
// in flight finish, ending its context does not.
type detached struct{ *Subscriber }

// Subscribe implements message.Subscriber.
func (d detached) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	return d.Subscriber.Subscribe(context.WithoutCancel(ctx), topic)
}

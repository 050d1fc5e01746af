package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// errNotDelivered: nobody knows whether records are published.
var errNotDelivered = errors.New("no answer within the delivery timeout")

// Producer publishes records. It connects when it is first used, and again after a failure.
// Safe for concurrent use: records of many calls go in the same requests.
type Producer struct {
	cfg       Config
	role      role
	connected context.Context // ends all connections
	cut       context.CancelFunc

	mu      sync.Mutex // guards what follows
	closed  bool
	link    *link          // nil: none
	dialing chan struct{}  // closed when the attempt under way ends; nil: none is
	dialErr error          // of the last attempt
	running sync.WaitGroup // grows only under mu while not closed, or while it is above 0
}

// link is a connection that may be in use by several calls. It is closed when it has been
// given up and none uses it: the client panics on a message that comes after that.
type link struct {
	sarama.SyncProducer
	cut        func() // ends its connections
	disconnect func()
	users      int
	givenUp    bool
}

// NewProducer makes a Producer; it does not connect. ErrPermanent where the configuration is
// not valid.
func NewProducer(cfg Config) (*Producer, error) { return newProducer(cfg, publishing) }

func newProducer(cfg Config, r role) (*Producer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	p := &Producer{cfg: cfg, role: r}
	p.connected, p.cut = context.WithCancel(context.Background())
	return p, nil
}

// Send publishes records to their topics, in partitions by their keys; partition, offset and
// timestamp of what is given don't count. Durable on all in-sync replicas on nil, in the
// order given where keys are the same. After an error any of them may be published.
// ErrPermanent: one is refused as it is; else ErrTransient, or the context's error. It
// returns within the delivery timeout after it connected, and as soon as ctx ends.
func (p *Producer) Send(ctx context.Context, records ...Record) error {
	messages := make([]*sarama.ProducerMessage, len(records))
	for i, r := range records {
		messages[i] = producerMessage(r)
	}
	return p.send(ctx, messages)
}

func (p *Producer) send(ctx context.Context, messages []*sarama.ProducerMessage) error {
	if len(messages) == 0 {
		return nil
	}
	l, err := p.acquire(ctx)
	if err != nil {
		return sendError("connecting to Kafka", err)
	}
	sent := make(chan error, 1)
	go func() {
		defer p.running.Done() // that take counted
		err := l.SendMessages(messages)
		sent <- err
		p.release(l, err != nil && !isRefusal(worst(err)))
	}()
	timeout := time.NewTimer(p.cfg.DeliveryTimeout)
	defer timeout.Stop()
	select {
	case err := <-sent:
		return sendError("publishing", worst(err))
	case <-ctx.Done():
		return sendError("publishing", ctx.Err())
	case <-timeout.C:
		p.giveUp(l)
		return sendError("publishing", fmt.Errorf("%w, %v", errNotDelivered, p.cfg.DeliveryTimeout))
	}
}

// acquire returns a connection to be released, made by whoever comes first.
func (p *Producer) acquire(ctx context.Context) (*link, error) {
	for attempts := 0; ; attempts++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l, dialing, err := p.take(attempts)
		if l != nil || err != nil {
			return l, err
		}
		select {
		case <-dialing:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take returns the connection, or an attempt to wait for, which it starts, or why there is
// neither.
func (p *Producer) take(attempts int) (*link, <-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return nil, nil, fmt.Errorf("%w: the producer is closed", ports.ErrTransient)
	case p.link != nil:
		p.link.users++
		p.running.Add(1)
		return p.link, nil, nil
	case attempts > 0 && p.dialing == nil:
		return nil, nil, p.dialErr
	case p.dialing == nil:
		p.dialing = make(chan struct{})
		p.dialErr = nil
		p.running.Go(p.dial)
	}
	return nil, p.dialing, nil
}

// dial connects. It is bounded by the client's own timeouts, and by Close.
func (p *Producer) dial() {
	l, err := p.connect()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.link, p.dialErr = l, err
	if p.closed {
		p.drop()
	}
	close(p.dialing)
	p.dialing = nil
}

// connect makes a connection. The client outlives a producer that can't be made, unless it
// is closed.
func (p *Producer) connect() (*link, error) {
	ctx, cancel := context.WithCancel(p.connected)
	client, err := sarama.NewClient(p.cfg.Brokers, bind(ctx, clientConfig(p.cfg, p.role)))
	if err != nil {
		cancel()
		return nil, err
	}
	disconnect := func() {
		cancel()
		_ = client.Close() // what is broken can't be closed well
	}
	s, err := sarama.NewSyncProducerFromClient(client)
	if err != nil {
		disconnect()
		return nil, err
	}
	return &link{SyncProducer: s, cut: cancel, disconnect: disconnect}, nil
}

// release ends a call's use of a connection. One that failed is not used again: its producer
// id may be lost, its addresses out of date.
func (p *Producer) release(l *link, failed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.users--
	if failed && p.link == l {
		p.drop()
		return
	}
	p.closeUnused(l)
}

// giveUp makes later calls use another connection. What is on its way in this one must not
// come after them: the client would try it again for some time.
func (p *Producer) giveUp(l *link) {
	l.cut()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.link == l {
		p.drop()
	}
}

// drop gives up the present connection, if any. p.mu is held.
func (p *Producer) drop() {
	l := p.link
	if l == nil {
		return
	}
	p.link = nil
	l.givenUp = true
	p.closeUnused(l)
}

// closeUnused closes a connection that is given up and that nobody uses. p.mu is held.
func (p *Producer) closeUnused(l *link) {
	if l.givenUp && l.users == 0 {
		p.running.Go(func() {
			_ = l.Close() // it never fails
			l.disconnect()
		})
	}
}

// Close gives up what is on its way, which nobody waits for any more, and disconnects. No
// goroutine is left when it returns. Idempotent.
func (p *Producer) Close() error {
	p.mu.Lock()
	p.closed = true
	p.drop()
	p.mu.Unlock()
	p.cut()
	p.running.Wait()
	return nil
}

package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// readback reads logs from one place to another. It belongs to no group and marks nothing. It
// connects when it is first used, stays connected, and connects again after a failure. Safe for
// concurrent use.
type readback struct {
	cfg       Config
	connected context.Context // ends all connections
	cut       context.CancelFunc
	running   sync.WaitGroup

	mu     sync.Mutex    // guards what follows, also while it connects
	client sarama.Client // nil: none
	closed bool
}

// newReadback does not connect. ErrPermanent where the configuration is not valid.
func newReadback(cfg Config) (*readback, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &readback{cfg: cfg}
	r.connected, r.cut = context.WithCancel(context.Background())
	return r, nil
}

// Close disconnects; what is being read ends with an error. No goroutine is left when it
// returns. Idempotent.
func (r *readback) Close() error {
	r.cut()
	r.mu.Lock()
	r.closed = true
	client := r.client
	r.client = nil
	r.mu.Unlock()
	if client != nil {
		_ = client.Close() // its connections are cut, and it has nothing to write
	}
	r.running.Wait()
	return nil
}

// gate lets one at a time pass to the caller's function, and none once the caller has gone, or
// its time is over.
type gate struct {
	ctx  context.Context // the caller's
	mu   sync.Mutex
	shut bool
}

var errGone = errors.New("nobody waits for it any more")

func (g *gate) pass(do func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return errGone
	}
	if err := g.ctx.Err(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return takerError{err}
	}
	return nil
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// takerError is the error of whoever takes records: no broker is at fault.
type takerError struct{ error }

// Unwrap gives the taker's own error.
func (e takerError) Unwrap() error { return e.error }

// run calls read with a connection, again with a new one where it had an old one and fails. It
// returns as soon as ctx ends: nothing passes the gate then, and what read waits for is given
// up.
func (r *readback) run(ctx context.Context, read func(context.Context, sarama.Client, *gate) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return fmt.Errorf("%w: kafka: the reader is closed", ports.ErrTransient)
	}
	r.running.Add(1)
	r.mu.Unlock()
	g, ended := &gate{ctx: ctx}, make(chan error, 1)
	go func() {
		defer r.running.Done()
		ended <- r.attempts(ctx, func(c sarama.Client) error { return read(ctx, c, g) })
	}()
	select {
	case err := <-ended:
		return r.failed(ctx, err)
	case <-ctx.Done():
		g.close()
		return ctx.Err()
	}
}

func (r *readback) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if taker, ok := errors.AsType[takerError](err); ok {
		err = taker.error
	}
	if isClassified(err) {
		return err
	}
	return fmt.Errorf("%w: kafka: %w", ports.ErrTransient, err)
}

func (r *readback) attempts(ctx context.Context, read func(sarama.Client) error) error {
	for {
		client, kept, err := r.connect()
		if err != nil {
			return err
		}
		err = read(client)
		_, takers := errors.AsType[takerError](err)
		if err == nil || takers || ctx.Err() != nil || errors.Is(err, ports.ErrPermanent) {
			return err
		}
		r.drop(client)
		if !kept {
			return err
		}
	}
}

// connect gives the connection, and whether it was there before.
func (r *readback) connect() (client sarama.Client, kept bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		return r.client, true, nil
	}
	if r.closed {
		return nil, false, fmt.Errorf("%w: kafka: the reader is closed", ports.ErrTransient)
	}
	client, err = sarama.NewClient(r.cfg.Brokers, bind(r.connected, clientConfig(r.cfg, consuming)))
	if err != nil {
		return nil, false, fmt.Errorf("no broker answers at %s: %w", strings.Join(r.cfg.Brokers, ", "), err)
	}
	r.client = client
	return client, false, nil
}

// drop gives up a connection: addresses and leaders may have changed.
func (r *readback) drop(client sarama.Client) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == client {
		r.client = nil
		_ = client.Close() // what is broken can't be closed well
	}
}

// follower reads what came to topics since it read them last.
type follower struct {
	from   *readback
	topics []string

	mu   sync.Mutex
	next map[partitionID]int64 // offsets
}

// partitionID names a partition of a topic, in full.
type partitionID struct {
	topic  string
	number int32
}

func newFollower(from *readback, topics ...string) *follower {
	return &follower{from: from, topics: topics, next: map[partitionID]int64{}}
}

// read hands over all records up to the ends as they are now, one at a time, those of a
// partition in order. Where take fails it is given the same record again the next time.
func (f *follower) read(ctx context.Context, take func(*sarama.ConsumerMessage) error) error {
	return f.from.run(ctx, func(ctx context.Context, c sarama.Client, g *gate) error {
		all, err := f.stretches(c)
		if err != nil {
			return err
		}
		err = fetchAll(ctx, c, all, func(m *sarama.ConsumerMessage) error {
			return g.pass(func() error {
				if err := take(m); err != nil {
					return err
				}
				f.came(partitionID{m.Topic, m.Partition}, m.Offset+1)
				return nil
			})
		})
		if err != nil {
			return err
		}
		return g.pass(func() error {
			for _, s := range all { // what is not for readers may lie before the end
				f.came(s.partitionID, s.next)
			}
			return nil
		})
	})
}

func (f *follower) came(p partitionID, next int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next[p] = next
}

// stretches says what is to be read.
func (f *follower) stretches(c sarama.Client) ([]*stretch, error) {
	var all []partitionID
	for _, topic := range f.topics {
		partitions, err := c.Partitions(topic)
		if err != nil {
			return nil, fmt.Errorf("topic %s: %w", topic, err)
		}
		for _, p := range partitions {
			all = append(all, partitionID{topic, p})
		}
	}
	bounds, err := boundsOf(c, all)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var stretches []*stretch
	for _, p := range all {
		b := bounds[p]
		next, known := f.next[p]
		if !known || next < b.oldest || next > b.end { // a log that ends before is another one
			next = b.oldest
		}
		stretches = append(stretches, &stretch{partitionID: p, next: next, end: b.end})
	}
	return stretches, nil
}

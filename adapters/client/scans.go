package client

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

// maxScan is the service's bound of a scan, in bytes.
const maxScan = 16 << 10

// Errors of scans that are not sent.
var (
	// ErrClosed is of scans that were closed.
	ErrClosed = errors.New("client: these scans are closed")
	// ErrPending is of a scan whose id is that of another that is not acknowledged yet.
	ErrPending = errors.New("client: a scan with this id is not acknowledged yet")
	// ErrTooLong is of a scan that is longer than the service takes.
	ErrTooLong = fmt.Errorf("client: a scan has at most %d bytes", maxScan)
)

// Scans sends scans, each again and again until it is acknowledged. After a cut those that were not
// are sent first, in their order. It is safe for concurrent use.
type Scans struct {
	c      *Client
	window chan struct{} // has a token for each scan that is not acknowledged
	stop   context.CancelFunc
	done   chan struct{} // closed when nothing is sent any more
	wake   chan struct{} // has room for one sign that there is something to do

	mu         sync.Mutex
	pending    map[string]*pending
	queue      []*pending // what is to be sent on this connection
	connection int
	numbered   int64
	closing    bool
	err        error // why nothing is sent any more
}

// pending is a scan that is not acknowledged.
type pending struct {
	number int64
	scan   *inventoryv1.ScanRequest
	told   func(*inventoryv1.ScanResponse)
}

// Scans begins to send scans, until ctx ends. Close it.
func (c *Client) Scans(ctx context.Context) *Scans {
	ctx, stop := context.WithCancel(ctx)
	s := &Scans{
		c: c, window: make(chan struct{}, c.options.Window), stop: stop, done: make(chan struct{}), wake: make(chan struct{}, 1),
		pending: map[string]*pending{},
	}
	go s.run(ctx)
	return s
}

// Send has a scan sent, and told called once, when it is applied or refused: then nothing is left
// to do. It waits while as many scans are not acknowledged as may be. A scan without an id gets one;
// a program that keeps scans for when it starts again gives ids itself. told gets no two scans at
// once, and keeps all others waiting. Errors: ErrPending, ErrTooLong, ErrClosed, why ctx ended, or
// why nothing is sent any more.
func (s *Scans) Send(ctx context.Context, scan *inventoryv1.ScanRequest, told func(*inventoryv1.ScanResponse)) error {
	p := &pending{scan: proto.CloneOf(scan), told: told}
	p.scan.Id = cmp.Or(p.scan.GetId(), rand.Text())
	p.scan.Actor = cmp.Or(p.scan.GetActor(), s.c.options.Actor)
	if proto.Size(p.scan) > maxScan {
		return fmt.Errorf("%w: %d", ErrTooLong, proto.Size(p.scan))
	}
	select {
	case s.window <- struct{}{}:
	case <-s.done:
		return s.reason()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	err := s.add(p)
	if err != nil {
		<-s.window
	}
	return err
}

// Do sends a scan, and waits for its acknowledgement. Errors are as of Send; the scan may be done
// all the same.
func (s *Scans) Do(ctx context.Context, scan *inventoryv1.ScanRequest) (*inventoryv1.ScanResponse, error) {
	acked := make(chan *inventoryv1.ScanResponse, 1)
	if err := s.Send(ctx, scan, func(m *inventoryv1.ScanResponse) { acked <- m }); err != nil {
		return nil, err
	}
	select {
	case m := <-acked:
		return m, nil
	case <-s.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case m := <-acked: // the last one
		return m, nil
	default:
		return nil, s.reason()
	}
}

// Close takes no more scans, and waits until all are acknowledged, or nothing is sent any more: the
// error says why, and how many are not acknowledged. To give up earlier, end the context of Scans.
func (s *Scans) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.signal()
	<-s.done
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) > 0 {
		return fmt.Errorf("client: %d scans are not acknowledged: %w", len(s.pending), s.err)
	}
	return nil
}

func (s *Scans) add(p *pending) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return s.err
	case s.closing:
		return ErrClosed
	case s.pending[p.scan.GetId()] != nil:
		return fmt.Errorf("%w: %s", ErrPending, p.scan.GetId())
	}
	s.numbered++
	p.number = s.numbered
	s.pending[p.scan.GetId()] = p
	s.queue = append(s.queue, p)
	s.signal()
	return nil
}

func (s *Scans) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// reason is why nothing is sent any more.
func (s *Scans) reason() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.err, ErrClosed)
}

// run connects again and again.
func (s *Scans) run(ctx context.Context) {
	defer close(s.done)
	tries := tries{c: s.c}
	for {
		if _, err := s.next(ctx, false); err != nil { // nothing is to be sent for now, or ever
			s.end(err)
			return
		}
		p := s.c.process()
		acked, err := s.connect(ctx, p)
		if acked {
			tries.succeeded()
		}
		if s.finished() {
			continue
		}
		if ctx.Err() == nil && !final(err) {
			err = tries.pause(ctx, p, err, 0)
		}
		if err != nil {
			s.end(err)
			return
		}
	}
}

// end notes why nothing is sent any more.
func (s *Scans) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// finished tells whether all is acknowledged, and nothing more is to come.
func (s *Scans) finished() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing && len(s.pending) == 0
}

// connect sends all that is not acknowledged, and what comes, until the stream is cut.
func (s *Scans) connect(ctx context.Context, p process) (acked bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	stream, err := p.stock.Scan(ctx)
	if err != nil {
		cancel()
		return false, err
	}
	s.requeue()
	var sending sync.WaitGroup
	sending.Go(func() {
		for {
			next, err := s.next(ctx, true)
			if err != nil {
				_ = stream.CloseRequest() // as receiving tells
				return
			}
			if stream.Send(next.scan) != nil { // receiving tells why
				return
			}
		}
	})
	defer sending.Wait()
	defer cancel()
	for {
		m, err := stream.Receive()
		if err != nil {
			return acked, fmt.Errorf("the stream of scans ended: %w", err)
		}
		acked = true
		s.acknowledge(m)
	}
}

// requeue has all sent that is not acknowledged, in its order.
func (s *Scans) requeue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection++
	s.queue = slices.SortedFunc(maps.Values(s.pending), func(a, b *pending) int { return cmp.Compare(a.number, b.number) })
}

// next waits for what is to be sent next, and takes it off the queue. The error says that there
// will be nothing: ErrClosed, or why ctx ended.
func (s *Scans) next(ctx context.Context, take bool) (*pending, error) {
	for {
		s.mu.Lock()
		switch {
		case len(s.queue) > 0 && take:
			p := s.queue[0]
			s.queue = s.queue[1:]
			s.mu.Unlock()
			return p, nil
		case !take && len(s.pending) > 0:
			s.mu.Unlock()
			return nil, nil
		case s.closing && len(s.pending) == 0:
			s.mu.Unlock()
			return nil, ErrClosed
		}
		s.mu.Unlock()
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// acknowledge tells what came of a scan, or has it sent again.
func (s *Scans) acknowledge(m *inventoryv1.ScanResponse) {
	s.mu.Lock()
	p := s.pending[m.GetId()]
	connection, again := s.connection, m.GetRetry()
	if p != nil && again == nil {
		delete(s.pending, m.GetId())
		<-s.window
	}
	s.mu.Unlock()
	switch {
	case p == nil: // told before
	case again != nil:
		s.c.options.OnRetry(fmt.Errorf("scan %s: %s: %s", m.GetId(), again.GetCode(), again.GetDetail()))
		time.AfterFunc(max(again.GetAfter().AsDuration(), s.c.options.Pause), func() { s.sendAgain(p, connection) })
	default:
		p.told(m)
	}
	s.signal()
}

// sendAgain has a scan sent again, unless another connection has sent it since.
func (s *Scans) sendAgain(p *pending, connection int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connection == connection && s.pending[p.scan.GetId()] == p {
		s.queue = append(s.queue, p)
		s.signal()
	}
}

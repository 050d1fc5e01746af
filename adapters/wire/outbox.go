package wire

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

const (
	// batchBytes is how much of what waits goes into one batch, but for one longer frame.
	batchBytes = 256 << 10
	// parcelCost is what a frame that waits counts for beside its body. It counts until the
	// writer gets to it, so that those who give up leave no room for more than the limit.
	parcelCost = 128
)

var (
	errFull   = errors.New("too much is waiting to be sent")
	errClosed = errors.New("the connection has ended")
)

// parcel is a frame that waits in an outbox.
type parcel struct {
	frame
	deadline time.Time // of a request; zero: none
	state    parcelState
}

type parcelState byte

const (
	waiting parcelState = iota
	taken               // it may be on its way
	withdrawn
)

// outbox is what waits to be sent on one connection. One goroutine, send, takes it away.
type outbox struct {
	mu     sync.Mutex
	room   sync.Cond // signalled when there is room again, and at the end
	queue  []*parcel
	bytes  int
	limit  int
	closed bool
	wake   chan struct{} // holds one token when something waits
}

func newOutbox(limit int) *outbox {
	o := &outbox{limit: limit, wake: make(chan struct{}, 1)}
	o.room.L = &o.mu
	return o
}

// put leaves a parcel, if there is room. Errors: errFull, errClosed.
func (o *outbox) put(p *parcel) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && !o.fits(p) {
		return errFull
	}
	return o.add(p)
}

// wait leaves a parcel when there is room. Its error is errClosed.
func (o *outbox) wait(p *parcel) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.closed && !o.fits(p) {
		o.room.Wait()
	}
	return o.add(p)
}

// fits also lets in what alone is over the limit: else it would wait for ever.
func (o *outbox) fits(p *parcel) bool {
	return o.bytes == 0 || o.bytes+parcelCost+len(p.body) <= o.limit
}

func (o *outbox) add(p *parcel) error {
	if o.closed {
		return errClosed
	}
	o.queue = append(o.queue, p)
	o.bytes += parcelCost + len(p.body)
	o.signal()
	return nil
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// withdraw takes a parcel back. It reports whether that was in time: if so it was certainly
// not sent, and its body is the caller's again. A parcel may be withdrawn twice.
func (o *outbox) withdraw(p *parcel) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if p.state == waiting {
		p.state = withdrawn
		o.bytes -= len(p.body)
		p.body = nil
		o.room.Broadcast()
	}
	return p.state == withdrawn
}

// dropMessages takes all messages back.
func (o *outbox) dropMessages() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = slices.DeleteFunc(o.queue, func(p *parcel) bool {
		drop := p.kind == message || p.state == withdrawn
		if drop {
			o.bytes -= parcelCost + len(p.body)
		}
		return drop
	})
}

func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.queue) == 0
}

// close has what waits sent and takes nothing more.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.room.Broadcast()
	o.signal()
}

// take cuts the next batch from what waits; nil: nothing does. ended: nothing ever will.
func (o *outbox) take() (b *batch, ended bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	count, size := 0, 0
	for _, p := range o.queue {
		if size > 0 && size+maxHeader+len(p.body) > batchBytes {
			break
		}
		count++
		if p.ready(now) {
			size += maxHeader + len(p.body)
		}
	}
	if size > 0 {
		b = newBatch(size)
	}
	for _, p := range o.queue[:count] {
		o.bytes -= parcelCost + len(p.body)
		if p.state == waiting {
			p.state = taken
			b.add(p.frame)
			p.body = nil
		}
	}
	o.queue = slices.Delete(o.queue, 0, count)
	o.room.Broadcast()
	return b, o.closed && len(o.queue) == 0
}

// ready sets how much time is left, just before it is sent; where there is none, nobody waits
// for an answer any more and the request is not sent.
func (p *parcel) ready(now time.Time) bool {
	if p.state == waiting && !p.deadline.IsZero() {
		p.left = min(p.deadline.Sub(now), maxLeft)
		if p.left < time.Microsecond {
			p.state = withdrawn
		}
	}
	return p.state == waiting
}

// sender is the half of a gRPC stream that send needs.
type sender interface{ SendMsg(m any) error }

// send writes what is left in the outbox until it is closed and empty, or until stream fails.
func (o *outbox) send(stream sender) error {
	for range o.wake {
		// Whoever is ready to leave something does so first: without lingering, batches
		// become ten times as large, and calls cost a third.
		runtime.Gosched()
		for {
			b, ended := o.take()
			if b != nil {
				if err := stream.SendMsg(b); err != nil {
					return err
				}
			}
			if ended {
				return nil
			}
			if b == nil {
				break
			}
		}
	}
	return nil
}

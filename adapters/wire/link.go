package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// link is the way to one member, from the first thing that is to be sent to the end of the
// connection; the next thing makes a new one.
type link struct {
	cfg    Config
	client *Client
	addr   string
	out    *outbox
	reads  atomic.Uint64 // grows with each read of the connection that got something

	up    chan struct{} // closed when connected
	ended chan struct{} // closed at the end, when the client has forgotten it
	cause error         // of the end, once ended is closed

	mu     sync.Mutex
	closed bool // nothing begins any more
	calls  map[uint64]*call
	lastID uint64
	uses   uint64 // grows with each call and message
	fault  error  // of the last try to connect
}

func newLink(c *Client, addr string) *link {
	return &link{
		cfg: c.cfg, client: c, addr: addr, out: newOutbox(c.cfg.MaxQueued), calls: map[uint64]*call{},
		up: make(chan struct{}), ended: make(chan struct{}),
	}
}

var (
	errUnused = errors.New("nobody used the connection")
	errSilent = errors.New("the member is silent: it has stopped, or the network between is cut")
)

// run is the link's life.
func (l *link) run() {
	l.cause = l.live(l.client.ctx)
	l.shut()
	close(l.ended)
}

// shut has the next call make a new link. It may be called twice.
func (l *link) shut() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.client.forget(l)
	l.out.close()
}

func (l *link) live(ctx context.Context) error {
	var pause backoff
	for {
		t, err := l.dial(ctx)
		if err == nil {
			close(l.up)
			return l.talk(t)
		}
		l.note(err)
		l.out.dropMessages()
		if !pause.wait(ctx) {
			return context.Cause(ctx)
		}
		if l.retire() {
			return errUnused
		}
	}
}

// talk uses a connection until it breaks, is silent, or has not been used for long.
func (l *link) talk(t *thread) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := l.out.send(t.stream); err != nil {
			t.cancel(err)
		}
	})
	wg.Go(func() { l.watch(t.ctx, t.cancel) })
	err := receive(t.stream, l.deliver)
	t.cancel(err)
	l.shut()
	wg.Wait()
	t.close()
	return l.whyEnded(context.Cause(t.ctx), err)
}

// watch pings when nothing comes, and ends what is silent or unused.
func (l *link) watch(ctx context.Context, end context.CancelCauseFunc) {
	tick := l.cfg.Silence / 4
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	// Ticks are counted, not time: when this process itself was stopped for a while only one
	// has come since.
	var quiet, unused time.Duration
	var reads, uses uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		quiet, unused = quiet+tick, unused+tick
		if n := l.reads.Load(); n != reads {
			reads, quiet = n, 0
		}
		if n := l.used(); n != uses {
			uses, unused = n, 0
		}
		switch {
		case quiet >= l.cfg.Silence:
			end(fmt.Errorf("%w (nothing came for %v)", errSilent, l.cfg.Silence))
			return
		case unused >= l.cfg.IdleTimeout && l.retire():
			end(errUnused)
			return
		case quiet > 0 && l.out.empty():
			_ = l.out.put(&parcel{frame: frame{kind: ping}}) // no room: then it isn't quiet for want of a ping
		}
	}
}

func (l *link) used() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.uses
}

// retire has nothing begin any more, if nothing is under way.
func (l *link) retire() bool {
	l.mu.Lock()
	l.closed = l.closed || len(l.calls) == 0 && l.out.empty()
	closed := l.closed
	l.mu.Unlock()
	if closed {
		l.shut()
	}
	return closed
}

func (l *link) isUp() bool {
	select {
	case <-l.up:
		return true
	default:
		return false
	}
}

// note keeps why the last try to connect failed.
func (l *link) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = err
}

// noConnection says why nothing was sent in time.
func (l *link) noConnection() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault == nil {
		return fmt.Errorf("no connection within %v", l.cfg.DialTimeout)
	}
	return l.fault
}

// whileWaiting adds to why a call was given up that there was no connection, where that is so.
func (l *link) whileWaiting(why error) error {
	if l.isUp() {
		return why
	}
	return fmt.Errorf("%w; before that: %w", why, l.noConnection())
}

// thread is a connection with its stream.
type thread struct {
	conn   *grpc.ClientConn
	stream grpc.ClientStream
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func (t *thread) close() {
	t.cancel(errClosed)
	_ = t.conn.Close() // it was closed before: nothing is lost
}

package cassandra_test

import (
	"context"
	"net"
	"sync"
	"time"
)

// link is the network between a store and the server: it can hold up what is sent either
// way, and let it pass later.
type link struct {
	mu    sync.Mutex
	mute  bool          // requests wait here
	deaf  chan struct{} // answers wait until it is closed; nil: they pass
	conns map[*linkConn]bool
}

func newLink() *link { return &link{conns: map[*linkConn]bool{}} }

// DialContext implements cassandra.Dialer.
func (l *link) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	lc := &linkConn{Conn: c, link: l, closed: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[lc] = true
	return lc, nil
}

// holdAnswers lets requests pass and keeps their answers.
func (l *link) holdAnswers() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = make(chan struct{})
}

// holdRequests keeps requests, which their sender takes for sent.
func (l *link) holdRequests() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = true
}

// release lets pass what was held, in its order.
func (l *link) release() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf != nil {
		close(l.deaf)
		l.deaf = nil
	}
	l.mute = false
	for c := range l.conns {
		held := c.held
		c.held = nil
		if len(held) == 0 {
			continue
		}
		if err := c.SetWriteDeadline(time.Time{}); err != nil { // the sender's has passed
			return err
		}
		if _, err := c.Conn.Write(held); err != nil {
			return err
		}
	}
	return nil
}

// cut closes all connections.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Conn.Close() // the driver closes it again
	}
}

type linkConn struct {
	net.Conn
	link   *link
	held   []byte
	once   sync.Once
	closed chan struct{}
}

// Write implements net.Conn.
func (c *linkConn) Write(p []byte) (int, error) {
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	if c.link.mute {
		c.held = append(c.held, p...)
		return len(p), nil
	}
	return c.Conn.Write(p)
}

// Read implements net.Conn.
func (c *linkConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.link.mu.Lock()
	deaf := c.link.deaf
	c.link.mu.Unlock()
	if deaf != nil {
		select {
		case <-deaf:
		case <-c.closed:
		}
	}
	return n, err
}

// Close implements net.Conn.
func (c *linkConn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.link.mu.Lock()
		defer c.link.mu.Unlock()
		delete(c.link.conns, c)
	})
	return c.Conn.Close()
}

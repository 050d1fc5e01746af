package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"inventory/ports"
)

// Client reaches other members. Its methods may be called from many goroutines.
type Client struct {
	cfg    Config
	keys   *keyring // nil: plain text
	ctx    context.Context
	cancel context.CancelCauseFunc
	ends   sync.WaitGroup // of links

	mu     sync.Mutex
	links  map[string]*link // by address; none has ended for good
	closed bool
}

var _ ports.Wire = (*Client)(nil)

var errClientClosed = errors.New("this process is closing its connections")

// NewClient returns a client that connects when there is something to send. Errors:
// ErrPermanent, where the configuration or one of its files is wrong.
func NewClient(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	keys, err := openKeyring(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	return &Client{cfg: cfg, keys: keys, ctx: ctx, cancel: cancel, links: map[string]*link{}}, nil
}

// Close ends all connections. Calls under way fail at once.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel(errClientClosed)
	c.ends.Wait()
}

// Call implements ports.Wire. ErrPermanent where the request is longer than Config.MaxFrame.
func (c *Client) Call(ctx context.Context, addr string, req []byte) ([]byte, error) {
	if len(req) > c.cfg.MaxFrame {
		return nil, fmt.Errorf("%w: member %s: the request has %d bytes, %d is the limit", ports.ErrPermanent, addr, len(req), c.cfg.MaxFrame)
	}
	p := &call{parcel: parcel{frame: frame{kind: request, body: req}}, done: make(chan reply, 1)}
	p.deadline, _ = ctx.Deadline()
	for {
		l, err := c.link(addr)
		if err != nil {
			return nil, notSent(addr, err)
		}
		if err = l.begin(p); errors.Is(err, errClosed) {
			continue // it has ended since: the next one is new
		}
		if err != nil {
			return nil, notSent(addr, err)
		}
		return l.wait(ctx, p)
	}
}

// Tell implements ports.Wire.
func (c *Client) Tell(addr string, body []byte) {
	if len(body) > c.cfg.MaxFrame {
		c.cfg.Warn(fmt.Sprintf("a message of %d bytes to member %s is not sent: %d is the limit", len(body), addr, c.cfg.MaxFrame))
		return
	}
	p := &parcel{frame: frame{kind: message, body: body}}
	for {
		l, err := c.link(addr)
		if err != nil || !errors.Is(l.tell(p), errClosed) {
			return
		}
	}
}

// link returns the link to an address, which may end before it is used.
func (c *Client) link(addr string) (*link, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.links[addr]
	if l != nil {
		return l, nil
	}
	if c.closed {
		return nil, errClientClosed
	}
	l = newLink(c, addr)
	c.links[addr] = l
	c.ends.Go(l.run)
	return l, nil
}

// forget has the next call make a new link.
func (c *Client) forget(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.links[l.addr] == l {
		delete(c.links, l.addr)
	}
}

func notSent(addr string, why error) error {
	return fmt.Errorf("%w: member %s: not sent: %v", ports.ErrTransient, addr, why) //nolint:errorlint // it must not look like the end of a context, which means unknown
}

func notAnswered(addr string, why error) error {
	return fmt.Errorf("%w: member %s: sent, but not answered: %w", ports.ErrUnknown, addr, why)
}

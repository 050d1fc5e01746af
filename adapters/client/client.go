package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"

	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// Options are what a program may set. The zero value of each is its default.
type Options struct {
	// Actor says who adjusts and scans, where a request does not: 1 to 128 printable ASCII
	// characters without spaces.
	Actor string
	// Window bounds the scans of a stream that are not acknowledged: 256.
	Window int
	// Pause is the time before something is tried the second time, LongestPause the longest
	// between two tries: 100 ms, 5 s. Pauses double, and are cut by up to a half at random.
	Pause, LongestPause time.Duration
	// OnRetry, where set, is told why something is tried again. It is to return at once.
	OnRetry func(error)
	// HTTP makes the requests, over HTTP/2; nil: one that this package makes, which asks a
	// connection that is silent whether it lives.
	HTTP *http.Client
}

// The defaults of Options.
const (
	DefaultWindow       = 256
	DefaultPause        = 100 * time.Millisecond
	DefaultLongestPause = 5 * time.Second
	// pingAfter is the silence of a connection after which it is asked whether it lives, and how
	// long it may take to say so.
	pingAfter = 10 * time.Second
)

// Client asks processes of a service. It is safe for concurrent use.
type Client struct {
	options   Options
	processes []process
	at        atomic.Uint32 // the process that is asked, counted on
}

// process is one that can be asked.
type process struct {
	base  string
	stock inventoryv1connect.StockServiceClient
}

// New makes a client of processes at base URLs, such as http://127.0.0.1:8080: it asks the next one
// where one doesn't answer. The error names what is wrong with them.
func New(o Options, bases ...string) (*Client, error) {
	if len(bases) == 0 {
		return nil, errors.New("client: no base URL: expected one at least, such as http://127.0.0.1:8080")
	}
	c := &Client{options: o.withDefaults()}
	for _, base := range bases {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("client: base URL %q: expected one such as http://127.0.0.1:8080", base)
		}
		base = strings.TrimSuffix(base, "/")
		c.processes = append(c.processes, process{base, inventoryv1connect.NewStockServiceClient(c.options.HTTP, base, connect.WithGRPC())})
	}
	return c, nil
}

func (o Options) withDefaults() Options {
	if o.Window <= 0 {
		o.Window = DefaultWindow
	}
	if o.Pause <= 0 {
		o.Pause = DefaultPause
	}
	if o.LongestPause <= 0 {
		o.LongestPause = max(DefaultLongestPause, o.Pause)
	}
	if o.OnRetry == nil {
		o.OnRetry = func(error) {}
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Transport: newTransport()}
	}
	return o
}

// newTransport speaks HTTP/2, with TLS or without.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP2(true)
	t.Protocols.SetUnencryptedHTTP2(true)
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter}
	return t
}

// Close closes connections that nobody uses.
func (c *Client) Close() { c.options.HTTP.CloseIdleConnections() }

// process is the one that is asked now.
func (c *Client) process() process { return c.processes[int(c.at.Load())%len(c.processes)] }

// leave has the next process asked, unless another call has left it already.
func (c *Client) leave(p process) {
	at := c.at.Load()
	if c.processes[int(at)%len(c.processes)] == p {
		c.at.CompareAndSwap(at, at+1)
	}
}

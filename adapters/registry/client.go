// Package registry asks a schema registry that speaks Confluent's REST API. It is a client
// and no registry; it caches nothing, since who asks knows what may be kept.
//
// It believes no answer that it has not checked: whatever is at the URL (another program, a
// proxy's page, nothing) gives an error that says what was found and what to do. Only cmd
// and tests import it.
package registry

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/riferrei/srclient"

	"inventory/ports"
)

// DefaultTimeout bounds each method, with all the requests it makes, where Config says
// nothing.
const DefaultTimeout = 5 * time.Second

// Config says where the registry is.
type Config struct {
	URL      string        // the base of the API, such as http://registry:8081 or http://apicurio:8080/apis/ccompat/v7
	Username string        // empty: no credentials are sent
	Password string        // never part of a message
	Token    string        // sent as a bearer's, instead of user name and password; never part of a message
	Timeout  time.Duration // of each method; 0: DefaultTimeout
	TLS      *tls.Config   // nil: the system's roots
}

// Client implements ports.SchemaRegistry. It may be used from many goroutines.
type Client struct {
	url      string
	username string
	password string
	token    string
	secrets  secrets
	timeout  time.Duration
	http     *http.Client
	pool     *http.Transport
}

var _ ports.SchemaRegistry = (*Client)(nil)

// New makes a client; it asks the registry nothing. Close it in the end.
func New(cfg Config) (*Client, error) {
	base, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	if (cfg.Username == "") != (cfg.Password == "") {
		return nil, fmt.Errorf("registry %s: expected both a user name and a password, or neither", base)
	}
	if cfg.Token != "" && cfg.Username != "" {
		return nil, fmt.Errorf("registry %s: expected a user name and a password, or a token, found both", base)
	}
	if strings.ContainsFunc(cfg.Token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("registry %s: its token has white space or letters that no token has: does it come from a file, with the end of its line?", base)
	}
	if cfg.TLS != nil && !strings.HasPrefix(base, "https:") {
		return nil, fmt.Errorf("registry %s: expected https with certificates of its own", base)
	}
	if cfg.Timeout < 0 {
		return nil, fmt.Errorf("registry %s: time-out %s: expected more than 0", base, cfg.Timeout)
	}
	pool := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		TLSClientConfig:        cfg.TLS,
		TLSHandshakeTimeout:    3 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           4,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &Client{
		url: base, username: cfg.Username, password: cfg.Password, token: cfg.Token, secrets: secretsOf(cfg),
		timeout: cmp.Or(cfg.Timeout, DefaultTimeout),
		pool:    pool,
		http:    &http.Client{Transport: checked{pool, secretsOf(cfg)}},
	}, nil
}

// Close closes the connections that nobody uses.
func (c *Client) Close() { c.pool.CloseIdleConnections() }

// URL is the registry's, without credentials and without a slash at its end.
func (c *Client) URL() string { return c.url }

func parseURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// The parser's error repeats the text, which may have a password.
		return "", fmt.Errorf("registry: its URL can't be read: expected http://host:port or https://host:port, with a path where the API has one")
	case u.User != nil:
		return "", fmt.Errorf("registry %s: its URL has credentials: put them in the settings for user name and password", u.Redacted())
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		// A query may have a token.
		u.RawQuery, u.Fragment, u.RawFragment = "", "", ""
		return "", fmt.Errorf("registry %q: expected http://host:port or https://host:port, with a path where the API has one, and nothing after it", u)
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// ask gives an srclient whose requests end with ctx, which srclient itself can't do. It is
// made for each method and caches nothing.
func (c *Client) ask(ctx context.Context) *srclient.SchemaRegistryClient {
	client := srclient.NewSchemaRegistryClient(c.url,
		srclient.WithClient(c.http),
		srclient.WithPreReqFn(func(req *http.Request) error {
			*req = *req.WithContext(ctx)
			req.URL.RawQuery = query(req)
			return nil
		}))
	client.CachingEnabled(false)
	client.CodecCreationEnabled(false)
	if c.token != "" {
		client.SetBearerToken(c.token)
	} else {
		client.SetCredentials(c.username, c.password)
	}
	return client
}

// query adds what srclient has no argument for. A schema is the same however it is spaced
// (Apicurio gives each spacing an id of its own unless asked not to), and a record that was
// written before its schema was deleted is still to be read.
func query(req *http.Request) string {
	switch {
	case req.Method == http.MethodPost:
		return "normalize=true"
	case req.Method == http.MethodGet && strings.HasSuffix(req.URL.Path, "/versions") && req.Context().Value(isLiving{}) == nil:
		return "deleted=true"
	}
	return req.URL.RawQuery
}

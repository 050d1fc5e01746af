package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client asks the API of a service as another team's program would: by what the API's
// description says.
type Client struct {
	base     string
	http     *http.Client
	answered func() // is told of each answer
}

// Base is the service's base URL.
func (c *Client) Base() string { return c.base }

// maxIdle is how many connections a client keeps: as many as there are callers at once.
const maxIdle = 64

// NewClient returns a client of the service at a base URL, with connections of its own.
func NewClient(base string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = maxIdle
	return &Client{base: base, http: &http.Client{Timeout: patience, Transport: transport}, answered: func() {}}
}

// Answer is a service's answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// String shows the answer.
func (a Answer) String() string { return fmt.Sprintf("%d %s", a.Status, a.Body) }

// Retry tells whether the same should be asked again.
func (a Answer) Retry() bool {
	return a.Status == http.StatusServiceUnavailable || a.Status == http.StatusTooManyRequests
}

// Code is the code of an answer that is a refusal, else "".
func (a Answer) Code() string {
	var problem struct{ Code string }
	if a.Status < http.StatusBadRequest || a.Into(&problem) != nil {
		return ""
	}
	return problem.Code
}

// Into reads the body.
func (a Answer) Into(value any) error {
	if err := json.Unmarshal(a.Body, value); err != nil {
		return fmt.Errorf("%s: %w", a, err)
	}
	return nil
}

// Header is what a request carries besides its body.
type Header map[string]string

// Ask sends a request, with body as JSON where it is not nil. An error means that nobody
// knows what became of it.
func (c *Client) Ask(ctx context.Context, method, path string, h Header, body any) (Answer, error) {
	var text io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return Answer{}, err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, text)
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	for name, value := range h {
		req.Header.Set(name, value)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err == nil {
		c.answered()
	}
	return Answer{res.StatusCode, res.Header, read}, err
}

// Decide asks until the answer is not that the same should be asked again.
func (c *Client) Decide(ctx context.Context, method, path string, h Header, body any) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		a, err := c.Ask(ctx, method, path, h, body)
		if err != nil || !a.Retry() {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, fmt.Errorf("%s %s: %s: %w", method, path, a, ctx.Err())
		case <-ticker.C:
		}
	}
}

// Ready is nil where the service says that it is ready.
func (c *Client) Ready(ctx context.Context) error {
	a, err := c.Ask(ctx, http.MethodGet, "/readyz", nil, nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("/readyz: %s", a)
	}
	return err
}

// Check is nil where a check of the service's readiness is well, else what it says.
func (c *Client) Check(ctx context.Context, name string) error {
	a, err := c.Ask(ctx, http.MethodGet, "/readyz", nil, nil)
	if err != nil {
		return err
	}
	var told struct {
		Checks []struct {
			Name  string
			OK    bool
			Error string
		}
	}
	if err := a.Into(&told); err != nil {
		return err
	}
	for _, check := range told.Checks {
		if check.Name == name && check.OK {
			return nil
		}
		if check.Name == name {
			return errors.New(check.Error)
		}
	}
	return fmt.Errorf("/readyz has no check %q: %s", name, a)
}

// CloseIdle closes connections that nobody uses.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// client asks a running service.
type client struct {
	base  string
	actor string // who speaks, where nobody else is named
	http  *http.Client
}

func (p *program) client() (*client, error) {
	return newClient(p.settings.Server, cmp.Or(p.env["USER"], "operator"), p.settings.Timeout)
}

func newClient(base, actor string, timeout time.Duration) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: --server=%s: expected the address of a service, such as http://127.0.0.1:8080", errUsage, base)
	}
	// A transport of its own, so that its connections end with it.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &client{base: strings.TrimRight(base, "/"), actor: actor, http: &http.Client{Timeout: timeout, Transport: transport}}, nil
}

// refusal is an answer that is no success. Source: RFC 9457, and the API's description.
type refusal struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
	Hint   string `json:"hint"`
	Errors []struct {
		Location string `json:"location"`
		Message  string `json:"message"`
	} `json:"errors"`
	Shortages []shortage `json:"shortages"`
}

// shortage is a line of an order that there is not enough for, in units.
type shortage struct {
	SKU       string `json:"sku"`
	Requested int64  `json:"requested"`
	Available int64  `json:"available"`
}

// Error implements error.
func (r *refusal) Error() string {
	text := cmp.Or(r.Detail, r.Title, fmt.Sprintf("status %d", r.Status))
	for _, e := range r.Errors {
		if !strings.Contains(text, e.Message) {
			text += "\n" + e.Location + ": " + e.Message
		}
	}
	for _, s := range r.Shortages {
		if line := fmt.Sprintf("sku %s: requested %d, available %d", s.SKU, s.Requested, s.Available); !strings.Contains(text, line) {
			text += "\n" + line
		}
	}
	return text
}

// exit is what the program ends with.
func (r *refusal) exit() int {
	switch {
	case r.Status == http.StatusBadRequest:
		return exitUsage
	case r.Status == http.StatusServiceUnavailable || r.Status == http.StatusTooManyRequests:
		return exitRetry
	case r.Status < http.StatusInternalServerError:
		return exitRefused
	}
	return exitFailed
}

// errUnreachable is of a service that does not answer.
var errUnreachable = errors.New("the service does not answer")

// header is what a request carries besides its body.
type header map[string]string

// ask sends a request, with body as JSON where it is not nil, and reads the answer into
// into. A *refusal is the service's own answer.
func (c *client) ask(ctx context.Context, method, path string, h header, body, into any) error {
	req, err := newRequest(ctx, method, c.base+path, body)
	if err != nil {
		return err
	}
	return c.send(req, h, func(body io.Reader) error {
		text, err := readAnswer(body)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, into); err != nil {
			return fmt.Errorf("%s answers %.200q: %w\nis it an inventory service?", c.base, text, err)
		}
		return nil
	})
}

// send sends a request, and has the body of its answer taken if that is no refusal.
func (c *client) send(req *http.Request, h header, take func(body io.Reader) error) error {
	for name, value := range h {
		req.Header.Set(name, value)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w\n`inventory serve` starts one; --server says where it is", errUnreachable, err)
	}
	defer res.Body.Close()
	if res.StatusCode < http.StatusBadRequest {
		return take(res.Body)
	}
	text, err := readAnswer(res.Body)
	if err != nil {
		return err
	}
	return newRefusal(res, text)
}

func readAnswer(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%w: reading its answer: %w", errUnreachable, err)
	}
	return text, nil
}

func newRequest(ctx context.Context, method, target string, body any) (*http.Request, error) {
	if body == nil {
		return http.NewRequestWithContext(ctx, method, target, http.NoBody)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("writing %T as JSON: %w", body, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(text))
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

// newRefusal reads a problem; what is not one is told as it came.
func newRefusal(res *http.Response, text []byte) error {
	r := &refusal{}
	if json.Unmarshal(text, r) != nil || r.Status == 0 {
		*r = refusal{Detail: fmt.Sprintf("%s answers %s: %.200q", res.Request.URL, res.Status, text)}
	}
	r.Status = res.StatusCode
	return r
}

// seg escapes a part of a path.
func seg(s string) string { return url.PathEscape(s) }

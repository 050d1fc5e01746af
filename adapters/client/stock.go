package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 16 << 20

// Error is a refusal that another try would not change. Source: RFC 9457, and the API's description.
type Error struct {
	Status int    `json:"status"` // HTTP
	Code   string `json:"code"`   // stable
	Detail string `json:"detail"`
	Hint   string `json:"hint"` // what to do, may be empty
}

// Error implements error.
func (e *Error) Error() string {
	text := fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Level is how much there is of a SKU, in units.
type Level struct {
	OnHand    int64 `json:"on_hand"`
	Held      int64 `json:"held"`
	Available int64 `json:"available"`
	Short     int64 `json:"short"`
}

// WarehouseLevel is a level in a warehouse.
type WarehouseLevel struct {
	Level
	WarehouseID string `json:"warehouse_id"`
	Region      string `json:"region"`
	Version     int64  `json:"version"` // grows with each change
}

// Stock is how much there is of a SKU in all warehouses that were asked for.
type Stock struct {
	Level
	SKU        string           `json:"sku"`
	Warehouses []WarehouseLevel `json:"warehouses"`
	Source     string           `json:"source"` // owner, store, cache or global
	AsOf       time.Time        `json:"as_of"`  // no part is older
}

// Stock reads a SKU's level in a region; empty: in all. Errors: *Error, or why ctx ended.
func (c *Client) Stock(ctx context.Context, sku, region string) (s Stock, err error) {
	path := "/inventory/" + url.PathEscape(sku)
	if region != "" {
		path += "?" + url.Values{"region": {region}}.Encode()
	}
	err = c.ask(ctx, http.MethodGet, path, http.Header{}, nil, &s)
	return s, err
}

// Adjustment asks to change, or to count, what is on hand.
type Adjustment struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	Type        string `json:"adjustment_type"`     // RECEIPT, RETURN, DAMAGE, LOSS, CORRECTION or COUNT
	QtyDelta    *int64 `json:"qty_delta,omitempty"` // units, but for COUNT
	Counted     *int64 `json:"counted,omitempty"`   // units, for COUNT
	Reason      string `json:"reason,omitempty"`
	Reference   string `json:"reference,omitempty"`
	// Key is the Idempotency-Key, within actor and warehouse, for seven days; empty: one that is
	// good for this call and all its tries.
	Key   string `json:"-"`
	Actor string `json:"-"` // empty: the client's
}

// Adjusted is what an adjustment did, and the level after it.
type Adjusted struct {
	WarehouseLevel
	SKU      string `json:"sku"`
	QtyDelta int64  `json:"qty_delta"`
}

// Adjust adjusts once, however often it has to ask. Errors: *Error, or why ctx ended: then it may
// be done, and the same Key asks for the same.
func (c *Client) Adjust(ctx context.Context, a Adjustment) (did Adjusted, err error) {
	h := http.Header{}
	h.Set("Idempotency-Key", cmp.Or(a.Key, rand.Text()))
	h.Set("Inventory-Actor", cmp.Or(a.Actor, c.options.Actor))
	body, err := json.Marshal(a)
	if err != nil {
		return did, err
	}
	err = c.ask(ctx, http.MethodPost, "/inventory/adjust", h, body, &did)
	return did, err
}

// ask asks until there is an answer.
func (c *Client) ask(ctx context.Context, method, path string, h http.Header, body []byte, into any) error {
	h.Set("Content-Type", "application/json")
	tries := tries{c: c}
	for {
		p := c.process()
		status, answer, err := c.once(ctx, method, p.base+path, h, body)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil && status.code < http.StatusMultipleChoices:
			return json.Unmarshal(answer, into)
		case err == nil:
			refused := refusalOf(status.code, answer)
			if !status.again() {
				return refused
			}
			err = refused
		}
		if err := tries.pause(ctx, p, err, status.after); err != nil {
			return err
		}
	}
}

// status is the head of an answer.
type status struct {
	code  int
	after time.Duration // when to ask again
}

// again tells whether the same request may be answered otherwise soon.
func (s status) again() bool {
	switch s.code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// once asks once. An error says that nobody knows what became of it.
func (c *Client) once(ctx context.Context, method, address string, h http.Header, body []byte) (s status, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return s, nil, err
	}
	r.Header = h
	a, err := c.options.HTTP.Do(r)
	if err != nil {
		return s, nil, err
	}
	defer a.Body.Close()
	s.code = a.StatusCode
	if seconds, err := strconv.Atoi(a.Header.Get("Retry-After")); err == nil && seconds > 0 {
		s.after = min(time.Duration(seconds)*time.Second, c.options.LongestPause)
	}
	answer, err = io.ReadAll(io.LimitReader(a.Body, maxAnswer))
	return s, answer, err
}

func refusalOf(status int, answer []byte) *Error {
	e := &Error{}
	if json.Unmarshal(answer, e) != nil || e.Code == "" {
		e.Code, e.Detail = "UNREADABLE", http.StatusText(status)
	}
	e.Status = status
	return e
}

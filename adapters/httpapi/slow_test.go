package httpapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/app/owner"
)

// listen serves an API on loopback, with short bounds, until the test ends.
func (c *client) listen(read, write time.Duration) string {
	c.t.Helper()
	s := NewServer("", c.api)
	if s.ReadHeaderTimeout == 0 || s.ReadTimeout == 0 || s.WriteTimeout == 0 || s.IdleTimeout == 0 || s.MaxHeaderBytes == 0 {
		c.t.Errorf("a server without bounds: %+v", s)
	}
	s.ReadTimeout, s.WriteTimeout = read, write
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(l) })
	c.t.Cleanup(func() { _ = s.Close(); serving.Wait() })
	return l.Addr().String()
}

// say sends text as it is, and reads what is answered.
func say(t *testing.T, address, text string, half bool) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if half {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

func TestABodyThatDoesNotComeIsNotWaitedFor(t *testing.T) {
	c := serve(t, failing{}, Options{ReconcileTimeout: 100 * time.Millisecond})
	address := c.listen(100*time.Millisecond, time.Minute)
	for call := range requests {
		if requests[call] == "" {
			continue
		}
		mediaType := jsonType
		if strings.HasSuffix(call, "import") {
			mediaType = linesType
		}
		head := call + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nInventory-Actor: a\r\nContent-Type: " + mediaType + "\r\nContent-Length: 50\r\n\r\n{"
		if answer := say(t, address, head, false); !strings.Contains(answer, "408 Request Timeout") || !strings.Contains(answer, `"code":"BODY_TIMEOUT"`) {
			t.Errorf("%s: slow: %s", call, answer)
		}
		if answer := say(t, address, head, true); !strings.Contains(answer, "400 Bad Request") || !strings.Contains(answer, `"code":"BODY_CUT"`) {
			t.Errorf("%s: cut: %s", call, answer)
		}
	}
}

func TestAnAnswerMayTakeLongerThanItsRequestMayTakeToCome(t *testing.T) {
	bound := 100 * time.Millisecond
	c := serve(t, failing{err: owner.ErrDefect, do: func(ctx context.Context) {
		select {
		case <-ctx.Done():
			t.Error("the request was given up: ", context.Cause(ctx))
		case <-time.After(3 * bound):
		}
	}}, Options{Timeout: time.Minute})
	address := c.listen(bound, bound)
	for _, call := range []string{"POST /inventory/reserve", "GET /inventory/SKU-1", "POST /admin/reconcile"} {
		body := requests[call]
		head := fmt.Sprintf("%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nInventory-Actor: a\r\nContent-Length: %d\r\n\r\n%s", call, len(body), body)
		if answer := say(t, address, head, false); !strings.Contains(answer, `"code":"DEFECT"`) {
			t.Errorf("%s: %s", call, answer)
		}
	}
}

func TestAClientThatWentAwayIsCountedAsSuch(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	c := serve(t, failing{err: owner.ErrUnsettled, do: func(context.Context) { leave() }}, Options{})
	c.send(httptest.NewRequestWithContext(gone, "GET", "/inventory/SKU-1", nil))
	if fmt.Sprint(c.observed) != "[GET /inventory/{sku} 499]" {
		t.Errorf("%v", c.observed)
	}
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// unmatched is the route of a request for which there is none.
const unmatched = "unmatched"

// statusGone is told to Observe, though to no client, where the client went away before
// its answer. The number is nginx's.
const statusGone = 499

// exchange is one request's answer as it is written. What the mux itself writes, before
// any route is known, is kept back: the API says it in its own way.
type exchange struct {
	http.ResponseWriter
	route  string // empty: none yet
	id     string // of the request
	status int    // 0: nothing written yet
	muxed  int    // the status that the mux would have given
}

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.route == "" {
		x.muxed = status
		return
	}
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(b []byte) (int, error) {
	if x.route == "" {
		return len(b), nil
	}
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the connection can do.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// extendDeadline gives an operation that may take longer than NewServer has answers take
// the time to be written.
func (x *exchange) extendDeadline(timeout time.Duration) {
	if timeout <= writeTimeout/2 {
		return
	}
	// A writer without deadlines has none to extend.
	_ = http.NewResponseController(x.ResponseWriter).SetWriteDeadline(time.Now().Add(timeout + writeTimeout))
}

// extendReading lets the body of a long operation come for as long as that may take.
func (x *exchange) extendReading(timeout time.Duration) {
	_ = http.NewResponseController(x.ResponseWriter).SetReadDeadline(time.Now().Add(timeout))
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	x := &exchange{ResponseWriter: w, id: requestID(r.Header)}
	h := w.Header()
	h.Set("X-Request-Id", x.id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	defer func() { a.options.Observe(x.route, observed(r.Context(), x), time.Since(begun)) }()
	defer func() { a.recovered(x, recover()) }()
	a.mux.ServeHTTP(x, r)
	if x.route == "" {
		a.refuseUnmatched(x, r)
	}
}

// observed is the status of an answer, or that nobody waits for it any more.
func observed(ctx context.Context, x *exchange) int {
	if x.status >= http.StatusInternalServerError && errors.Is(ctx.Err(), context.Canceled) {
		return statusGone
	}
	return x.status
}

// refuseUnmatched answers where the mux knows no route: for the method, for the path, or
// for the path as it is written.
func (a *API) refuseUnmatched(x *exchange, r *http.Request) {
	x.route = unmatched
	x.Header().Del("Location") // the mux would have redirected
	if x.muxed == http.StatusMethodNotAllowed {
		a.refuse(x, methodNotAllowed(r.Method, x.Header().Get("Allow")))
		return
	}
	a.refuse(x, unknownPath(r.URL.Path))
}

// recovered answers after a panic, which is told; what was half written is cut off.
func (a *API) recovered(x *exchange, cause any) {
	if cause == nil {
		return
	}
	if x.route == "" {
		x.route = unmatched
	}
	if err, is := cause.(error); is && errors.Is(err, http.ErrAbortHandler) {
		panic(cause)
	}
	err := fmt.Errorf("panic: %v", cause)
	a.options.Log(Trouble{Route: x.route, RequestID: x.id, Err: err, Stack: debug.Stack()})
	if x.status != 0 {
		panic(http.ErrAbortHandler)
	}
	a.writeProblem(x, newProblem(errPanic, x.id))
}

package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
)

// reply is what an operation answers.
type reply struct {
	status   int
	body     any
	location string // of what was made, may be empty
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answer writes a reply.
func (a *API) answer(x *exchange, told reply) {
	if told.location != "" {
		x.Header().Set("Location", told.location)
	}
	if told.status == http.StatusServiceUnavailable {
		x.Header().Set("Retry-After", retryAfter)
	}
	if err := writeJSON(x, told.status, jsonType, told.body); err != nil {
		a.refuse(x, err)
	}
}

// retryAfter is when to ask again, in seconds. A ledger that moves is not without an owner for
// as long; one whose owner died is, and may have to be asked for several times.
const retryAfter = "1"

// refuse writes an error as a problem, and tells those who run the service what the client
// isn't told.
func (a *API) refuse(x *exchange, err error) {
	p := newProblem(err, x.id)
	if p.Status == http.StatusInternalServerError || fromStore(err) {
		a.options.Log(Trouble{Route: x.route, RequestID: x.id, Err: err})
	}
	a.writeProblem(x, p)
}

func (a *API) writeProblem(x *exchange, p *problem) {
	if p.Status == http.StatusServiceUnavailable {
		x.Header().Set("Retry-After", retryAfter)
	}
	if err := writeJSON(x, p.Status, problemType, p); err != nil {
		panic(err) // a problem is text and numbers: it can be written
	}
}

// writeJSON writes a body whole, or returns why it can't be written as JSON. Where the
// client is gone there is nobody to tell.
func writeJSON(w http.ResponseWriter, status int, mediaType string, body any) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buf.Cap() <= maxKeptBody {
			buf.Reset()
			buffers.Put(buf)
		}
	}()
	if err := json.MarshalWrite(buf, body); err != nil {
		return fmt.Errorf("writing a %T: %w", body, err)
	}
	buf.WriteByte('\n')
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(buf.Bytes())
	return nil
}

package httpapi

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
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
	tag      string // of the answer's ETag; empty: it has none
	// lines, where set, is the body instead: it gives NDJSON to write line by line. An error
	// after the first line cuts the answer off, since its status has been told by then.
	lines func(write func(line any) error) error
	// mediaType and writeLine, where set, are of lines that are no NDJSON.
	mediaType string
	writeLine func(io.Writer, any) error
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answer writes a reply.
func (a *API) answer(x *exchange, told reply) {
	if told.lines != nil {
		a.answerLines(x, told)
		return
	}
	if told.location != "" {
		x.Header().Set("Location", told.location)
	}
	if told.status == http.StatusServiceUnavailable {
		x.Header().Set("Retry-After", retryAfter)
	}
	if told.tag != "" {
		x.Header().Set("ETag", told.tag)
		x.Header().Set("Cache-Control", "no-cache")
	}
	if told.status == http.StatusNotModified {
		x.WriteHeader(told.status)
		return
	}
	if err := writeJSON(x, told.status, jsonType, told.body); err != nil {
		a.refuse(x, err)
	}
}

// answerLines writes lines as they come.
func (a *API) answerLines(x *exchange, told reply) {
	x.Header().Set("Content-Type", cmp.Or(told.mediaType, linesType))
	writeLine := told.writeLine
	if writeLine == nil {
		writeLine = jsonLine
	}
	err := told.lines(func(line any) error { return writeLine(x, line) })
	switch {
	case err == nil && x.status == 0:
		x.WriteHeader(told.status)
	case err != nil && x.status == 0:
		a.refuse(x, err)
	case err != nil:
		a.options.Log(Trouble{Route: x.route, RequestID: x.id, Err: err})
		panic(http.ErrAbortHandler)
	}
}

func jsonLine(w io.Writer, line any) error {
	if err := json.MarshalWrite(w, line); err != nil {
		return fmt.Errorf("writing a %T: %w", line, err)
	}
	_, err := w.Write([]byte{'\n'})
	return err
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

package httpapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"inventory/app"
	"inventory/domain/stock"
)

const bulkRoute = "POST /inventory/bulk"

// bulkRequest is a line: exactly one of adjust and confirm, as their own operations take them.
type bulkRequest struct {
	ID      string          `json:"id" pattern:"^[!-~]{1,128}$" doc:"Names the line: of an adjustment it is the Idempotency-Key. 1 to 128 printable ASCII characters without spaces."`
	Adjust  *adjustRequest  `json:"adjust,omitempty" doc:"As of POST /inventory/adjust."`
	Confirm *confirmRequest `json:"confirm,omitempty" doc:"As of POST /inventory/confirm."`
}

// bulkFrame is a line before what it asks for is read.
type bulkFrame struct {
	ID      string          `json:"id"`
	Adjust  json.RawMessage `json:"adjust,omitempty"`
	Confirm json.RawMessage `json:"confirm,omitempty"`
}

// bulkAnswer is what became of a line.
type bulkAnswer struct {
	Line        int64       `json:"line" doc:"Of the body, from 1; empty ones count."`
	ID          string      `json:"id,omitzero" doc:"Of the line, where it could be read."`
	Status      int         `json:"status" doc:"As the line by itself would have been answered: 503 may be sent again, and did nothing that is done twice."`
	Adjustment  *adjustment `json:"adjustment,omitzero"`
	Reservation *order      `json:"reservation,omitzero"`
	Problem     *problem    `json:"problem,omitzero"`
}

var (
	frameShape   = shapeOf(reflect.TypeFor[bulkFrame]())
	adjustShape  = shapeOf(reflect.TypeFor[adjustRequest]())
	confirmShape = shapeOf(reflect.TypeFor[confirmRequest]())
)

// bulkLine is a line on its way. Who has it done owns its answer until done is closed.
type bulkLine struct {
	number int64
	blank  bool
	asks   app.Scan
	answer bulkAnswer
	done   chan struct{}
}

// maxBulkLine bounds a line, in bytes: a pick of 100 SKUs takes a seventh of it.
const maxBulkLine = 64 << 10

var errLongLine = errors.New("too long")

// readBulkLine gives the next line, which is good until the next is read. errLongLine: it was
// skipped. io.EOF: there is none.
func readBulkLine(in *bufio.Reader) ([]byte, error) {
	text, err := in.ReadSlice('\n')
	if errors.Is(err, io.EOF) && len(text) > 0 {
		return text, nil
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = in.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLongLine
}

// parse reads a line, or notes why it can't be read.
func (l *bulkLine) parse(text []byte, err error) {
	l.answer.Line = l.number
	var f faults
	switch text = bytes.TrimSpace(text); {
	case err != nil:
		f.add("line", fmt.Sprintf("longer than %d bytes", maxBulkLine))
	case len(text) == 0:
		l.blank = true
	default:
		l.frame(text, &f)
	}
	if err := f.err(); err != nil {
		l.refuse(err)
	}
}

// frame reads what a line asks for.
func (l *bulkLine) frame(text []byte, f *faults) {
	var frame bulkFrame
	checkAt("line", text, frameShape, &frame, f, func(f *faults) { f.check("body.id", stock.CheckToken("id", frame.ID)) })
	if !f.at("line.id") {
		l.answer.ID = frame.ID
	}
	switch {
	case len(f.list) > 0:
	case (frame.Adjust == nil) == (frame.Confirm == nil):
		f.add("line", "expected exactly one of adjust and confirm")
	case frame.Adjust != nil:
		var q adjustRequest
		checkAt("adjust", frame.Adjust, adjustShape, &q, f, func(f *faults) {
			asked := q.asked(f)
			l.asks.Adjust = &asked
		})
	default:
		var q confirmRequest
		checkAt("confirm", frame.Confirm, confirmShape, &q, f, func(f *faults) {
			asked := q.asked(f)
			l.asks.Pick = &asked
		})
	}
}

// checkAt reads an object, whose place is called at, and checks it, as if it were a body of its own.
func checkAt[T any](at string, text []byte, s *shape, into *T, f *faults, check func(*faults)) {
	var found faults
	d := decoders.Get().(*decoder)
	d.text.Write(text)
	d.decode(s, reflect.ValueOf(into).Elem(), &found)
	d.giveBack()
	check(&found)
	for _, one := range found.list {
		f.add(at+strings.TrimPrefix(one.Location, "body"), one.Message)
	}
	f.dropped += found.dropped
}

// refuse notes why a line is not done.
func (l *bulkLine) refuse(err error) {
	l.answer.Problem = newProblem(err, "")
	l.answer.Status = l.answer.Problem.Status
}

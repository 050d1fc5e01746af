package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"inventory/app/letters"
	"inventory/domain/letter"
	"inventory/domain/stock"
)

// letterLine is a letter with its bytes, a line of a file of letters.
type letterLine struct {
	ID           string         `json:"id" format:"uuid" doc:"The same letter is imported once."`
	Topic        string         `json:"topic" doc:"Of the record that died."`
	Key          *string        `json:"key,omitempty" nullable:"true" doc:"The record's key as text, where it is UTF-8. With neither it has none."`
	KeyBase64    *string        `json:"key_base64,omitempty" nullable:"true" doc:"The record's key as it is; counts before the text."`
	ValueBase64  *string        `json:"value_base64,omitempty" nullable:"true" doc:"The record's value as it is. Absent: it has none."`
	Headers      []letterHeader `json:"headers,omitempty" nullable:"true" doc:"The record's, without those that say why it died."`
	Origin       letterOrigin   `json:"origin,omitzero"`
	BuriedAt     string         `json:"buried_at,omitzero" format:"date-time"`
	Code         string         `json:"code,omitzero" doc:"Why it died, for programs."`
	Error        string         `json:"error,omitzero" doc:"Why it died, for people."`
	Attempts     int            `json:"attempts,omitzero"`
	FirstFailure string         `json:"first_failure,omitzero" format:"date-time"`
	LastFailure  string         `json:"last_failure,omitzero" format:"date-time"`
	Trace        string         `json:"trace,omitzero" doc:"W3C traceparent."`
	Version      string         `json:"version,omitzero" doc:"Of the service that buried it."`
	EditOf       string         `json:"edit_of,omitzero" format:"uuid"`
	State        string         `json:"state,omitzero" doc:"When it was exported; an import takes no notice of it."`
}

func newLetterLine(e *letter.Entry, l *letter.Letter) letterLine {
	told := letterLine{
		ID: l.ID.String(), Topic: l.Topic, ValueBase64: base64Of(l.Value), Headers: newLetterHeaders(l.Headers), Origin: newLetterOrigin(l.Origin),
		BuriedAt: momentOf(l.BuriedAt), Code: l.Code, Error: strings.ToValidUTF8(l.Error, "\uFFFD"), Attempts: l.Attempts,
		FirstFailure: momentOf(l.FirstFailure), LastFailure: momentOf(l.LastFailure), Trace: l.Trace, Version: l.Version,
		EditOf: uuidOf(l.EditOf), State: e.State,
	}
	if !l.HasKey {
		return told
	}
	if told.Key = textOf([]byte(l.Key)); told.Key == nil {
		told.KeyBase64 = base64Of([]byte(l.Key))
	}
	return told
}

// letter gives the letter of a line, or all that is wrong with it.
func (q *letterLine) letter() (letter.Letter, error) {
	var f faults
	l := letter.Letter{Meta: letter.Meta{
		ID: readUUID(&f, "id", q.ID), Place: letter.Place{Topic: q.Topic}, Code: q.Code, Error: q.Error, Attempts: q.Attempts, Trace: q.Trace, Version: q.Version,
		BuriedAt: lineTime(&f, "buried_at", q.BuriedAt), FirstFailure: lineTime(&f, "first_failure", q.FirstFailure), LastFailure: lineTime(&f, "last_failure", q.LastFailure),
		Origin: letter.Origin{Partition: q.Origin.Partition, Offset: q.Origin.Offset, Timestamp: lineTime(&f, "origin.timestamp", q.Origin.Timestamp), Group: q.Origin.Group, Handler: q.Origin.Handler},
	}}
	if q.Topic == "" {
		f.add("topic", "missing")
	}
	if q.EditOf != "" {
		l.EditOf = readUUID(&f, "edit_of", q.EditOf)
	}
	l.Value = bytesOf(&f, "value_base64", nil, q.ValueBase64)
	l.Size = len(l.Value)
	key := bytesOf(&f, "key_base64", q.Key, q.KeyBase64)
	l.Key, l.HasKey = string(key), key != nil
	for i, h := range q.Headers {
		l.Headers = append(l.Headers, letter.Header{Key: h.Key, Value: bytesOf(&f, fmt.Sprintf("headers[%d].value_base64", i), h.Value, h.ValueBase64)})
	}
	return l, f.err()
}

func lineTime(f *faults, at, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	return readTime(f, at, &text)
}

// bytesOf reads bytes that are given as text or in base64; nil where they are not given.
func bytesOf(f *faults, at string, text, encoded *string) []byte {
	switch {
	case encoded != nil:
		b, err := base64.StdEncoding.DecodeString(*encoded)
		if err != nil {
			f.add(at, err.Error())
		}
		return b
	case text != nil:
		return []byte(*text)
	}
	return nil
}

func (a *API) exportLetters(ctx context.Context, c *call) (reply, error) {
	chosen := c.filter()
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, lines: func(write func(any) error) error {
		return a.options.Letters.Export(ctx, chosen, func(e letter.Entry, l letter.Letter) error { return write(newLetterLine(&e, &l)) })
	}}, nil
}

// lettersImported is what became of letters that were imported.
type lettersImported struct {
	Letters int `json:"letters" doc:"That were written."`
	Known   int `json:"known" doc:"That were there before, and were left alone."`
}

// maxLine bounds a line of letters, in bytes: a record of the largest size that brokers take
// by default, in base64, with room for its headers.
const maxLine = 4 << 20

func (a *API) importLetters(ctx context.Context, c *call) (reply, error) {
	reason, _ := c.parameter("reason")
	c.faults.check("query.reason", stock.CheckNote("reason", reason))
	who := c.who(nil, false)
	who.Why = reason
	if err := c.faults.err(); err != nil {
		return reply{}, err
	}
	if err := checkLineHeaders(c.r.Header); err != nil {
		return reply{}, err
	}
	c.x.extendReading(a.options.ReconcileTimeout)
	lines := &lineReader{in: bufio.NewReaderSize(c.r.Body, 64<<10)}
	made, err := a.options.Letters.Import(ctx, who, lines.next)
	if err != nil {
		return reply{}, importFault(err, made)
	}
	return ok(lettersImported(made))
}

// importFault says how much was written before an import failed: that stays.
func importFault(err error, made letters.Imported) error {
	if p, ok := errors.AsType[*protocol](err); ok {
		told := *p
		told.hint = strings.TrimPrefix(told.hint+"; "+written(made), "; ")
		return &told
	}
	if line, ok := errors.AsType[*badLine](err); ok {
		var f faults
		for _, fault := range line.faults {
			f.add(fmt.Sprintf("line %d: %s", line.number, fault.Location), fault.Message)
		}
		f.add("body", written(made))
		return f.err()
	}
	return fmt.Errorf("%w (%s)", err, written(made))
}

func written(made letters.Imported) string {
	return fmt.Sprintf("%d letters were written, %d were there before: the same file can be imported again, and those are left alone", made.Letters, made.Known)
}

// badLine is a line that is no letter.
type badLine struct {
	number int
	faults []fault
}

// Error implements error.
func (b *badLine) Error() string {
	return fmt.Sprintf("line %d: %s", b.number, (&malformed{b.faults}).Error())
}

// Unwrap makes it one of the errors of the domain.
func (b *badLine) Unwrap() error { return stock.ErrInvalid }

// lineReader reads letters, a line each.
type lineReader struct {
	in     *bufio.Reader
	number int
	line   []byte
}

// next gives the next letter, and io.EOF after the last one. Empty lines are left out.
func (r *lineReader) next() (letter.Letter, error) {
	for {
		err := r.read()
		line := bytes.TrimSpace(r.line)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return letter.Letter{}, err
		case len(line) > 0:
			return r.parse(line)
		case err != nil:
			return letter.Letter{}, io.EOF
		}
	}
}

// read reads a line; io.EOF comes with what is behind the last end of a line.
func (r *lineReader) read() error {
	r.line = r.line[:0]
	r.number++
	for {
		part, err := r.in.ReadSlice('\n')
		r.line = append(r.line, part...)
		switch {
		case len(r.line) > maxLine:
			return r.bad("", fmt.Sprintf("longer than %d bytes", maxLine))
		case err == nil || errors.Is(err, io.EOF):
			return err
		case !errors.Is(err, bufio.ErrBufferFull):
			return unreadable(err)
		}
	}
}

func (r *lineReader) bad(at, message string) error {
	return &badLine{r.number, []fault{{at, message}}}
}

func (r *lineReader) parse(line []byte) (letter.Letter, error) {
	if !utf8.Valid(line) {
		return letter.Letter{}, r.bad("", "not UTF-8")
	}
	var q letterLine
	if err := json.Unmarshal(line, &q, json.RejectUnknownMembers(true)); err != nil {
		return letter.Letter{}, r.bad("", "no letter: "+strings.TrimPrefix(err.Error(), "json: "))
	}
	l, err := q.letter()
	if m, ok := errors.AsType[*malformed](err); ok {
		return letter.Letter{}, &badLine{r.number, m.faults}
	}
	return l, err
}

// checkLineHeaders accepts NDJSON in UTF-8, as it is.
func checkLineHeaders(h http.Header) error {
	given := h.Get("Content-Type")
	media, _, err := mime.ParseMediaType(given)
	if coding := h.Get("Content-Encoding"); err != nil || media != linesType || coding != "" && coding != "identity" {
		return unsupportedLines(given)
	}
	return nil
}

func unsupportedLines(found string) error {
	return &protocol{
		http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "Content-Type \"" + clip(found) + "\": expected " + linesType + ", as it is",
		"with curl: -H 'Content-Type: application/x-ndjson' --data-binary @FILE",
	}
}

package httpapi

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"inventory/domain/stock"
)

// call is one request to an operation, and the faults that were found in it.
type call struct {
	r       *http.Request
	x       *exchange
	trace   string // a valid traceparent, or empty
	shape   *shape // of the body
	maxBody int64
	query   url.Values
	faults  faults
}

// checkQuery reads the query, which has known parameters only, each once at most but for those
// that may be repeated: one that is misspelt would be ignored otherwise.
func (c *call) checkQuery(known, repeated []string) {
	if c.r.URL.RawQuery == "" {
		return
	}
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		c.faults.add("query", err.Error())
	}
	for name, values := range c.query {
		switch at := "query." + clip(name); {
		case !slices.Contains(known, name):
			c.faults.add(at, "unknown, expected "+oneOf(known))
		case len(values) > 1 && !slices.Contains(repeated, name):
			c.faults.add(at, "expected once, found several")
		}
	}
	slices.SortFunc(c.faults.list, func(a, b fault) int { return strings.Compare(a.Location, b.Location) })
}

// parameter reads a parameter of the query; given is false where there is none.
func (c *call) parameter(name string) (value string, given bool) {
	if values := c.query[name]; len(values) > 0 {
		return values[0], true
	}
	return "", false
}

// flag reads a parameter of the query that is true or false: false where there is none.
func (c *call) flag(name string) bool {
	value, given := c.parameter(name)
	if given && value != "true" && value != "false" {
		c.faults.add("query."+name, fmt.Sprintf("%.40q: expected true or false", value))
	}
	return value == "true"
}

// path reads a parameter of the path.
func (c *call) path(name string, check func(string) error) string {
	value := c.r.PathValue(name)
	c.faults.check("path."+name, check(value))
	return value
}

// header reads a header that must be given, once.
func (c *call) header(name string, check func(string) error) string {
	at := "header." + name
	switch values := c.r.Header.Values(name); len(values) {
	case 0:
		c.faults.add(at, "missing")
	case 1:
		c.faults.check(at, check(values[0]))
		return values[0]
	default:
		c.faults.add(at, "expected once, found several")
	}
	return ""
}

// requestID is the id that the caller gave the request, or a new one.
func requestID(h http.Header) string {
	if given := h["X-Request-Id"]; len(given) == 1 && stock.CheckToken("X-Request-Id", given[0]) == nil {
		return given[0]
	}
	return rand.Text()
}

// traceOf is the traceparent of a request. One that is not valid is ignored, as W3C's
// recommendation asks: what is traced is not worth a refusal.
func traceOf(h http.Header) string {
	given := h["Traceparent"]
	if len(given) != 1 || !validTrace(given[0]) {
		return ""
	}
	return given[0]
}

const noTrace, noSpan = "00000000000000000000000000000000", "0000000000000000"

// validTrace checks version 00: 00-TRACE-SPAN-FLAGS in lower-case hexadecimal digits.
func validTrace(s string) bool {
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' {
		return false
	}
	trace, span, flags := s[3:35], s[36:52], s[53:]
	return lowerHex(trace) && lowerHex(span) && lowerHex(flags) && trace != noTrace && span != noSpan
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// mostBytes is the most that an answer may have, unpacked.
const mostBytes = 1 << 20

// checked lets only answers through that a registry can have given: JSON, of bounded size,
// with a status of success. All others become errors that say what was found. (A
// RoundTripper does not judge as a rule. srclient drops what a judge needs, and reads
// without bound.)
type checked struct {
	next    http.RoundTripper
	secrets secrets
}

func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostBytes+1))
	if err != nil {
		return nil, err
	}
	if problem := c.judge(resp, body); problem != nil {
		return nil, problem
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// judge returns nil for an answer.
func (c checked) judge(resp *http.Response, body []byte) *refusal {
	r := &refusal{method: resp.Request.Method, url: resp.Request.URL.Redacted(), status: resp.StatusCode}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		// An answer, and a wrong one: following it could take credentials elsewhere.
		r.location = c.secrets.mask(resp.Header.Get("Location"))
	case len(body) > mostBytes:
		r.nonsense = fmt.Sprintf("more than %d bytes", mostBytes)
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		r.read(body)
		r.message = c.secrets.mask(r.message)
	case !isJSON(body):
		r.nonsense = fmt.Sprintf("%s that begins with %.60q", kindOf(c.secrets.mask(resp.Header.Get("Content-Type"))), c.secrets.mask(string(body)))
	default:
		return nil
	}
	return r
}

// isJSON tells whether a body is a JSON object or array, as every answer of a registry is.
func isJSON(body []byte) bool {
	b := bytes.TrimLeft(body, " \t\r\n")
	return len(b) > 0 && (b[0] == '{' || b[0] == '[') && json.Valid(b)
}

func kindOf(contentType string) string {
	if contentType != "" {
		return fmt.Sprintf("%.60q", contentType)
	}
	return "something"
}

// Codes of errors in Confluent's API. They are in the body: a status alone may be of any
// program.
const (
	codeNoSubject = 40401
	codeNoVersion = 40402
	codeNoSchema  = 40403
	codeNoLevel   = 40408 // the subject has none of its own
)

// refusal is an answer that is none, or the registry's refusal. Source: status and
// error_code in Confluent's API.
type refusal struct {
	method, url string
	status      int
	code        int    // 0: the body is not a registry's
	message     string // the registry's
	location    string // of a redirect
	nonsense    string // what was found instead of an answer
}

func (r *refusal) read(body []byte) {
	var said struct {
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil {
		r.code, r.message = said.Code, said.Message
	}
}

// unknown tells that the registry answered that it has no such thing.
func (r *refusal) unknown() bool {
	return r.code == codeNoSubject || r.code == codeNoVersion || r.code == codeNoSchema
}

// noRoute tells that the registry, or what is there, does not know the request itself.
func (r *refusal) noRoute() bool {
	return !r.unknown() && (r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed || r.status == http.StatusNotImplemented)
}

// rejects tells that the registry will not have the schema.
func (r *refusal) rejects() bool {
	return r.status == http.StatusConflict || r.status == http.StatusUnprocessableEntity
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s %s: %s", r.method, r.url, r.found())
}

// found says what was found, and what to do where that is known.
func (r *refusal) found() string {
	switch {
	case r.nonsense != "":
		return fmt.Sprintf("expected a schema registry's JSON, found %s: check the registry's URL, and what is between here and there", r.nonsense)
	case r.location != "", r.status >= 300 && r.status < 400:
		return fmt.Sprintf("is redirected (%d) to %.200q: set the registry's URL to where it is", r.status, r.location)
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		return fmt.Sprintf("status %d%s: check the registry's user name and password (--registry-username, INVENTORY_REGISTRY_PASSWORD) or token (INVENTORY_REGISTRY_TOKEN), and what they may do", r.status, r.said())
	case r.noRoute():
		return fmt.Sprintf("status %d%s: no schema registry answers there: check the path in the registry's URL", r.status, r.said())
	}
	return fmt.Sprintf("status %d%s", r.status, r.said())
}

func (r *refusal) said() string {
	if r.code == 0 && r.message == "" {
		return ""
	}
	return fmt.Sprintf(" (code %d: %.300s)", r.code, r.message)
}

// refusalOf finds the refusal that an error is of.
func refusalOf(err error) (*refusal, bool) {
	var r *refusal
	ok := errors.As(err, &r)
	return r, ok
}

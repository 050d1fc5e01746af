package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"inventory/app"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// problem is an answer that is not what was asked for: RFC 9457, with members of our own.
type problem struct {
	Type      string     `json:"type" format:"uri" doc:"urn:inventory:problem: and the code."`
	Title     string     `json:"title" doc:"The status in words."`
	Status    int        `json:"status" doc:"The HTTP status."`
	Detail    string     `json:"detail" doc:"What happened, for people."`
	Code      string     `json:"code" doc:"What happened, for programs. Codes never change; new ones may come." example:"INSUFFICIENT_STOCK"`
	Hint      string     `json:"hint,omitzero" doc:"What to do, for people."`
	Retry     bool       `json:"retry" doc:"The same request, sent again, may succeed; it does nothing twice."`
	RequestID string     `json:"request_id" doc:"The X-Request-Id of the answer. Those who run the service find the request by it."`
	Errors    []fault    `json:"errors,omitzero" nullable:"false" doc:"All that is wrong with a malformed request."`
	Shortages []shortage `json:"shortages,omitzero" nullable:"false" doc:"The lines of the order that there is not enough for."`
	Behind    *behind    `json:"behind,omitzero" doc:"The level that has not reached the min_version asked for."`
}

// behind is a level that has not reached a version.
type behind struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	MinVersion  int64  `json:"min_version" doc:"The version asked for."`
	Version     int64  `json:"version" doc:"The version that could be found; 0: the SKU never was there."`
}

// shortage is a line of an order that there is not enough for.
type shortage struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id,omitzero" doc:"The warehouse that the line named, if any."`
	Requested   int64  `json:"requested" doc:"Units asked for."`
	Available   int64  `json:"available" doc:"Units that there are to promise."`
}

// StatusOf is the one table from kinds of failures to statuses.
func StatusOf(k app.FailureKind) int {
	switch k {
	case app.Malformed:
		return http.StatusBadRequest
	case app.Missing:
		return http.StatusNotFound
	case app.Conflicting:
		return http.StatusConflict
	case app.Unprocessable:
		return http.StatusUnprocessableEntity
	case app.Retry, app.Ended:
		return http.StatusServiceUnavailable
	case app.Broken:
	}
	return http.StatusInternalServerError
}

// protocol is a refusal by HTTP itself, before any use case.
type protocol struct {
	status             int
	code, detail, hint string
}

// Error implements error.
func (p *protocol) Error() string { return p.detail }

var (
	errSlowBody = &protocol{http.StatusRequestTimeout, "BODY_TIMEOUT", "the body did not come in time", ""}
	errCutBody  = &protocol{http.StatusBadRequest, "BODY_CUT", "the body ended before it was whole", ""}
	errPanic    = &protocol{http.StatusInternalServerError, "INTERNAL", brokenDetail, ""}
)

func unsupported(detail string) error {
	return &protocol{http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", detail, "with curl: -H 'Content-Type: application/json'"}
}

func tooLarge(limit int64) error {
	return &protocol{http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE", fmt.Sprintf("the body is larger than %d bytes", limit), ""}
}

func unknownPath(path string) error {
	return &protocol{http.StatusNotFound, "UNKNOWN_PATH", "there is nothing at " + clip(path), "GET / lists what there is"}
}

func methodNotAllowed(method, allowed string) error {
	return &protocol{http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", fmt.Sprintf("%s: expected %s", clip(method), allowed), ""}
}

const (
	brokenDetail = "something is broken in the service: those who run it find why by the request id"
	storeDetail  = "the store did not answer as it should"
)

// newProblem says an error to a client. What a store said, and why something is broken,
// it keeps to itself.
func newProblem(err error, requestID string) *problem {
	if p, ok := errors.AsType[*protocol](err); ok {
		return problemOf(p, requestID)
	}
	f := app.FailureOf(err)
	p := problemOf(&protocol{StatusOf(f.Kind), f.Code, strings.ReplaceAll(err.Error(), "\n", "; "), f.Hint}, requestID)
	switch {
	case f.Kind == app.Broken:
		p.Detail = brokenDetail
	case fromStore(err):
		p.Detail = storeDetail
	case f.Kind == app.Malformed:
		p.Errors = faultsOf(err)
	}
	if short, ok := errors.AsType[*reservation.InsufficientError](err); ok {
		p.Shortages = shortagesOf(short.Shortages)
	}
	if late, ok := errors.AsType[*app.BehindError](err); ok {
		p.Behind = &behind{string(late.SKU), string(late.Warehouse), late.Wanted, late.Found}
	}
	return p
}

func problemOf(p *protocol, requestID string) *problem {
	return &problem{
		Type: "urn:inventory:problem:" + p.code, Title: http.StatusText(p.status), Status: p.status,
		Detail: p.detail, Code: p.code, Hint: p.hint, Retry: p.status == http.StatusServiceUnavailable, RequestID: requestID,
	}
}

// fromStore tells whether an error says what a store said.
func fromStore(err error) bool {
	for _, class := range []error{ports.ErrTransient, ports.ErrUnknown, ports.ErrPermanent, ports.ErrConflict} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// faultsOf lists what is wrong with a request: what was found here, with its location, or
// what a use case found.
func faultsOf(err error) []fault {
	if m, ok := errors.AsType[*malformed](err); ok {
		return m.faults
	}
	var all faults
	for _, message := range messagesOf(err) {
		all.add("request", message)
	}
	return all.list
}

func shortagesOf(found []stock.Shortage) []shortage {
	all := make([]shortage, 0, len(found))
	for _, s := range found {
		all = append(all, shortage{string(s.SKU), string(s.Warehouse), s.Requested, s.Available})
	}
	return all
}

// said gives an error's text as far as clients are told.
func said(err error) string { return newProblem(err, "").Detail }

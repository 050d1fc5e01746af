package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"inventory/app/owner"
	"inventory/ports"
)

// operation is one thing that the API does, by which it is both served and described.
type operation struct {
	id      string
	method  string
	path    string
	tag     string
	summary string
	about   string
	params  []*huma.Param
	body    any // an example of the body; nil: none is read
	lines   any // an example of a line of the body, which is NDJSON; nil: it is not
	answers []answer
	tagged  bool   // its answers have an ETag
	told    bool   // its answers are NDJSON, whose examples are lines
	csv     string // an example of the same as CSV; empty: there is none
	each    bool   // what goes wrong with a line is told of that line
	// refusals are errors that are particular to it, as they may be answered.
	refusals []error
	asks     asked
	long     bool // may take longer than others
	run      func(context.Context, *call) (reply, error)

	route    string
	query    []string // parameters that are known
	repeated []string // those of them that may come several times
	shape    *shape
	timeout  time.Duration
}

// asked is whom a process needs to answer for an operation, and who may not be there to.
type asked int

const (
	ledgers asked = iota // their owners, whichever processes these are: any process asks them
	store                // the store
	nobody
)

// answer is one way an operation succeeds.
type answer struct {
	status  int
	about   string
	example any // nil: it has no body
}

// prepare derives what serving needs of what was declared.
func (op *operation) prepare(o Options) {
	op.route = op.method + " " + op.path
	op.timeout = o.Timeout
	if op.long {
		op.timeout = o.ReconcileTimeout
	}
	for _, p := range op.params {
		if p.In == "query" {
			op.query = append(op.query, p.Name)
			if p.Schema.Type == huma.TypeArray {
				op.repeated = append(op.repeated, p.Name)
			}
		}
	}
	if op.body != nil {
		op.shape = shapeOf(reflect.TypeOf(op.body))
	}
}

// describe gives the operation for the document.
func (op *operation) describe(document *huma.OpenAPI) *huma.Operation {
	described := &huma.Operation{
		OperationID: op.id, Method: op.method, Path: op.path, Tags: []string{op.tag}, Summary: op.summary, Description: op.about,
		Parameters: slices.Concat(op.params, []*huma.Param{{Ref: "#/components/parameters/X-Request-Id"}}),
		Responses:  map[string]*huma.Response{},
	}
	if op.body != nil {
		described.Parameters = append(described.Parameters, &huma.Param{Ref: "#/components/parameters/traceparent"})
		described.RequestBody = &huma.RequestBody{Required: true, Content: content(document, jsonType, op.body)}
	}
	if op.lines != nil {
		described.RequestBody = &huma.RequestBody{Required: true, Content: content(document, linesType, op.lines)}
	}
	for _, a := range op.answers {
		mediaType := jsonType
		if op.told {
			mediaType = linesType
		}
		r := response(a.about, content(document, mediaType, a.example))
		if op.tagged {
			r.Headers["ETag"], r.Headers["Cache-Control"] = &huma.Header{Ref: "#/components/headers/ETag"}, &huma.Header{Ref: "#/components/headers/Cache-Control"}
		}
		if op.csv != "" {
			r.Content[csvType] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}, Example: op.csv}
		}
		if a.status == http.StatusCreated {
			r.Headers["Location"] = &huma.Header{Description: "Where the reservation is.", Schema: &huma.Schema{Type: huma.TypeString}}
		}
		described.Responses[strconv.Itoa(a.status)] = r
	}
	for _, err := range op.allRefusals() {
		op.describeRefusal(document, described.Responses, newProblem(err, exampleRequestID))
	}
	return described
}

// allRefusals adds those that follow from what the operation takes.
func (op *operation) allRefusals() []error {
	all := append(slices.Clone(op.refusals), &malformed{[]fault{{"query.regoin", "unknown, expected " + oneOf(op.query)}}})
	if op.body != nil {
		all = append(all, errCutBody, errSlowBody, unsupported(`Content-Type "text/plain": expected application/json`), tooLarge(DefaultMaxBody))
	}
	if op.lines != nil {
		all = append(all, errCutBody, errSlowBody, unsupportedLines("text/plain"))
	}
	if op.tag != healthTag && !op.each {
		all = append(all, errors.New("a fault of the program"))
	}
	if op.asks != nobody {
		all = append(all, errCrowded)
	}
	if op.asks != nobody && !op.each {
		all = append(all, ports.ErrTransient)
	}
	if op.asks == ledgers && !op.each {
		all = append(all, owner.ErrNotOwner)
	}
	return all
}

// describeRefusal adds a problem to the responses, one of several with its status.
func (op *operation) describeRefusal(document *huma.OpenAPI, responses map[string]*huma.Response, p *problem) {
	status := strconv.Itoa(p.Status)
	r := responses[status]
	if r == nil {
		r = response("", content(document, problemType, p))
		r.Content[problemType].Example = nil
		r.Content[problemType].Examples = map[string]*huma.Example{}
		if p.Status == http.StatusServiceUnavailable {
			r.Headers["Retry-After"] = &huma.Header{Ref: "#/components/headers/Retry-After"}
		}
		responses[status] = r
	}
	if r.Content[problemType] == nil { // /readyz says what is missing in its own words
		return
	}
	examples := r.Content[problemType].Examples
	if examples[p.Code] == nil {
		examples[p.Code] = &huma.Example{Value: p}
	}
	codes := make([]string, 0, len(examples))
	for code := range examples {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	r.Description = p.Title + ": " + strings.Join(codes, ", ") + "."
}

// response describes an answer, with the header that all have.
func response(about string, content map[string]*huma.MediaType) *huma.Response {
	return &huma.Response{
		Description: about, Content: content,
		Headers: map[string]*huma.Header{"X-Request-Id": {Ref: "#/components/headers/X-Request-Id"}},
	}
}

// content describes a body by an example of it; nil: there is none.
func content(document *huma.OpenAPI, mediaType string, example any) map[string]*huma.MediaType {
	if example == nil {
		return nil
	}
	t := reflect.TypeOf(example)
	return map[string]*huma.MediaType{
		mediaType: {Schema: document.Components.Schemas.Schema(t, true, t.Name()), Example: example},
	}
}

// openAnswers lets the document's answers have more members than it lists, since new ones
// may come; requests stay closed.
func (a *API) openAnswers() {
	schemas := a.document.Components.Schemas
	closed := map[*huma.Schema]bool{}
	for _, op := range a.operations {
		for _, request := range []any{op.body, op.lines} {
			if request != nil && !a.tells(request) {
				closeRequest(schemas, schemas.Schema(reflect.TypeOf(request), false, ""), closed)
			}
		}
	}
	for _, s := range schemas.Map() {
		if !closed[s] {
			s.AdditionalProperties = nil
		}
	}
}

// tells tells whether what is like an example is an answer, too.
func (a *API) tells(example any) bool {
	return slices.ContainsFunc(a.operations, func(op *operation) bool {
		return slices.ContainsFunc(op.answers, func(one answer) bool { return reflect.TypeOf(one.example) == reflect.TypeOf(example) })
	})
}

// closeRequest notes the schema of a request and those of its parts.
func closeRequest(schemas huma.Registry, s *huma.Schema, closed map[*huma.Schema]bool) {
	closed[s] = true
	for _, property := range s.Properties {
		if property.Items != nil {
			property = property.Items
		}
		if part := schemas.SchemaFromRef(property.Ref); part != nil {
			closeRequest(schemas, part, closed)
		}
	}
}

package contract

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const openAPI = "../../schemas/openapi/inventory.yaml"

// part is a part of a document.
type part = map[string]any

// api is an OpenAPI document that a test changes.
type api struct {
	t    *testing.T
	root part
}

func readAPI(t *testing.T) api {
	t.Helper()
	text, err := os.ReadFile(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	a := api{t: t}
	if err := yaml.Unmarshal(text, &a.root); err != nil {
		t.Fatal(err)
	}
	return a
}

// at gives the part at a path of keys, which has to be there.
func (a api) at(path ...string) part {
	a.t.Helper()
	here := a.root
	for _, key := range path {
		next, ok := here[key].(part)
		if !ok {
			a.t.Fatalf("no %s in the document", strings.Join(path, " > "))
		}
		here = next
	}
	return here
}

func (a api) schema(name string) part { return a.at("components", "schemas", name) }

func (a api) field(schema, name string) part {
	return a.at("components", "schemas", schema, "properties", name)
}

// remove takes away a key that has to be there.
func (a api) remove(from part, key string) {
	a.t.Helper()
	if _, ok := from[key]; !ok {
		a.t.Fatalf("no %s to remove", key)
	}
	delete(from, key)
}

// without takes a value out of a list, which has to have it.
func (a api) without(of part, list string, value any) {
	a.t.Helper()
	all := of[list].([]any)
	at := slices.Index(all, value)
	if at < 0 {
		a.t.Fatalf("%s has no %v", list, value)
	}
	of[list] = slices.Delete(all, at, at+1)
}

func with(of part, list string, value any) {
	all, _ := of[list].([]any)
	of[list] = append(all, value)
}

// judge gives what `make api`, a part of `make check`, says of the document.
func (a api) judge() (string, error) {
	a.t.Helper()
	text, err := yaml.Marshal(a.root)
	if err != nil {
		a.t.Fatal(err)
	}
	file := filepath.Join(a.t.TempDir(), "inventory.yaml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		a.t.Fatal(err)
	}
	cmd := exec.CommandContext(a.t.Context(), "make", "-C", "../..", "--no-print-directory", "api", "API="+file)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

var aString = part{"type": "string"}

func TestWhatBreaksTheHTTPAPIsClientsFailsTheCheck(t *testing.T) {
	for name, test := range map[string]struct {
		change func(a api)
		says   string // the rule
	}{
		"a path went":             {func(a api) { a.remove(a.at("paths"), "/admin/why") }, "api-path-removed-without-deprecation"},
		"a method went":           {func(a api) { a.remove(a.at("paths", "/inventory/adjust"), "post") }, "api-removed-without-deprecation"},
		"a request's field went":  {func(a api) { a.remove(a.at("components", "schemas", "AdjustRequest", "properties"), "reason") }, "request-property-removed"},
		"another name":            {func(a api) { rename(a.at("components", "schemas", "AdjustRequest", "properties"), "reason", "why") }, "request-property-removed"},
		"a field has to be given": {func(a api) { with(a.schema("AdjustRequest"), "required", "reason") }, "request-property-became-required"},
		"null is refused":         {func(a api) { a.without(a.field("AdjustRequest", "reason"), "type", "null") }, "request-property-became-not-nullable"},
		"a value of an enum went": {func(a api) { a.without(a.field("AdjustRequest", "adjustment_type"), "enum", "LOSS") }, "request-property-enum-value-removed"},
		"a limit is lower":        {func(a api) { a.field("AdjustRequest", "counted")["maximum"] = 10 }, "request-property-max-decreased"},
		"fewer items":             {func(a api) { a.field("ConfirmRequest", "items")["maxItems"] = 5 }, "request-property-max-items-decreased"},
		"another pattern":         {func(a api) { a.field("AdjustRequest", "sku")["pattern"] = "^[a-z]$" }, "request-property-pattern-changed"},
		"a request's type":        {func(a api) { a.field("AdjustRequest", "sku")["type"] = "integer" }, "request-property-type-changed"},
		"an answer's field went": {func(a api) {
			a.without(a.schema("Adjustment"), "required", "held")
			delete(a.schema("Adjustment")["properties"].(part), "held")
		}, "response-required-property-removed"},
		"a field may be absent":  {func(a api) { a.without(a.schema("Adjustment"), "required", "held") }, "response-property-became-optional"},
		"an optional field went": {func(a api) { a.remove(a.at("components", "schemas", "Order", "properties"), "reason") }, "response-optional-property-removed"},
		"an answer's type":       {func(a api) { a.field("Adjustment", "held")["type"] = "string" }, "response-property-type-changed"},
		"an answer may be null":  {func(a api) { a.field("Adjustment", "held")["type"] = []any{"integer", "null"} }, "response-property-became-nullable"},
		"an answer's enum grew":  {func(a api) { with(a.field("Order", "status"), "enum", "LOST") }, "response-property-enum-value-added"},
		"a good status went":     {func(a api) { a.remove(a.at("paths", "/inventory/adjust", "post", "responses"), "200") }, "response-success-status-removed"},
		"a bad status went":      {func(a api) { a.remove(a.at("paths", "/inventory/adjust", "post", "responses"), "422") }, "response-non-success-status-removed"},
		"another media type": {func(a api) {
			rename(a.at("paths", "/inventory/adjust", "post", "responses", "200", "content"), "application/json", "text/plain")
		}, "response-media-type-removed"},
		"a header has to be given": {func(a api) {
			with(a.at("paths", "/inventory/reserve", "post"), "parameters", part{"name": "X-New", "in": "header", "required": true, "schema": aString})
		}, "new-required-request-parameter"},
		"a parameter is to be told": {func(a api) {
			with(a.at("paths", "/inventory/warehouses", "get"), "parameters", part{"name": "q", "in": "query", "required": true, "schema": aString})
		}, "new-required-request-parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			a := readAPI(t)
			test.change(a)
			if out, err := a.judge(); err == nil || !strings.Contains(out, "["+test.says+"]") || !strings.Contains(out, "would break clients") {
				t.Errorf("%v, expected %s in\n%s", err, test.says, out)
			}
		})
	}
}

func rename(of part, from, to string) {
	of[to] = of[from]
	delete(of, from)
}

func TestWhatTheHTTPAPIsClientsDoNotNoticePassesTheCheck(t *testing.T) {
	for name, change := range map[string]func(a api){
		"nothing": func(api) {},
		"an optional field": func(a api) {
			a.schema("AdjustRequest")["properties"].(part)["note"] = part{"type": []any{"string", "null"}}
		},
		"an answer's field": func(a api) { a.schema("Adjustment")["properties"].(part)["note"] = aString },
		"a limit is higher": func(a api) { a.field("AdjustRequest", "counted")["maximum"] = 2_000_000_000 },
		"a path": func(a api) {
			a.at("paths")["/inventory/new"] = part{"get": part{"responses": part{"200": part{"description": "x"}}}}
		},
		"a field may go":   func(a api) { a.without(a.schema("AdjustRequest"), "required", "sku") },
		"a request's enum": func(a api) { with(a.field("AdjustRequest", "adjustment_type"), "enum", "GIFT") },
		"words":            func(a api) { a.at("info")["description"] = "Says the same otherwise." },
		"an optional header": func(a api) {
			with(a.at("paths", "/inventory/reserve", "post"), "parameters", part{"name": "X-New", "in": "header", "schema": aString})
		},
		"another bad status":  func(a api) { a.at("paths", "/inventory/adjust", "post", "responses")["429"] = part{"description": "x"} },
		"a null is taken too": func(a api) { a.field("AdjustRequest", "sku")["type"] = []any{"string", "null"} },
	} {
		t.Run(name, func(t *testing.T) {
			a := readAPI(t)
			change(a)
			if out, err := a.judge(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"inventory/adapters/memory"
)

// described is what the checked-in document says of an operation's requests.
type described struct {
	Parameters []struct {
		Name, In string
		Example  any
	}
	RequestBody struct {
		Content map[string]struct{ Example any }
	} `yaml:"requestBody"`
}

// documented gives the operations of the checked-in document by route.
func documented(t *testing.T) map[string]described {
	t.Helper()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Paths map[string]map[string]described
	}
	if err := yaml.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	all := map[string]described{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	return all
}

// request makes the request that an operation's examples are.
func (d described) request(t *testing.T, route string) (what, body string, headers []string) {
	t.Helper()
	asked := url.Values{}
	for _, p := range d.Parameters {
		switch value := fmt.Sprint(p.Example); {
		case p.Name == "": // a reference to one that all have
		case p.Example == nil:
			t.Errorf("%s: %s has no example", route, p.Name)
		case p.In == "path":
			route = strings.ReplaceAll(route, "{"+p.Name+"}", value)
		case p.In == "header":
			headers = append(headers, p.Name, value)
		case p.In == "query":
			if list, several := p.Example.([]any); several {
				value = fmt.Sprint(list[0])
			}
			asked.Set(p.Name, value)
		}
	}
	if len(asked) > 0 {
		route += "?" + asked.Encode()
	}
	for mediaType, content := range d.RequestBody.Content {
		headers = append(headers, "Content-Type", mediaType)
		text, err := json.Marshal(content.Example)
		if err != nil || content.Example == nil {
			t.Fatalf("%s: no example of its body: %v", route, err)
		}
		body = string(text)
	}
	return route, body, headers
}

func TestTheExamplesOfTheDocumentWorkInTheirOrder(t *testing.T) {
	all := documented(t)
	first := []string{
		"PUT /inventory/warehouses/{warehouse_id}", "POST /inventory/adjust", "POST /inventory/reserve", "POST /inventory/extend", "POST /inventory/confirm", "POST /inventory/release", "POST /admin/dlq/jobs",
		"PUT /inventory/warehouses/{warehouse_id}/thresholds/{sku}", "GET /inventory/warehouses/{warehouse_id}/thresholds/{sku}",
	}
	sorted := len(first)
	for route := range all {
		if !slices.Contains(first, route) {
			first = append(first, route)
		}
	}
	slices.Sort(first[sorted:])
	if c := serve(t, failing{}, Options{}); len(first) != len(c.api.operations) {
		t.Errorf("%d operations are sent, of %d", len(first), len(c.api.operations))
	}
	c := serve(t, begin(t, memory.New()), Options{})
	for _, route := range first {
		what, body, headers := all[route].request(t, route)
		until(t, func() error {
			got := c.call(what, body, headers...)
			if got.status == http.StatusServiceUnavailable {
				return fmt.Errorf("%s", got.body)
			}
			if got.status > http.StatusCreated {
				t.Errorf("%s: %d %s", what, got.status, got.body)
			}
			return nil
		})
	}
}

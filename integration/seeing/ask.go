package seeing

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// ask has an API answer in JSON.
func ask(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	request.Close = true // a kept connection would look like a leak
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: expected 200, found %s: %s", address, response.Status, text)
	}
	return json.Unmarshal(text, into)
}

// node is a part of an expression, as Prometheus parsed it.
type node struct {
	Type     string `json:"type"` // such as vectorSelector or aggregation
	Name     string `json:"name"` // of a selector's metric
	Matchers []struct{ Name, Type, Value string }
	Grouping []string
	Matching *struct{ Labels, Include []string }

	Expr, Param, LHS, RHS *node
	Args                  []*node
}

// parse has Prometheus parse an expression.
func parse(ctx context.Context, prometheus, expr string) (*node, error) {
	var answer struct{ Data *node }
	err := ask(ctx, prometheus+"/api/v1/parse_query?query="+url.QueryEscape(expr), &answer)
	if err == nil && answer.Data == nil {
		err = fmt.Errorf("%s: Prometheus gave no parts", expr)
	}
	return answer.Data, err
}

// walk visits a part and all parts of it.
func (n *node) walk(visit func(*node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, part := range append([]*node{n.Expr, n.Param, n.LHS, n.RHS}, n.Args...) {
		part.walk(visit)
	}
}

// series of an instant query.
type series struct {
	Metric map[string]string
	Value  [2]any // when, in Unix seconds, and what, as a text
}

// query asks for what an expression gives now.
func query(ctx context.Context, prometheus, expr string) ([]series, error) {
	var answer struct {
		Data struct {
			Result []series
		}
	}
	err := ask(ctx, prometheus+"/api/v1/query?query="+url.QueryEscape(expr), &answer)
	return answer.Data.Result, err
}

package seeing

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// question is what a panel, or a rule, asks.
type question struct {
	where string // for people
	expr  string // of Prometheus; "": it asks the API
	api   apiQuestion
}

// apiQuestion is what a panel asks the service's API for, by the data source Infinity.
type apiQuestion struct {
	URL     string
	Root    string `json:"root_selector"`
	Columns []struct{ Selector, Type string }
}

// panelQuestions reads what the dashboards of a folder ask.
func panelQuestions(dir string) ([]question, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []question
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var board struct {
			Panels []struct {
				Type, Title string
				Targets     []struct {
					Expr string
					apiQuestion
				}
			}
		}
		if err := json.Unmarshal(text, &board); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, p := range board.Panels {
			if p.Type != "row" && len(p.Targets) == 0 {
				return nil, fmt.Errorf("%s: %q asks nothing", path, p.Title)
			}
			for i, t := range p.Targets {
				all = append(all, question{fmt.Sprintf("%s, %q, query %d", filepath.Base(path), p.Title, i+1), t.Expr, t.apiQuestion})
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no dashboard in " + dir)
	}
	return all, nil
}

// over puts a span where Grafana puts one that depends on what is shown.
func (q question) over(span string) string {
	return strings.ReplaceAll(q.expr, "$__rate_interval", span)
}

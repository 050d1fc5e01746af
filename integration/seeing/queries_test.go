package seeing

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"inventory/adapters/telemetry"
)

const dashboardsDir = "../../deploy/grafana"

// exported is what Prometheus has of a service, by metric: each label with its values, all that there may be where there are none.
type exported map[string]map[string][]string

// everything that a process exports, with what Prometheus adds, and what rules record.
func everything(t *testing.T) exported {
	t.Helper()
	m := telemetry.NewMetrics()
	all := exported{"up": {}}
	for _, d := range m.Described() {
		names := []string{d.Name}
		if d.Type == "histogram" {
			names = []string{d.Name + "_bucket", d.Name + "_sum", d.Name + "_count"}
		}
		for _, name := range names {
			labels := map[string][]string{}
			for label, values := range d.Labels {
				labels[label] = values
			}
			if strings.HasSuffix(name, "_bucket") {
				labels["le"] = nil
			}
			all[name] = labels
		}
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, line := range regexp.MustCompile(`(?m)^(?:go|process)_\w+`).FindAllString(w.Body.String(), -1) {
		all[line] = map[string][]string{}
	}
	for _, r := range ruleQuestions(t) {
		if r.records != "" {
			all[r.records] = map[string][]string{}
		}
	}
	for _, labels := range all { // the target's
		labels["instance"], labels["job"] = nil, nil
	}
	return all
}

type ruleQuestion struct {
	question
	records string
}

// ruleQuestions reads what alerts and recording rules ask.
func ruleQuestions(t *testing.T) (all []ruleQuestion) {
	t.Helper()
	for _, file := range files(t, alertsDir, "*.yaml") {
		text, err := os.ReadFile(filepath.Join(alertsDir, file))
		if err != nil {
			t.Fatal(err)
		}
		var rules struct {
			Groups []struct {
				Rules []struct{ Alert, Record, Expr string }
			}
		}
		if err := yaml.Unmarshal(text, &rules); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, g := range rules.Groups {
			for _, r := range g.Rules {
				all = append(all, ruleQuestion{question{where: file + ", " + r.Alert + r.Record, expr: r.Expr}, r.Record})
			}
		}
	}
	return all
}

func TestWhatDashboardsAndAlertsAskForIsExported(t *testing.T) {
	st, known := prometheus(t), everything(t)
	asked, err := panelQuestions(dashboardsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ruleQuestions(t) {
		asked = append(asked, r.question)
	}
	for _, q := range asked {
		if q.expr == "" {
			continue
		}
		parsed, err := parse(t.Context(), st.PrometheusURL(), q.over("5m"))
		if err != nil {
			t.Errorf("%s: %v", q.where, err)
			continue
		}
		for _, fault := range known.faults(parsed) {
			t.Errorf("%s: %s\n\t%s", q.where, fault, q.expr)
		}
	}
}

func TestAQueryOfWhatIsNotExportedIsFound(t *testing.T) {
	st, known := prometheus(t), everything(t)
	for expr, says := range map[string]string{
		`rate(inventory_reservations_total[5m])`:                                  "no metric inventory_reservations_total",
		`inventory_reserve_latency_seconds`:                                       "no metric inventory_reserve_latency_seconds",
		`sum by (sku) (inventory_ledgers_owned)`:                                  "no label sku",
		`inventory_commits_total{result="unknown"}`:                               "no label result",
		`inventory_commits_total{outcome="unclear"}`:                              "no value unclear",
		`inventory_commits_total{outcome=~"unknown|lost"}`:                        "no value lost",
		`inventory_role_info * on (pod) group_left () process_open_fds`:           "no label pod",
		`inventory_role_info * on (instance) group_left (zone) process_open_fds`:  "no label zone",
		`histogram_quantile(0.9, sum by (le) (inventory_commit_seconds_buckets))`: "no metric inventory_commit_seconds_buckets",
	} {
		parsed, err := parse(t.Context(), st.PrometheusURL(), expr)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		if faults := known.faults(parsed); !slices.ContainsFunc(faults, func(f string) bool { return strings.Contains(f, says) }) {
			t.Errorf("%s: expected %q, found %q", expr, says, faults)
		}
	}
	if _, err := parse(t.Context(), st.PrometheusURL(), `sum by inventory_ledgers_owned`); err == nil {
		t.Error("nonsense is parsed")
	}
}

// faults names the metrics and labels of a query that there are not.
func (known exported) faults(query *node) (faults []string) {
	labels := map[string]bool{} // of any metric in it
	query.walk(func(n *node) {
		for label := range known[n.Name] {
			labels[label] = true
		}
	})
	query.walk(func(n *node) {
		if n.Type == "vectorSelector" || n.Type == "matrixSelector" {
			faults = append(faults, known.selectorFaults(n)...)
		}
		named := slices.Clone(n.Grouping)
		if n.Matching != nil {
			named = append(append(named, n.Matching.Labels...), n.Matching.Include...)
		}
		for _, label := range named {
			if !labels[label] {
				faults = append(faults, "no label "+label)
			}
		}
	})
	return faults
}

func (known exported) selectorFaults(n *node) (faults []string) {
	labels, ok := known[n.Name]
	if !ok {
		return []string{"no metric " + n.Name}
	}
	for _, m := range n.Matchers {
		values, ok := labels[m.Name]
		switch {
		case m.Name == "__name__":
		case !ok:
			faults = append(faults, "no label "+m.Name+" of "+n.Name)
		case values != nil:
			for _, value := range alternatives(m.Type, m.Value) {
				if !slices.ContainsFunc(values, func(v string) bool { return regexp.MustCompile("^(?:" + value + ")$").MatchString(v) }) {
					faults = append(faults, "no value "+value+" of "+n.Name+"'s "+m.Name)
				}
			}
		}
	}
	return faults
}

// alternatives are the values, or patterns of values, that a matcher names.
func alternatives(kind, value string) []string {
	if strings.HasSuffix(kind, "~") {
		return strings.Split(value, "|")
	}
	return []string{regexp.QuoteMeta(value)}
}

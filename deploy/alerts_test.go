package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type alert struct {
	Name        string `yaml:"alert"`
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

// rulesIn reads the alerts of a file.
func rulesIn(t *testing.T, path string) (alerts []alert) {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alert
		}
	}
	readYAML(t, path, &file)
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Name != "" {
				alerts = append(alerts, r)
			}
		}
	}
	return alerts
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// alertFiles are the files of rules, as Prometheus' rule_files would find them.
func alertFiles(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("alerts/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no alerts: %v", err)
	}
	return paths
}

// A person who is woken up finds what to look at, and what to do.
func TestEachAlertSaysWhatIsWrongWhereToLookAndWhatToDo(t *testing.T) {
	for _, path := range alertFiles(t) {
		for _, a := range rulesIn(t, path) {
			if severity := a.Labels["severity"]; severity != "page" && severity != "ticket" {
				t.Errorf("%s: severity %q: expected page or ticket", a.Name, severity)
			}
			if a.Annotations["summary"] == "" {
				t.Errorf("%s: no summary", a.Name)
			}
			if want := "docs/runbooks/" + a.Name + ".md"; a.Annotations["runbook"] != want {
				t.Errorf("%s: runbook %q, expected %s", a.Name, a.Annotations["runbook"], want)
			}
			dashboard := strings.TrimPrefix(a.Annotations["dashboard"], "/d/inventory-")
			if _, err := os.Stat("grafana/" + dashboard + ".json"); err != nil {
				t.Errorf("%s: dashboard %q: %v", a.Name, a.Annotations["dashboard"], err)
			}
		}
	}
}

// runbookParts are what a page has, in this order.
var runbookParts = []string{"**Symptom.**", "**It means.**", "## Check", "```sh\n", "## Do", "## Proof"}

func TestEachAlertHasARunbookAndEachRunbookOfAnAlertHasOne(t *testing.T) {
	runbooks := map[string]bool{}
	pages, err := filepath.Glob("../docs/runbooks/Inventory*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		runbooks[strings.TrimSuffix(filepath.Base(page), ".md")] = false
	}
	for _, path := range alertFiles(t) {
		for _, a := range rulesIn(t, path) {
			if _, ok := runbooks[a.Name]; !ok {
				t.Errorf("%s has no docs/runbooks/%s.md", a.Name, a.Name)
				continue
			}
			runbooks[a.Name] = true
		}
	}
	for name, of := range runbooks {
		if !of {
			t.Errorf("docs/runbooks/%s.md is of no alert", name)
		}
		checkRunbook(t, name)
	}
}

// linked are pages that a runbook names.
var linked = regexp.MustCompile("`([A-Za-z-]+\\.md)`")

func checkRunbook(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile("../docs/runbooks/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	last := 0
	for _, part := range append([]string{"# " + name + ": "}, runbookParts...) {
		at := strings.Index(page[last:], part)
		if at < 0 {
			t.Errorf("%s: no %q where it should be", name, part)
			continue
		}
		last += at
	}
	for _, link := range linked.FindAllStringSubmatch(page, -1) {
		_, here := os.Stat("../docs/runbooks/" + link[1])
		_, above := os.Stat("../docs/" + link[1])
		if err := errors.Join(here, above); here != nil && above != nil {
			t.Errorf("%s names %s: %v", name, link[1], err)
		}
	}
}

// integration/seeing runs these tests with Prometheus' own promtool.
func TestEachAlertIsTestedFiringAndQuiet(t *testing.T) {
	for _, path := range alertFiles(t) {
		var file struct {
			Tests []struct {
				Checks []struct {
					Name string `yaml:"alertname"`
					Exp  []struct {
						Labels map[string]string `yaml:"exp_labels"`
					} `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		readYAML(t, filepath.Join("alerts", "tests", filepath.Base(path)), &file)
		seen := map[string][]string{}
		for _, one := range file.Tests {
			for _, c := range one.Checks {
				if len(c.Exp) == 0 {
					seen[c.Name] = append(seen[c.Name], "quiet")
				}
				for _, e := range c.Exp {
					seen[c.Name] = append(seen[c.Name], e.Labels["severity"])
				}
			}
		}
		for _, a := range rulesIn(t, path) {
			for _, want := range []string{a.Labels["severity"], "quiet"} {
				if !slices.Contains(seen[a.Name], want) {
					t.Errorf("alerts/tests/%s: %s is never %s", filepath.Base(path), a.Name, want)
				}
			}
		}
	}
}

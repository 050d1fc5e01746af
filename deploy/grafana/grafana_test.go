package grafana

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the dashboards anew")

func TestDashboardsAreWhatTheCodeSays(t *testing.T) {
	made, err := Dashboards()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range made {
		if *update {
			if err := os.WriteFile(name, text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := os.ReadFile(name)
		if err != nil || string(kept) != string(text) {
			t.Errorf("%s is not what the code says (%v): go test ./deploy/grafana -update", name, err)
		}
	}
	files, err := filepath.Glob("*.json")
	if err != nil || len(files) != len(made) {
		t.Errorf("%d dashboards are made, and %q are kept: %v", len(made), files, err)
	}
}

func TestEachPanelSaysHowToReadItAndHasATitleOfItsOwn(t *testing.T) {
	for _, b := range all() {
		titles := map[string]bool{}
		for _, r := range b.rows {
			for _, p := range r.panels {
				if p.about == "" || len(p.queries) == 0 || titles[p.title] {
					t.Errorf("%s: %q: expected a title of its own, queries, and how to read it", b.name, p.title)
				}
				titles[p.title] = true
			}
		}
	}
}

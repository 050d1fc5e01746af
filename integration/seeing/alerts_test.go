package seeing

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inventory/integration/stack"
)

const alertsDir = "../../deploy/alerts"

// promtool runs a command of Prometheus' own tool in a folder: what it says, and whether it finds fault.
func promtool(t *testing.T, dir string, args ...string) (said string, faulty bool) {
	t.Helper()
	programs, err := stack.PrometheusPrograms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(programs, "promtool"), args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err != nil
}

// files are those of a folder, from within it.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s in %s: found %d, %v", pattern, dir, len(paths), err)
	}
	for i, path := range paths {
		if paths[i], err = filepath.Rel(dir, path); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func TestAlertsAreAsTheyShouldBeAndFireOnWhatTheyAreFor(t *testing.T) {
	for _, args := range [][]string{
		append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files(t, alertsDir, "*.yaml")...),
		append([]string{"test", "rules"}, files(t, alertsDir, "tests/*.yaml")...),
	} {
		if said, faulty := promtool(t, alertsDir, args...); faulty {
			t.Errorf("promtool %s:\n%s", strings.Join(args[:2], " "), said)
		}
	}
}

func TestAnAlertThatFiresTooLateOrCannotBeReadIsFound(t *testing.T) {
	for _, c := range []struct {
		file, old, changed string
		args               []string
	}{
		{"ledgers.yaml", "> 2000", "> 4000", []string{"test", "rules", "tests/ledgers.yaml"}},
		{"reserve.yaml", "* 0.001", "* 0.1", []string{"test", "rules", "tests/reserve.yaml"}},
		{"holds.yaml", "for: 10m", "for: 10h", []string{"test", "rules", "tests/holds.yaml"}},
		{"kafka.yaml", "max by (topic, code)", "max bye (topic, code)", []string{"check", "rules", "kafka.yaml"}},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(alertsDir)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, c.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.ReplaceAll(string(text), c.old, c.changed)
		if broken == string(text) {
			t.Fatalf("%s has no %q", c.file, c.old)
		}
		if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if said, faulty := promtool(t, dir, c.args...); !faulty {
			t.Errorf("%s with %q: no fault is found:\n%s", c.file, c.changed, said)
		}
	}
}

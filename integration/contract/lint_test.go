package contract

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inventory/integration/stack"
)

var (
	//go:embed package.json
	npmPackage []byte
	//go:embed package-lock.json
	npmLock []byte
)

// linters returns the folder with the linters' commands, which npm fills once for each lock file.
func linters(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	dir, err := stack.CachedModules(ctx, "contract-lint", npmPackage, npmLock)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "node_modules", ".bin")
}

// linter is a command that looks at a document.
type linter struct {
	name string
	args []string
	of   []string // documents
	// fault changes a document so that the linter has to see it, and says how it names it.
	fault func(document string) (broken, rule string)
}

var documentLinters = []linter{
	{
		"spectral",
		[]string{"lint", "--ruleset=spectral.yaml", "--fail-severity=warn", "--quiet"},
		[]string{openAPI, asyncAPI},
		func(document string) (string, string) {
			if strings.HasPrefix(document, "asyncapi:") || strings.Contains(document, "\nasyncapi: ") {
				return strings.Replace(document, "action: send", "action: shout", 1), "asyncapi-3-document-resolved"
			}
			return strings.Replace(document, "operationId: release", "operationId: reserve", 1), "operation-operationId-unique"
		},
	},
	{
		"redocly",
		[]string{"lint", "--config=redocly.yaml"},
		[]string{openAPI},
		func(document string) (string, string) {
			return strings.Replace(document, "operationId: release", "operationId: reserve", 1), "operation-operationId-unique"
		},
	},
}

// run gives what the linter says, and whether it finds fault.
func (l linter) run(t *testing.T, bin, document string) (said string, faulty bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, l.name), append(l.args, document)...)
	cmd.Env = append(os.Environ(), "REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", l.name, err)
	}
	return string(out), err != nil
}

func TestTheUsualLintersFindNoFaultWithTheDocuments(t *testing.T) {
	bin := linters(t)
	for _, l := range documentLinters {
		for _, document := range l.of {
			if said, faulty := l.run(t, bin, document); faulty {
				t.Errorf("%s finds fault with %s:\n%s", l.name, document, said)
			}
		}
	}
}

func TestTheLintersFindAFaultThatIsThere(t *testing.T) {
	bin := linters(t)
	for _, l := range documentLinters {
		for _, document := range l.of {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			broken, rule := l.fault(string(text))
			if broken == string(text) {
				t.Fatalf("%s: the fault for %s is not one: the document does not have what it changes", document, l.name)
			}
			path := filepath.Join(t.TempDir(), filepath.Base(document))
			if err := os.WriteFile(path, []byte(broken), 0o600); err != nil {
				t.Fatal(err)
			}
			if said, faulty := l.run(t, bin, path); !faulty || !strings.Contains(said, rule) {
				t.Errorf("%s does not find %s in a broken %s (found fault: %t):\n%s", l.name, rule, document, faulty, said)
			}
		}
	}
}

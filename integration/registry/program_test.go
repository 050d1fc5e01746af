package registry_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"inventory/adapters/embedded"
	"inventory/integration/service"
)

// folder is this package's own until all tests have ended.
var folder string

// program builds the product once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(folder, "inventory")
	return path, service.Build(path)
})

// registries runs a test on each registry that the product meets.
func registries(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("of the stack", func(t *testing.T) { test(t, server.RegistryURL()) })
	t.Run("embedded", func(t *testing.T) {
		r, err := embedded.StartRegistry(t.Context(), embedded.RegistryConfig{Addr: "127.0.0.1:0", DataDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			http.DefaultClient.CloseIdleConnections()
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, r.URL())
	})
}

// caller runs commands on schemas as people do.
type caller struct {
	flags []string // of all commands
	env   []string
}

// ends runs one that ends with an exit code, and gives what it says.
func (c caller) ends(t *testing.T, exit int, args ...string) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	// The first requests of a server that has just started take seconds.
	flags := append([]string{"schemas", args[0], "--registry-timeout=30s", "--timeout=60s"}, append(args[1:], c.flags...)...)
	command := exec.CommandContext(t.Context(), path, flags...)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH")}, c.env...)
	command.Dir = "../.." // where the README is read
	out, err := command.CombinedOutput()
	found := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		found = ended.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if found != exit {
		t.Errorf("%v: exit code %d, expected %d:\n%s", flags, found, exit, out)
	}
	return string(out)
}

func says(t *testing.T, said string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(said, text) {
			t.Errorf("expected %q in\n%s", text, said)
		}
	}
}

// send asks a registry as any client may.
func send(t *testing.T, method, url, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var said bytes.Buffer
	if _, err := said.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s: %s %v", method, url, res.Status, said.String(), err)
	}
}

// write makes files, by path, in a folder of their own.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

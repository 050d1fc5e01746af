// Package registry_test proves schemas, codec and client against a real schema registry.
package registry_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/registry"
	"inventory/integration/stack"
)

var server *stack.Stack

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "registry-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// start takes the registry of the environment, or starts one.
func start() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	server, err = stack.FindOrStart(ctx, stack.Registry)
	return err
}

// open makes a client of the test's registry until the test ends.
func open(t *testing.T) *registry.Client {
	t.Helper()
	// The first requests of a server that has just started take seconds.
	c, err := registry.New(registry.Config{URL: server.RegistryURL(), Timeout: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var prefixes atomic.Int64

// prefix gives a test subjects of its own, in whatever registry it meets.
func prefix(t *testing.T) string {
	name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	return fmt.Sprintf("%s-%d-%d.", name, time.Now().UnixNano(), prefixes.Add(1))
}

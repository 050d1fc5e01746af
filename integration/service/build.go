package service

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// Programs builds the program once, in a folder: as it is delivered and, where there is a C
// compiler, with the race detector.
type Programs struct {
	Dir string

	once  sync.Once
	paths []string
	err   error
}

// Paths returns the programs; tests take them in turn.
func (p *Programs) Paths() ([]string, error) {
	p.once.Do(func() { p.paths, p.err = p.build() })
	return p.paths, p.err
}

func (p *Programs) build() ([]string, error) {
	delivered := filepath.Join(p.Dir, "inventory")
	if err := Build(delivered); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		return []string{delivered}, nil
	}
	raced := filepath.Join(p.Dir, "inventory-race")
	if err := build(raced, "CGO_ENABLED=1", "-race"); err != nil {
		return nil, err
	}
	return []string{delivered, raced}, nil
}

// Build builds the program as it is delivered, at a path.
func Build(path string) error { return build(path, "CGO_ENABLED=0") }

func build(path, env string, flags ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), "inventory/cmd/inventory")...)
	cmd.Env = append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return nil
}

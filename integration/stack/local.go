package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// EnvFile is the file, in the folder of Up, with the running servers' variables as a shell reads them.
const EnvFile = "stack.env"

// Up starts servers that outlive this process, each in a folder of its name below dir, and returns when they answer. What
// runs there already is left as it is; what doesn't starts with no data. After an error, what this call started is gone.
func (s Settings) Up(ctx context.Context, dir string, want ...Service) error {
	dir, unlock, err := lockDir(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	running, err := readRecords(dir)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(want), func(service Service) bool {
		_, runs := running[service]
		return runs
	})
	near := newStack()
	for service, r := range running {
		near.add(&server{program: programs[service], layout: r.Layout})
	}
	servers, err := s.newServers(ctx, dir, missing, near.variables)
	if err != nil {
		return err
	}
	if err := startDetached(ctx, servers); err != nil {
		return err
	}
	return describe(ctx, dir, s.progress())
}

func startDetached(ctx context.Context, servers map[Service]*server) error {
	for _, srv := range servers {
		srv.detached = true
	}
	err := startAll(ctx, servers)
	if err == nil {
		return nil
	}
	errs := []error{err}
	for _, srv := range servers {
		errs = append(errs, srv.process.kill())
	}
	return errors.Join(errs...)
}

// describe writes the file of variables and tells people what runs. A server that doesn't answer is an error.
func describe(ctx context.Context, dir string, progress io.Writer) error {
	running, err := readRecords(dir)
	if err != nil {
		return err
	}
	st := newStack()
	var memory int64
	for _, service := range Services() {
		r, ok := running[service]
		if !ok {
			continue
		}
		srv := &server{service: service, program: programs[service], layout: r.Layout}
		if err := srv.ask(ctx); err != nil {
			return srv.withLog(fmt.Errorf("process %d runs but doesn't answer, down ends it: %w", r.PID, err))
		}
		st.add(srv)
		resident := residentMiB(r.PID)
		memory += resident
		fmt.Fprintf(progress, "%s is up at %s (process %d, %d MiB, log %s)\n", service, r.Layout.address(), r.PID, resident, r.Layout.log())
	}
	fmt.Fprintf(progress, "memory of all: %d MiB\n", memory)
	file := filepath.Join(dir, EnvFile)
	fmt.Fprintf(progress, "where they are: %s\n", file)
	return os.WriteFile(file, []byte(strings.Join(st.Env(), "\n")+"\n"), 0o644)
}

// Running returns the servers that Up started in dir, false unless all that are wanted still run. Who asks doesn't own
// them, as with FromEnv.
func Running(dir string, want ...Service) (*Stack, bool, error) {
	running, err := readRecords(dir)
	if err != nil {
		return nil, false, err
	}
	st := newStack()
	for _, service := range want {
		r, ok := running[service]
		if !ok {
			return nil, false, nil
		}
		st.add(&server{program: programs[service], layout: r.Layout})
	}
	return st, true, nil
}

// Down ends the servers that Up started in dir and removes their data; their logs stay.
func Down(ctx context.Context, dir string, progress io.Writer) error {
	dir, unlock, err := lockDir(ctx, dir)
	if err != nil {
		return err
	}
	defer unlock()
	running, err := readRecords(dir)
	if err != nil {
		return err
	}
	if len(running) == 0 {
		fmt.Fprintln(progress, "nothing is up")
	}
	// All are asked before the first is waited for: together they take as long as the slowest.
	for _, r := range running {
		if err := r.signal(syscall.SIGTERM); err != nil {
			return err
		}
	}
	for service, r := range running {
		if err := errors.Join(r.end(stopGrace), os.RemoveAll(r.Layout.data())); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		fmt.Fprintf(progress, "%s has ended (log %s)\n", service, r.Layout.log())
	}
	if err := os.Remove(filepath.Join(dir, EnvFile)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// lockDir makes dir and lets one process at a time start or end servers in it.
func lockDir(ctx context.Context, dir string) (abs string, unlock func(), err error) {
	if abs, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return "", nil, err
	}
	unlock, err = lockFile(ctx, filepath.Join(abs, "lock"))
	return abs, unlock, err
}

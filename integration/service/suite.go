package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"inventory/integration/stack"
)

// startTimeout bounds the start of servers, which may have to be fetched first.
const startTimeout = 10 * time.Minute

// Suite is what the tests of a package share: the programs, and servers.
type Suite struct {
	name     string
	tests    *testing.M
	programs Programs

	mu     sync.Mutex
	shared *stack.Stack
	kept   []*stack.Stack
}

// NewSuite returns the suite of a package, whose name shows in the names of folders and
// keyspaces.
func NewSuite(name string) *Suite { return &Suite{name: name} }

// Of gives the suite its tests; it is a goleak.TestingM then.
func (s *Suite) Of(m *testing.M) *Suite {
	s.tests = m
	return s
}

// Run implements goleak.TestingM: it runs the tests, and removes what they shared.
func (s *Suite) Run() (code int) {
	var err error
	if s.programs.Dir, err = os.MkdirTemp("", "inventory-"+s.name+"-"); err == nil {
		code = s.tests.Run()
		err = errors.Join(s.stopStacks(), os.RemoveAll(s.programs.Dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

func (s *Suite) stopStacks() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.kept {
		errs = append(errs, st.Stop(), os.RemoveAll(st.Dir()))
	}
	return errors.Join(errs...)
}

// StartStack starts servers that are the tests' own.
func (s *Suite) StartStack(t testing.TB, want ...stack.Service) *stack.Stack {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keep(t, stack.Start, want...)
}

// Stack has the servers that the service needs: those that the environment names, or some of the tests' own.
func (s *Suite) Stack(t testing.TB) *stack.Stack {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shared == nil {
		s.shared = s.keep(t, stack.FindOrStart, stack.Core()...)
	}
	return s.shared
}

// keep finds or starts servers, which end with the suite where it started them.
func (s *Suite) keep(t testing.TB, get func(context.Context, ...stack.Service) (*stack.Stack, error), want ...stack.Service) *stack.Stack {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	st, err := get(ctx, want...)
	if err != nil {
		t.Fatal(err)
	}
	s.kept = append(s.kept, st)
	return st
}

// program is the nth one to run: as it is delivered, or with the race detector.
func (s *Suite) program(t testing.TB, n int) string {
	t.Helper()
	paths, err := s.programs.Paths()
	if err != nil {
		t.Fatal(err)
	}
	return paths[n%len(paths)]
}

package porttest

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"

	"inventory/domain/ledger"
	"inventory/ports"
)

// racers is how many goroutines race in a one-winner test.
const racers = 20

// maxTries bounds how often an idempotent call is made again until its outcome is known.
const maxTries = 100

// settle makes an idempotent call until its outcome is known: under contention a store
// may say that it does not know, or that the call may be made again.
func settle(call func() error) error {
	var err error
	for range maxTries {
		err = call()
		if class := ports.ClassOf(err); class != ports.Unknown && class != ports.Transient {
			return err
		}
	}
	return fmt.Errorf("not settled after %d tries: %w", maxTries, err)
}

// must fails the test unless an idempotent call succeeds.
func must(t *testing.T, what string, call func() error) {
	t.Helper()
	if err := settle(call); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// mustFail fails the test unless a call ends with the error want.
func mustFail(t *testing.T, what string, want error, call func() error) {
	t.Helper()
	if err := settle(call); !errors.Is(err, want) {
		t.Fatalf("%s: got error %v, want %v", what, err, want)
	}
}

// race makes n calls at the same time, each until its outcome is known, and returns what
// they returned.
func race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = settle(func() error { return call(i) })
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWinner returns the only racer without an error; all others must have lost by a
// conflict.
func oneWinner(t *testing.T, errs []error) int {
	t.Helper()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Fatalf("racers %d and %d both won", winner, i)
		case err == nil:
			winner = i
		case !errors.Is(err, ports.ErrConflict):
			t.Fatalf("racer %d: got error %v, want %v", i, err, ports.ErrConflict)
		}
	}
	if winner < 0 {
		t.Fatal("nobody won")
	}
	return winner
}

// newUUID returns an id that nothing else in the store has.
func newUUID() ledger.UUID {
	var u ledger.UUID
	rand.Read(u[:])
	return u
}

// unique returns a name that nothing else in the store has, so that a suite can run again
// and again on the same database.
func unique(prefix string) string {
	u := newUUID()
	return prefix + "-" + hex.EncodeToString(u[:8])
}

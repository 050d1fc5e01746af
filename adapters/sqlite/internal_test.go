package sqlite

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/ports/porttest"
)

var now = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)

const id = ledger.ID("stock/W/0")

func openStore(t *testing.T, dir string, opts Options) *Store {
	t.Helper()
	if opts.Clock == nil {
		opts.Clock = porttest.NewClock(now)
	}
	s, err := Open(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func want(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func (s *Store) mustTakeOver(t *testing.T) ports.Head {
	t.Helper()
	head, err := s.Head(t.Context(), id)
	want(t, err, nil)
	head, err = s.TakeOver(t.Context(), id, "a", head)
	want(t, err, nil)
	return head
}

func entry(epoch, version int64, body []byte) ports.Commit {
	r := &ports.Record{Version: version, Commit: ledger.UUID{byte(version)}, Body: body}
	return ports.Commit{Epoch: epoch, Version: version - 1, Lease: version, Entry: r}
}

func (s *Store) wantVersion(t *testing.T, version int64) {
	t.Helper()
	if head, err := s.Head(t.Context(), id); err != nil || head.Version != version {
		t.Fatalf("version is %d, error %v; want %d", head.Version, err, version)
	}
}

// hold keeps the writer busy until release is called, so that what is written meanwhile
// is one batch.
func (s *Store) hold(t *testing.T) (release func()) {
	t.Helper()
	held, released := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.writer.do(context.Background(), maxBatchBytes, func(*session) error {
			close(held)
			<-released
			return nil
		})
	}()
	<-held
	return func() { close(released) }
}

// together starts writes that all become part of one transaction, in this order.
func (s *Store) together(t *testing.T, writes ...func(context.Context) error) []error {
	t.Helper()
	release := s.hold(t)
	answers := make([]chan error, len(writes))
	for i, write := range writes {
		answers[i] = make(chan error, 1)
		go func() { answers[i] <- write(t.Context()) }()
		s.writer.waitQueued(i + 1)
	}
	release()
	errs := make([]error, len(writes))
	for i, a := range answers {
		errs[i] = <-a
	}
	return errs
}

// waitQueued returns once n jobs wait.
func (w *writer) waitQueued(n int) {
	for {
		w.mu.Lock()
		queued := len(w.queue)
		w.mu.Unlock()
		if queued >= n {
			return
		}
		runtime.Gosched()
	}
}

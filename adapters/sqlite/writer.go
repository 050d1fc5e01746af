package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"inventory/ports"
)

// Limits of one transaction: with more, those who wait for it would wait too long.
const (
	maxBatchJobs  = 512
	maxBatchBytes = 4 << 20 // of bodies and rows, about
)

// writer runs all writes of a store, in the order in which they come, in one goroutine.
type writer struct {
	db      *sql.DB // of one connection
	session *session
	commit  func(*session) error // (*session).commit, but for tests

	mu      sync.Mutex // guards queue and closed
	queue   []*job
	closed  bool
	wake    chan struct{} // holds a token when queue or closed has changed
	stopped chan struct{}
}

// job is one write that somebody waits for.
type job struct {
	ctx   context.Context
	bytes int                  // about what it writes, for maxBatchBytes
	run   func(*session) error // makes its statements; an error undoes them
	done  chan error           // takes one answer
}

func newWriter(path string, busy time.Duration) *writer {
	return &writer{
		db: open(path, busy, 1, writerPragmas), commit: (*session).commit,
		wake: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
}

// do has run made within a transaction and returns when that is durable, with run's
// error where its statements were undone. Where ctx ends first the outcome is unknown.
func (w *writer) do(ctx context.Context, bytes int, run func(*session) error) error {
	j := &job{ctx: ctx, bytes: bytes, run: run, done: make(chan error, 1)}
	if err := w.put(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ports.ErrUnknown, ctx.Err())
	}
}

// ask is do for a run that gives something, also beside an error of its own.
func ask[T any](ctx context.Context, w *writer, bytes int, run func(*session) (T, error)) (T, error) {
	gave := make(chan T, 1)
	err := w.do(ctx, bytes, func(s *session) error {
		got, err := run(s)
		gave <- got
		return err
	})
	var got T
	select {
	case got = <-gave:
	default: // it did not come to run, or is not over
	}
	return got, err
}

func (w *writer) put(j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return fmt.Errorf("%w: the store is closed", ports.ErrPermanent)
	}
	w.queue = append(w.queue, j)
	w.poke()
	return nil
}

// poke wakes the loop; w.mu is held.
func (w *writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// start begins the loop; until then nothing else may use the writer's connection.
func (w *writer) start() { go w.loop() }

// close lets the loop finish what waits.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.poke()
	w.mu.Unlock()
	<-w.stopped
	return w.db.Close()
}

func (w *writer) loop() {
	defer close(w.stopped)
	defer w.dropSession()
	for {
		batch, closed := w.take()
		switch {
		case len(batch) > 0:
			w.write(batch)
		case closed:
			return
		default:
			<-w.wake
		}
	}
}

// take returns the jobs that wait, up to the limits of a transaction.
func (w *writer) take() (batch []*job, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, bytes := 0, 0
	for n < len(w.queue) && n < maxBatchJobs && (n == 0 || bytes+w.queue[n].bytes <= maxBatchBytes) {
		bytes += w.queue[n].bytes
		n++
	}
	batch = w.queue[:n:n]
	w.queue = w.queue[n:]
	return batch, w.closed
}

// write makes one transaction of a batch and answers each job.
func (w *writer) write(batch []*job) {
	answers := make([]error, len(batch))
	if err := w.transaction(batch, answers); err != nil {
		w.dropSession()
		for i := range answers {
			answers[i] = err
		}
	}
	for i, j := range batch {
		j.done <- answers[i]
	}
}

// transaction runs the jobs of a batch and commits them. Its error is every job's: the
// transaction is gone, or nobody knows.
func (w *writer) transaction(batch []*job, answers []error) error {
	s, err := w.openSession()
	if err != nil {
		return classify(err)
	}
	if err := s.begin(); err != nil {
		return classify(err)
	}
	for i, j := range batch {
		if answers[i], err = s.savepoint(j); err != nil {
			// Not committed, and never will be: the session is dropped. The class of what went
			// wrong is not that of the other jobs, so only its words are passed on.
			return fmt.Errorf("%w: the transaction that this write was part of was rolled back: %s", ports.ErrTransient, err.Error())
		}
	}
	if err := w.commit(s); err != nil {
		return fmt.Errorf("%w: commit: %w", ports.ErrUnknown, err)
	}
	return nil
}

// openSession returns the session, a new one after a failure.
func (w *writer) openSession() (*session, error) {
	if w.session != nil {
		return w.session, nil
	}
	conn, err := w.db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	w.session = newSession(conn)
	return w.session, nil
}

// dropSession closes the connection, and with it whatever transaction is open.
func (w *writer) dropSession() {
	if w.session == nil {
		return
	}
	w.session.drop()
	w.session = nil
}

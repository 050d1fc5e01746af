package avro

import (
	"context"
	"errors"
	"sync"
	"time"

	"inventory/ports"
)

// How the registry is spared.
const (
	mostAsking    = 4                // questions under way at once
	holdRefusal   = 10 * time.Second // a "no" is believed so long: the schema may be registered meanwhile
	holdTransient = time.Second      // a registry that can't be asked is left alone so long
	mostFailures  = 4096             // remembered
)

// asking makes one question of equal ones that come at the same time, and remembers for a
// while what failed. What succeeded is for the caller to remember.
type asking[K comparable, V any] struct {
	slots   chan struct{} // shared by all that ask the same registry
	mu      sync.Mutex
	running map[K]*question[V]
	failed  map[K]failure
}

// question is one that is under way: answer and err are set before done is closed.
type question[V any] struct {
	done      chan struct{}
	answer    V
	err       error
	abandoned bool // its asker's context ended: it says nothing to others
}

type failure struct {
	err   error
	until time.Time
}

func newAsking[K comparable, V any](slots chan struct{}) *asking[K, V] {
	return &asking[K, V]{slots: slots, running: make(map[K]*question[V]), failed: make(map[K]failure)}
}

// do answers a question: with the failure that is remembered, or with what another caller
// is told, or by ask, which runs in the first caller's context.
func (a *asking[K, V]) do(ctx context.Context, key K, ask func() (V, error)) (V, error) {
	for {
		q, mine, err := a.enter(key)
		if err != nil {
			return *new(V), err
		}
		if mine {
			a.run(ctx, key, q, ask)
			return q.answer, q.err
		}
		select {
		case <-q.done:
			if !q.abandoned {
				return q.answer, q.err
			}
		case <-ctx.Done():
			return *new(V), ctx.Err()
		}
	}
}

// enter gives the question under way, or a new one that is the caller's to run.
func (a *asking[K, V]) enter(key K) (q *question[V], mine bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f, ok := a.failed[key]; ok {
		if time.Now().Before(f.until) {
			return nil, false, f.err
		}
		delete(a.failed, key)
	}
	if q, ok := a.running[key]; ok {
		return q, false, nil
	}
	q = &question[V]{done: make(chan struct{})}
	a.running[key] = q
	return q, true, nil
}

func (a *asking[K, V]) run(ctx context.Context, key K, q *question[V], ask func() (V, error)) {
	q.abandoned = true // should ask panic, others ask for themselves
	defer a.leave(key, q)
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		q.err = ctx.Err()
		return
	}
	q.answer, q.err = ask()
	q.abandoned = q.err != nil && ctx.Err() != nil
}

func (a *asking[K, V]) leave(key K, q *question[V]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, key)
	if q.err != nil && !q.abandoned {
		a.remember(key, q.err)
	}
	close(q.done)
}

// remember makes room when there are too many: forgetting one costs one question.
func (a *asking[K, V]) remember(key K, err error) {
	if len(a.failed) >= mostFailures {
		clear(a.failed)
	}
	hold := holdRefusal
	if errors.Is(err, ports.ErrTransient) {
		hold = holdTransient
	}
	a.failed[key] = failure{err: err, until: time.Now().Add(hold)}
}

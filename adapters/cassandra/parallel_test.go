package cassandra

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestAllAreCalledWithinTheRoom(t *testing.T) {
	room := make(chan struct{}, 3)
	var now, most, calls atomic.Int64
	err := each(t.Context(), room, 100, func(int) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		calls.Add(1)
		now.Add(-1)
		return nil
	})
	if err != nil || calls.Load() != 100 || most.Load() > 3 || len(room) != 0 {
		t.Errorf("%d calls, %d at once, %d places left taken, error %v", calls.Load(), most.Load(), len(room), err)
	}
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	room := make(chan struct{}, 1)
	broken := errors.New("broken")
	calls := 0
	err := each(t.Context(), room, 1000, func(int) error {
		calls++
		return broken
	})
	if !errors.Is(err, broken) || calls == 1000 || len(room) != 0 {
		t.Errorf("%d calls, error %v", calls, err)
	}
}

func TestACancelledContextEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	room := make(chan struct{}, 1)
	err := each(ctx, room, 1000, func(int) error {
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(room) != 0 {
		t.Errorf("error %v", err)
	}
}

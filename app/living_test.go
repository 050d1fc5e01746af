package app_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/domain/ledger"
	"inventory/ports"
)

// living is a store with another process behind it, that owns a ledger and shows signs of
// life right before each of the next take-overs of it.
type living struct {
	app.Store
	id    ledger.ID
	mu    sync.Mutex // guards all below
	head  ports.Head // of the ledger, as its owner knows it
	signs int        // still to come
	taken []time.Time
}

// newLiving makes the store, and its other process the owner.
func newLiving(t *testing.T, id ledger.ID, signs int) *living {
	t.Helper()
	l := &living{Store: memory.New(), id: id, signs: signs}
	var err error
	if l.head, err = l.Store.TakeOver(t.Context(), id, "the other", ports.Head{}); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *living) TakeOver(ctx context.Context, id ledger.ID, owner string, seen ports.Head) (ports.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == l.id && l.signs > 0 {
		l.signs--
		l.head.Lease++
		if err := l.Commit(ctx, id, ports.Commit{Epoch: l.head.Epoch, Version: l.head.Version, Lease: l.head.Lease}); err != nil {
			return ports.Head{}, err
		}
	}
	head, err := l.Store.TakeOver(ctx, id, owner, seen)
	if err == nil && id == l.id {
		l.taken = append(l.taken, time.Now())
	}
	return head, err
}

// Whoever is to take a ledger may be held up for long after it has seen that nothing moves.
func TestAnOwnerThatRenewsWhileAnotherIsHeldUpKeepsItsLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, store := time.Now(), newLiving(t, ledger.ReservationID("home", 0), 3)
		in := beginIn(t, store, app.Outside{})
		<-time.After(5 * time.Second)
		if err := in.Ready(t.Context()); err != nil {
			t.Errorf("the owner is dead by now, and nobody took over: %v", err)
		}
		if got := store.taken; len(got) != 1 || got[0].Sub(began) < 4*200*time.Millisecond/2 {
			t.Errorf("taken over at %v, expected once, half a lease after the third sign of life since %v", got, began)
		}
	})
}

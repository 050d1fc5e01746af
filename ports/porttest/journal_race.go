package porttest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"inventory/ports"
)

var journalRaces = map[string]func(*journalTest){
	"one of twenty takes over":                                raceTakeOver,
	"one of twenty commits a version":                         raceCommit,
	"an owner that renews or one that takes over wins":        raceTakeOverAndRenew,
	"many writers leave no gap and lose no entry":             raceAppend,
	"nothing of the old owner is applied after the take-over": raceTakeOverAndCommit,
	"a reader beside the owner sees a prefix":                 raceRead,
}

// handle returns the handle that racer i uses.
func (t *journalTest) handle(i int) JournalStore { return t.stores[i%len(t.stores)] }

func raceTakeOver(t *journalTest) {
	for range 3 {
		seen := t.head()
		heads := make([]ports.Head, racers)
		winner := oneWinner(t.T, race(racers, func(i int) (err error) {
			heads[i], err = t.handle(i).TakeOver(t.ctx, t.id, fmt.Sprintf("start %d after %d", i, seen.Epoch), seen)
			return err
		}))
		if heads[winner].Epoch <= seen.Epoch {
			t.Fatalf("the winner's epoch is %d, seen was %d", heads[winner].Epoch, seen.Epoch)
		}
		t.wantHead(heads[winner])
	}
}

// raceTakeOverAndRenew has an owner, that is thought dead, renew again and again while others
// take over by the head that it had before: one of these is the owner, or it still is.
func raceTakeOverAndRenew(t *journalTest) {
	for round := range 5 {
		a := t.takeOver(fmt.Sprintf("owner %d", round))
		renewal, heads := a.renewal(), make([]ports.Head, racers)
		errs := race(racers, func(i int) (err error) {
			if i%4 == 0 {
				return t.handle(i/4).Commit(t.ctx, t.id, renewal)
			}
			heads[i], err = t.handle(i).TakeOver(t.ctx, t.id, fmt.Sprintf("start %d in round %d", i, round), a.head)
			return err
		})
		for i := 4; i < racers; i += 4 { // the same write, so one racer to oneWinner
			if errors.Is(errs[i], ports.ErrConflict) != errors.Is(errs[0], ports.ErrConflict) {
				t.Fatalf("the renewal ended with %v, and made again with %v", errs[0], errs[i])
			}
			errs[i] = ports.ErrConflict
		}
		winner := oneWinner(t.T, errs)
		if winner == 0 {
			a.commit(renewal) // a repeat
			heads[winner] = a.head
		}
		t.wantHead(heads[winner])
	}
}

func raceCommit(t *journalTest) {
	a := t.takeOver("a")
	for range 3 {
		commits := make([]ports.Commit, racers)
		for i := range commits {
			commits[i] = a.next(fmt.Appendf(nil, "of racer %d", i))
		}
		winner := oneWinner(t.T, race(racers, func(i int) error {
			return t.handle(i).Commit(t.ctx, t.id, commits[i])
		}))
		a.commit(commits[winner]) // a repeat
		t.wantHead(a.head)
	}
	t.wantEntries(0, 3, a.wrote)
}

// raceAppend has writers that share an epoch append entries, each at the version that it
// believes to be the newest until that is so.
func raceAppend(t *journalTest) {
	const writers, each = 6, 4
	a := t.takeOver("a")
	var mu sync.Mutex
	wrote := map[int64]ports.Record{}
	for i, err := range race(writers, func(i int) error {
		s := &scribe{t: t, store: t.handle(i), head: a.head}
		for n := range each {
			r, err := s.appendRacing(fmt.Appendf(nil, "entry %d of writer %d", n, i))
			if err != nil {
				return err
			}
			mu.Lock()
			wrote[r.Version] = r
			mu.Unlock()
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("writer %d: %v", i, err)
		}
	}
	var want []ports.Record
	for v := int64(1); v <= writers*each; v++ {
		want = append(want, wrote[v])
	}
	t.wantEntries(0, writers*each, want)
}

// appendRacing commits body at the first version that is free.
func (s *scribe) appendRacing(body []byte) (ports.Record, error) {
	c := s.next(body)
	for {
		err := settle(func() error { return s.store.Commit(s.t.ctx, s.t.id, c) })
		if err == nil {
			s.head.Version = c.Entry.Version
			return *c.Entry, nil
		}
		if !errors.Is(err, ports.ErrConflict) {
			return ports.Record{}, fmt.Errorf("%w: version %d: %s", errNotAConflict, c.Entry.Version, err.Error())
		}
		c.Version++
		c.Entry.Version++
	}
}

// errNotAConflict marks an error that settle must not take for one to try again.
var errNotAConflict = fmt.Errorf("a racing commit ended neither well nor as a conflict: %w", ports.ErrPermanent)

func raceTakeOverAndCommit(t *journalTest) {
	a := t.takeOver("a")
	a.append(1)
	var stop atomic.Bool
	done := make(chan error, 1)
	go func() {
		var err error
		for err == nil && !stop.Load() {
			c := a.next([]byte("a's"))
			c.Lease = a.head.Lease // no sign of life: else b would not get in
			if err = settle(func() error { return t.stores[1].Commit(t.ctx, t.id, c) }); err == nil {
				a.head.Version++
				a.wrote = append(a.wrote, *c.Entry)
			}
		}
		done <- err
	}()
	b := t.takeOver("b")
	seen := b.head.Version
	b.append(3)
	stop.Store(true)
	if err := <-done; err != nil && !errors.Is(err, ports.ErrConflict) {
		t.Fatalf("the old owner: got error %v, want %v", err, ports.ErrConflict)
	}
	if got := int64(len(a.wrote)); got != seen {
		t.Fatalf("the new owner saw %d entries, the old one wrote %d", seen, got)
	}
	t.wantHead(b.head)
	t.wantEntries(0, b.head.Version, append(a.wrote, b.wrote...))
}

func raceRead(t *journalTest) {
	const entries = 30
	a := t.takeOver("a")
	var stop atomic.Bool
	done := make(chan error, 1)
	go func() {
		for !stop.Load() {
			next := int64(1)
			err := settle(func() error {
				next = 1
				return t.stores[1].Entries(t.ctx, t.id, 0, entries, false, func(r ports.Record) error {
					if r.Version != next {
						return fmt.Errorf("%w: got entry %d, want %d", ports.ErrPermanent, r.Version, next)
					}
					next++
					return nil
				})
			})
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	a.append(entries)
	stop.Store(true)
	if err := <-done; err != nil {
		t.Fatalf("the reader: %v", err)
	}
}

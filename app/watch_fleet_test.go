package app_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"inventory/app"
	"inventory/app/watch"
	"inventory/domain/ledger"
	"inventory/domain/stock"
)

var watchSeed = flag.Uint64("watch-seed", 0, "seed of the watcher that is cut at random; 0: another one each time")

func TestAWatchGoesOnWhenItsLedgerMoves(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		id := ledger.StockID("W3", 0)
		owner := c.owners()[id]
		others := slices.DeleteFunc([]string{"a", "b", "c"}, func(name string) bool { return name == owner })
		in := c.members[others[0]].Inventory
		v := newWatcher(c)
		w := v.begin(in, "W3")
		defer w.End(nil)
		adjust(c, in, "W3", "A", 1, "before")
		v.drain(w, time.Second)
		c.crash(owner)
		pass(3 * fleetLease)
		if now := c.owners()[id]; now == owner || now == "" {
			c.Fatalf("%s is still at %q", id, now)
		}
		adjust(c, c.members[others[1]].Inventory, "W3", "A", 1, "after")
		v.drain(w, time.Second)
		v.equals(in, "W3", "A")
		if len(v.types) != 2 {
			c.Errorf("told of %v, expected two changes", v.types)
		}
	})
}

// Whoever is not the owner learns of a change from it, or by looking; both are quick.
func TestAWatchAtAnotherProcessIsNotFarBehind(t *testing.T) {
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		for name, h := range c.members {
			v := newWatcher(c)
			w := v.begin(h.Inventory, "W5")
			v.drain(w, time.Second)
			adjust(c, h.Inventory, "W5", "A", 1, name)
			began := time.Now()
			e, err := w.Next(c.Context())
			if took := time.Since(began); err != nil || e.Changes == nil || took > 250*time.Millisecond {
				c.Errorf("%s is told of %+v after %v, %v", name, e, took, err)
			}
			w.End(nil)
		}
	})
}

func TestAWatchThatCanNotReadTheJournalSaysHowOldItIs(t *testing.T) {
	crewed(t, []string{"a", "b"}, func(c *crew) {
		owner := c.members[c.owners()[ledger.StockID("W3", 0)]]
		other := c.members["a"]
		if owner == other {
			other = c.members["b"]
		}
		v := newWatcher(c)
		w := v.begin(other.Inventory, "W3")
		defer w.End(nil)
		v.drain(w, 20*time.Second)
		other.gate.blind.Store(true)
		pass(time.Second)
		blind := time.Now()
		adjust(c, owner.Inventory, "W3", "A", 1, "unseen")
		for range 3 {
			e, err := w.Next(c.Context())
			if err != nil || e.Changes != nil || !e.AsOf.Before(blind) {
				c.Fatalf("told of %+v, %v, and nothing was seen since %v", e, err, blind)
			}
		}
		other.gate.blind.Store(false)
		v.drain(w, time.Second)
		v.equals(owner.Inventory, "W3", "A")
	})
}

// troubled is a warehouse whose ledgers move while it is changed.
type troubled struct {
	*crew
	dice *rand.Rand
	skus []string
	mu   sync.Mutex // of members and dice
}

// any gives a member that runs.
func (s *troubled) any() *app.Inventory {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.members))
	return s.members[names[s.dice.IntN(len(names))]].Inventory
}

func (s *troubled) below(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dice.IntN(n)
}

// change changes stock until ctx ends, each time until it is done.
func (s *troubled) change(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		req := app.AdjustRequest{
			SKU: s.skus[s.below(len(s.skus))], WarehouseID: "X", Type: "RECEIPT", Quantity: int64(1 + s.below(9)), Actor: "test", Key: fmt.Sprint("n", n),
		}
		for {
			asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), fleetLease)
			_, err := s.any().Adjust(asked, req)
			cancel()
			if err == nil {
				break
			}
			if !app.Retryable(err) && !errors.Is(err, context.DeadlineExceeded) {
				s.Errorf("%+v: %v", req, err)
				return
			}
			<-time.After(10 * time.Millisecond)
		}
		<-time.After(time.Duration(s.below(30)) * time.Millisecond)
	}
}

// move makes ledgers move: a member ends, in good order or not, and begins again.
func (s *troubled) move() {
	s.mu.Lock()
	names := slices.Sorted(maps.Keys(s.members))
	name, down := names[s.dice.IntN(len(names))], time.Duration(s.dice.IntN(600))*time.Millisecond
	h, crash := s.members[name], s.dice.IntN(2) == 0
	delete(s.members, name)
	if crash {
		s.members[name] = h
		s.crash(name)
	}
	s.mu.Unlock()
	if !crash {
		h.stop()
	}
	<-time.After(down)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(name)
}

// watch watches for some events, and is cut.
func (s *troubled) watch(v *watcher) error {
	ctx, cancel := context.WithTimeout(s.Context(), time.Duration(1+s.below(400))*time.Millisecond)
	defer cancel()
	w, err := s.any().WatchStock(ctx, app.WatchRequest{WarehouseID: "X", From: v.revision})
	if err != nil {
		return err
	}
	defer w.End(nil)
	for range 1 + s.below(20) {
		e, err := w.Next(ctx)
		if err != nil {
			return err
		}
		v.take(e)
	}
	return nil
}

func TestAWatcherThatIsCutAHundredTimesWhileLedgersMoveMissesNothing(t *testing.T) {
	seed := *watchSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-watch-seed %d", seed)
	crewed(t, []string{"a", "b", "c"}, func(c *crew) {
		s := &troubled{crew: c, dice: rand.New(rand.NewPCG(seed, 1))}
		for n := range 12 {
			s.skus = append(s.skus, fmt.Sprint("S", n))
		}
		must(c.T)(nil, c.members["a"].PutWarehouse(c.Context(), stock.Warehouse{ID: "X", Region: "home", Ledgers: 3}))
		pass(2 * fleetLease)
		v, refused := newWatcher(c), 0
		v.drain(v.begin(s.any(), "X"), time.Second) // before the first change
		ctx, stop := context.WithCancel(c.Context())
		var changing sync.WaitGroup
		defer changing.Wait()
		defer stop()
		changing.Go(func() { s.change(ctx) })
		for cuts := range 102 {
			if cuts%9 == 8 {
				s.move()
			}
			if err := s.watch(v); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				refused++
				if errors.Is(err, watch.ErrOutOfRange) {
					c.Fatalf("from revision %s: %v", v.revision, err)
				}
			}
			if c.Failed() {
				return
			}
		}
		stop()
		changing.Wait()
		pass(5 * fleetLease)
		in := s.any()
		w := v.begin(in, "X")
		v.drain(w, time.Second)
		w.End(nil)
		v.equals(in, "X", s.skus...)
		var changes int64
		for _, l := range v.levels {
			changes += l.Seq
		}
		if len(v.types) < 100 || int64(len(v.types)) != changes {
			c.Errorf("%d changes were told of the %d that there are", len(v.types), changes)
		}
		c.Logf("%d changes told, watches that were refused or ended otherwise: %d", len(v.types), refused)
	})
}

package scan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/system"
	"inventory/app/scan"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errLater = errors.New("later")

func newRoom(set func(*scan.Config)) *scan.Room {
	cfg := scan.DefaultConfig()
	cfg.Again = time.Millisecond
	set(&cfg)
	return scan.NewRoom(cfg, system.Clock{}, func(err error) bool { return errors.Is(err, errLater) })
}

func enter(t *testing.T, r *scan.Room, lanes int) *scan.Client {
	t.Helper()
	c, err := r.Enter(t.Context(), lanes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ignored(error) {}

func TestTasksAboutTheSameAreDoneInTheirOrder(t *testing.T) {
	c := enter(t, newRoom(func(*scan.Config) {}), 16)
	var mu sync.Mutex
	done, tries := map[string][]int{}, 0
	for n := range 400 {
		about := fmt.Sprint("S", n%7)
		c.Take(scan.Task{About: about, Told: ignored, Do: func(context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			if tries++; tries%3 == 0 {
				return errLater
			}
			done[about] = append(done[about], n)
			return nil
		}})
	}
	c.Close()
	for about, order := range done {
		if !slices.IsSorted(order) || len(order) < 400/7 {
			t.Errorf("%s: %v", about, order)
		}
	}
}

// hog is a client whose tasks wait until they may end.
type hog struct {
	mu             sync.Mutex
	underway, most int
	full           chan struct{} // gets a token for each task that begins
	finish         chan struct{}
}

func newHog() *hog { return &hog{full: make(chan struct{}, 1000), finish: make(chan struct{})} }

func (h *hog) task(n int) scan.Task {
	return scan.Task{About: fmt.Sprint(n), Told: ignored, Do: func(context.Context) error {
		h.count(1)
		defer h.count(-1)
		h.full <- struct{}{}
		<-h.finish
		return nil
	}}
}

func (h *hog) count(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.underway += n
	h.most = max(h.most, h.underway)
}

// However much one client sends, another one's scans are not behind all of it.
func TestOneClientTakesNoMoreThanItsShare(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.Lanes, c.AtOnce = 4, 6 })
	h := newHog()
	greedy := enter(t, r, 4)
	for n := range 40 {
		greedy.Take(h.task(n))
	}
	for range 4 {
		<-h.full
	}
	other, told := enter(t, r, 4), make(chan error)
	other.Take(scan.Task{Do: func(context.Context) error { return nil }, Told: func(err error) { told <- err }})
	if err := <-told; err != nil {
		t.Error(err)
	}
	close(h.finish)
	greedy.Close()
	other.Close()
	if most := h.most; most > 4 {
		t.Errorf("%d of a client were under way at once", most)
	}
}

func TestAllClientsTogetherTakeNoMoreThanTheyMay(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.AtOnce = 6 })
	h := newHog()
	var clients []*scan.Client
	for range 3 {
		c := enter(t, r, 16)
		clients = append(clients, c)
		for n := range 60 {
			c.Take(h.task(n))
		}
	}
	for range 6 {
		<-h.full
	}
	close(h.finish)
	for _, c := range clients {
		c.Close()
	}
	if most := h.most; most != 6 {
		t.Errorf("%d were under way at once", most)
	}
}

// A ledger without an owner keeps no place that scans of other ledgers need.
func TestWhatWaitsForAnotherTryHasNoPlace(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.AtOnce, c.Again = 1, time.Minute })
	stuck, tried := enter(t, r, 1), make(chan struct{})
	stuck.Take(scan.Task{Do: func(context.Context) error { close(tried); return errLater }, Told: ignored})
	<-tried
	other, told := enter(t, r, 1), make(chan error)
	other.Take(scan.Task{Do: func(context.Context) error { return nil }, Told: func(err error) { told <- err }})
	if err := <-told; err != nil {
		t.Error(err)
	}
	other.Close()
	r.End()
	stuck.Close()
}

func TestPatienceEnds(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.Patience = 20 * time.Millisecond })
	c, told := enter(t, r, 1), make(chan error, 1)
	c.Take(scan.Task{Do: func(context.Context) error { return errLater }, Told: func(err error) { told <- err }})
	c.Close()
	if err := <-told; !errors.Is(err, errLater) {
		t.Errorf("told %v", err)
	}
}

func TestATaskThatPanicsIsNoOthersMatter(t *testing.T) {
	c, told := enter(t, newRoom(func(*scan.Config) {}), 1), make(chan error, 2)
	for n := range 2 {
		c.Take(scan.Task{Told: func(err error) { told <- err }, Do: func(context.Context) error {
			if n == 0 {
				panic("no")
			}
			return nil
		}})
	}
	c.Close()
	if p, ok := errors.AsType[*scan.PanicError](<-told); !ok || len(p.Stack) == 0 {
		t.Errorf("told %v", p)
	}
	if err := <-told; err != nil {
		t.Errorf("the next one was told %v", err)
	}
}

func TestAProcessThatEndsFinishesWhatItTook(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.Drain = 20 * time.Millisecond })
	c, began, told := enter(t, r, 1), make(chan struct{}), make(chan error, 3)
	tell := func(err error) { told <- err }
	c.Take(scan.Task{Told: tell, Do: func(context.Context) error { close(began); <-r.Ending(); return nil }})
	c.Take(scan.Task{Told: tell, Do: func(context.Context) error { return errLater }})
	c.Take(scan.Task{Told: tell, Do: func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) }})
	<-began
	r.End()
	c.Close()
	for _, want := range []error{nil, errLater, scan.ErrClosing} {
		if err := <-told; !errors.Is(err, want) {
			t.Errorf("told %v, expected %v", err, want)
		}
	}
	if _, err := r.Enter(t.Context(), 1); !errors.Is(err, scan.ErrClosing) {
		t.Errorf("entered: %v", err)
	}
}

func TestSoManyClientsAndNoMore(t *testing.T) {
	r := newRoom(func(c *scan.Config) { c.Clients = 1 })
	c := enter(t, r, 1)
	if _, err := r.Enter(t.Context(), 1); !errors.Is(err, scan.ErrCrowded) {
		t.Errorf("entered: %v", err)
	}
	c.Close()
	enter(t, r, 1).Close()
}

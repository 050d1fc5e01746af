package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// arrivals are orders that come at a steady rate, whatever becomes of those before: callers
// that waited for their answers would spare a service that is slow.
type arrivals struct {
	order func(context.Context) error

	mu    sync.Mutex
	all   []arrival
	first error // of an order that got no answer
}

type arrival struct {
	at   time.Time // when it was to be made
	took time.Duration
}

// run makes orders until ctx ends, and waits for their answers.
func (a *arrivals) run(ctx context.Context, perSecond int) {
	var under sync.WaitGroup
	defer under.Wait()
	apart := time.Second / time.Duration(perSecond)
	next := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for ; !time.Now().Before(next); next = next.Add(apart) {
			at := next
			under.Go(func() { a.make(context.WithoutCancel(ctx), at) })
		}
		timer.Reset(time.Until(next))
	}
}

func (a *arrivals) make(ctx context.Context, at time.Time) {
	err := a.order(ctx)
	took := time.Since(at)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, arrival{at, took})
	if a.first == nil {
		a.first = err
	}
}

// between gives what callers saw whose orders came from one time to another.
func (a *arrivals) between(from, to time.Time) result {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := result{took: to.Sub(from)}
	for _, one := range a.all {
		if !one.at.Before(from) && one.at.Before(to) {
			r.latencies = append(r.latencies, one.took)
		}
	}
	r.orders = len(r.latencies)
	slices.Sort(r.latencies)
	return r
}

// total is the number of orders that came, and the first error of one.
func (a *arrivals) total() (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.all), a.first
}

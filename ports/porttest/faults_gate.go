package porttest

import (
	"context"
	"slices"
	"sync"
)

// Phase says where in a call something is.
type Phase int

// The two phases of a call: before it is passed on or made to fail, and after that, when
// its caller does not have the answer yet.
const (
	Before Phase = iota
	After
)

// Point is a moment in the life of a store's user at which anything may happen elsewhere.
type Point struct {
	Call
	Phase Phase
}

// OnPoint makes f call hook at both phases of every call, in the caller's goroutine and
// before any Gate; nil ends that. A test changes owners in it, or counts the points of a
// run and then makes one run for each.
func (f *Faults) OnPoint(hook func(Point)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

// Gate holds up one call. Make it with Hold.
type Gate struct {
	point    Point
	reached  chan struct{}
	released chan struct{}
	once     sync.Once
}

// Hold returns a gate that holds up the next call that matches, in a phase of it, until
// Release or the end of the call's context, whose error the caller then gets.
func (f *Faults) Hold(call Call, phase Phase) *Gate {
	g := &Gate{point: Point{call, phase}, reached: make(chan struct{}), released: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gates = append(f.gates, g)
	return g
}

// Reached is closed when a call stands at the gate.
func (g *Gate) Reached() <-chan struct{} { return g.reached }

// Release lets the call go on; a call that comes later is not held up at all. It may be
// called again.
func (g *Gate) Release() { g.once.Do(func() { close(g.released) }) }

// enter is the start of every call.
func (f *Faults) enter(ctx context.Context, call Call) error {
	f.sendDue(call.Op)
	return f.pass(ctx, Point{call, Before})
}

// leave is the end of every call.
func (f *Faults) leave(ctx context.Context, call Call) error {
	return f.pass(ctx, Point{call, After})
}

// pass runs the hook and stops at the first gate for a point.
func (f *Faults) pass(ctx context.Context, p Point) error {
	f.mu.Lock()
	hook := f.hook
	f.mu.Unlock()
	if hook != nil {
		hook(p)
	}
	g := f.gate(p)
	if g == nil {
		return nil
	}
	close(g.reached)
	select {
	case <-g.released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gate takes the oldest gate for a point, nil where there is none.
func (f *Faults) gate(p Point) *Gate {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.gates, func(g *Gate) bool {
		return g.point.Phase == p.Phase && g.point.matches(p.Call)
	})
	if i < 0 {
		return nil
	}
	g := f.gates[i]
	f.gates = slices.Delete(f.gates, i, i+1)
	return g
}

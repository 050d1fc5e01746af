package porttest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// received returns the time that a timer has sent; ok is false where it has sent none.
func received(timer ports.Timer) (at time.Time, ok bool) {
	select {
	case at = <-timer.C():
		return at, true
	default:
		return at, false
	}
}

func wantFired(t *testing.T, timer ports.Timer, want time.Time) {
	t.Helper()
	if at, ok := received(timer); !ok || !at.Equal(want) {
		t.Fatalf("timer fired: %t, with %v; want %v", ok, at, want)
	}
}

func wantQuiet(t *testing.T, timer ports.Timer) {
	t.Helper()
	if at, ok := received(timer); ok {
		t.Fatalf("timer fired with %v, want nothing", at)
	}
}

func TestClockStandsStillUntilAdvanced(t *testing.T) {
	clock := porttest.NewClock(start)
	if got := clock.Now(); !got.Equal(start) {
		t.Fatalf("now is %v, want %v", got, start)
	}
	clock.Advance(time.Hour)
	if got := clock.Now(); !got.Equal(start.Add(time.Hour)) {
		t.Fatalf("now is %v, want an hour later", got)
	}
}

func TestTimerFiresOnceWhenItIsDue(t *testing.T) {
	clock := porttest.NewClock(start)
	timer := clock.NewTimer(time.Second)
	clock.Advance(time.Second - 1)
	wantQuiet(t, timer)
	clock.Advance(1)
	wantFired(t, timer, start.Add(time.Second))
	clock.Advance(time.Hour)
	wantQuiet(t, timer)
}

func TestTimerOfNoTimeFiresAtOnce(t *testing.T) {
	clock := porttest.NewClock(start)
	wantFired(t, clock.NewTimer(0), start)
	wantFired(t, clock.NewTimer(-time.Second), start)
}

func TestTimersFireInOrderWithTheirOwnTimes(t *testing.T) {
	clock := porttest.NewClock(start)
	third, first, second := clock.NewTimer(3*time.Second), clock.NewTimer(time.Second), clock.NewTimer(2*time.Second)
	if d, ok := clock.Next(); !ok || d != time.Second {
		t.Fatalf("next timer in %v, %t; want 1s", d, ok)
	}
	clock.Advance(2500 * time.Millisecond)
	wantFired(t, first, start.Add(time.Second))
	wantFired(t, second, start.Add(2*time.Second))
	wantQuiet(t, third)
	if d, ok := clock.Next(); !ok || d != 500*time.Millisecond {
		t.Fatalf("next timer in %v, %t; want 500ms", d, ok)
	}
}

func TestNoStaleTimeAfterResetOrStop(t *testing.T) {
	clock := porttest.NewClock(start)
	timer := clock.NewTimer(time.Second)
	clock.Advance(time.Second)
	timer.Reset(time.Minute) // the time of the first firing was never received
	wantQuiet(t, timer)
	clock.Advance(time.Minute)
	timer.Stop()
	wantQuiet(t, timer)
	timer.Reset(time.Second)
	timer.Stop()
	clock.Advance(time.Hour)
	wantQuiet(t, timer)
	timer.Reset(time.Second)
	clock.Advance(time.Second)
	wantFired(t, timer, clock.Now())
	if _, ok := clock.Next(); ok {
		t.Fatal("a timer is still armed")
	}
}

func TestResetMovesAnArmedTimer(t *testing.T) {
	clock := porttest.NewClock(start)
	timer := clock.NewTimer(time.Second)
	timer.Reset(time.Minute)
	clock.Advance(59 * time.Second)
	wantQuiet(t, timer)
	timer.Reset(time.Second)
	clock.Advance(time.Second)
	wantFired(t, timer, start.Add(time.Minute))
}

func TestWaitTimersReturnsOnceEnoughAreArmed(t *testing.T) {
	clock := porttest.NewClock(start)
	armed := make(chan error)
	go func() { armed <- clock.WaitTimers(t.Context(), 2) }()
	first := clock.NewTimer(time.Second)
	select {
	case err := <-armed:
		t.Fatalf("WaitTimers(2) returned after one timer, error %v", err)
	default:
	}
	defer first.Stop()
	defer clock.NewTimer(time.Second).Stop()
	if err := <-armed; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := clock.WaitTimers(ctx, 3); !errors.Is(err, context.Canceled) {
		t.Fatalf("WaitTimers: got error %v, want %v", err, context.Canceled)
	}
}

// A loop that arms its timer again is driven step by step.
func TestClockDrivesALoop(t *testing.T) {
	clock := porttest.NewClock(start)
	ticks := make(chan time.Time)
	go func() {
		defer close(ticks)
		timer := clock.NewTimer(time.Second)
		for range 3 {
			ticks <- <-timer.C()
			timer.Reset(time.Second)
		}
		timer.Stop()
	}()
	for n := 1; n <= 3; n++ {
		if err := clock.WaitTimers(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
		if at, want := <-ticks, start.Add(time.Duration(n)*time.Second); !at.Equal(want) {
			t.Fatalf("tick %d at %v, want %v", n, at, want)
		}
	}
	<-ticks
}

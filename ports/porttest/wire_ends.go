package porttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"inventory/ports"
)

// held returns a handler that holds an answer until its context has ended and until is closed,
// and tells of its begin and of the end of its context.
func held(until <-chan struct{}) (h WireFuncs, begun chan struct{}, ended chan error) {
	begun, ended = make(chan struct{}, racers), make(chan error, racers)
	return WireFuncs{OnAnswer: func(ctx context.Context, request []byte) []byte {
		if string(request) != "hold" {
			return request
		}
		begun <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		<-until
		return nil
	}}, begun, ended
}

func wireGivenUp(t *wireTest) {
	until := make(chan struct{})
	h, begun, ended := held(until)
	a, b := t.member(WireFuncs{}), t.member(h)
	t.call(a, b.Addr, nil) // so that it is connected
	ctx, cancel := context.WithTimeout(t.ctx, 500*time.Millisecond)
	defer cancel()
	_, err := a.Call(ctx, b.Addr, []byte("hold"))
	if ports.ClassOf(err) != ports.Unknown || !errors.Is(err, ports.ErrUnknown) {
		t.Fatalf("past its deadline: got error %v, want %v", err, ports.ErrUnknown)
	}
	happened(t, "Answer", begun)
	if err := wait(t, "the end of Answer's context", ended); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Answer's context ended with %v, want %v", err, context.DeadlineExceeded)
	}

	close(until)

	ctx, cancel = context.WithCancel(t.ctx)
	gaveUp := make(chan error, 1)
	go func() {
		_, err := a.Call(ctx, b.Addr, []byte("hold"))
		gaveUp <- err
	}()
	happened(t, "Answer", begun)
	cancel()
	if err := wait(t, "Call", gaveUp); !errors.Is(err, ports.ErrUnknown) {
		t.Fatalf("given up: got error %v, want %v", err, ports.ErrUnknown)
	}
	b.Leave()
}

func wireTooLate(t *wireTest) {
	var asked sync.Map
	b := t.member(WireFuncs{OnAnswer: func(_ context.Context, request []byte) []byte {
		asked.Store(string(request), true)
		return request
	}})
	a := t.member(WireFuncs{})
	t.call(a, b.Addr, []byte("first"))
	ctx, cancel := context.WithDeadline(t.ctx, time.Unix(0, 0))
	defer cancel()
	if _, err := a.Call(ctx, b.Addr, []byte("late")); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("got error %v, want %v and nothing else", err, ports.ErrTransient)
	}
	t.call(a, b.Addr, []byte("last"))
	if _, was := asked.Load("late"); was {
		t.Fatal("it was sent all the same")
	}
}

func wireNobody(t *wireTest) {
	a, b := t.member(WireFuncs{}), t.member(WireFuncs{})
	b.Leave()
	if _, err := a.Call(t.ctx, b.Addr, nil); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("got error %v, want %v and nothing else", err, ports.ErrTransient)
	}
}

func wireLeft(t *wireTest) {
	until := make(chan struct{})
	close(until)
	h, begun, ended := held(until)
	a, b := t.member(WireFuncs{}), t.member(h)
	result := make(chan error, racers)
	for range racers {
		go func() {
			_, err := a.Call(t.ctx, b.Addr, []byte("hold"))
			result <- err
		}()
	}
	for range racers {
		happened(t, "Answer", begun)
	}
	b.Leave()
	for range racers {
		if err := wait(t, "Call", result); !errors.Is(err, ports.ErrUnknown) {
			t.Fatalf("got error %v, want %v", err, ports.ErrUnknown)
		}
		happened(t, "the end of Answer's context", ended)
	}
}

func wireAskerLeft(t *wireTest) {
	until := make(chan struct{})
	close(until)
	h, begun, ended := held(until)
	a, b := t.member(WireFuncs{}), t.member(h)
	result := make(chan error, 1)
	go func() {
		_, err := a.Call(t.ctx, b.Addr, []byte("hold"))
		result <- err
	}()
	happened(t, "Answer", begun)
	a.Leave()
	happened(t, "the end of Answer's context", ended)
	if err := wait(t, "Call", result); !errors.Is(err, ports.ErrUnknown) {
		t.Fatalf("got error %v, want %v", err, ports.ErrUnknown)
	}
	if _, err := a.Call(t.ctx, b.Addr, nil); ports.ClassOf(err) != ports.Transient {
		t.Fatalf("after it has left: got error %v, want %v", err, ports.ErrTransient)
	}
}

func wireBack(t *wireTest) {
	a, b := t.member(WireFuncs{}), t.member(echo("1:"))
	for start := 1; start <= 3; start++ {
		if got, want := t.call(a, b.Addr, []byte("x")), fmt.Sprintf("%d:x", start); string(got) != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		b.Leave()
		b = t.join(t.T, b.Addr, echo(fmt.Sprintf("%d:", start+1)))
	}
}

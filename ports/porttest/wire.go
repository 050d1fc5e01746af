package porttest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"inventory/ports"
)

// patience is how long a test of a wire waits for what has to come.
const patience = 20 * time.Second

// WireMember is a member of a fleet that a suite runs.
type WireMember struct {
	ports.Wire
	Addr  string
	Leave func() // ends the member, cutting off what is under way; it may be called twice
}

// Wire proves that wires keep the contract of ports.Wire and ports.WireHandler. join starts a
// member, at addr or, where that is empty, at an address of its own. It lives until it
// leaves, or until the test ends.
func Wire(t *testing.T, join func(t *testing.T, addr string, h ports.WireHandler) WireMember) {
	tests := map[string]func(*wireTest){
		"a request is answered, whatever it says":                  wireAnswered,
		"many calls at once each get their own answer":             wireMany,
		"an answer that takes long holds up no other":              wireAnyOrder,
		"the answer is the caller's and the request stays his":     wireOwnBytes,
		"both members call each other, and themselves":             wireBothWays,
		"the member is given as long as the caller has":            wireDeadline,
		"a call given up while it is answered has unknown outcome": wireGivenUp,
		"a call whose time is over is not sent":                    wireTooLate,
		"a call to nobody was certainly not sent":                  wireNobody,
		"a member that leaves in mid-call: unknown outcome":        wireLeft,
		"a member is reached again when it is back":                wireBack,
		"messages come in order, from each member":                 wireTold,
		"a message to nobody is lost, and nobody waits":            wireToldNobody,
		"requests and messages are the handler's to keep":          wireKept,
		"what a member asked for ends when it leaves":              wireAskerLeft,
	}
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			tests[name](&wireTest{T: t, ctx: ctx, join: join})
		})
	}
}

type wireTest struct {
	*testing.T
	ctx  context.Context
	join func(t *testing.T, addr string, h ports.WireHandler) WireMember
}

func (t *wireTest) member(h ports.WireHandler) WireMember { return t.join(t.T, "", h) }

// WireFuncs is a handler made of functions; a nil one does nothing.
type WireFuncs struct {
	OnAnswer func(ctx context.Context, request []byte) []byte
	OnHear   func(message []byte)
}

// Answer implements ports.WireHandler.
func (f WireFuncs) Answer(ctx context.Context, request []byte) []byte {
	if f.OnAnswer == nil {
		return nil
	}
	return f.OnAnswer(ctx, request)
}

// Hear implements ports.WireHandler.
func (f WireFuncs) Hear(message []byte) {
	if f.OnHear != nil {
		f.OnHear(message)
	}
}

// echo answers with the request and what stands before it.
func echo(prefix string) WireFuncs {
	return WireFuncs{OnAnswer: func(_ context.Context, request []byte) []byte {
		return append([]byte(prefix), request...)
	}}
}

// call calls until it is known that the request got there: a member that has just joined may
// not be reached at once.
func (t *wireTest) call(w ports.Wire, addr string, request []byte) []byte {
	t.Helper()
	var answer []byte
	must(t.T, "Call", func() (err error) {
		answer, err = w.Call(t.ctx, addr, request)
		return err
	})
	return answer
}

// wait waits until something has come from c.
func wait[T any](t *wireTest, what string, c <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-c:
	case <-t.ctx.Done():
		t.Fatalf("%s: not within %v", what, patience)
	}
	return got
}

// happened waits until something has come from c.
func happened[T any](t *wireTest, what string, c <-chan T) {
	t.Helper()
	_ = wait(t, what, c)
}

func wireAnswered(t *wireTest) {
	a, b := t.member(WireFuncs{}), t.member(echo("b:"))
	for _, request := range [][]byte{nil, {}, {0}, []byte("hello"), bytes.Repeat([]byte("long"), 300_000)} {
		if got, want := t.call(a, b.Addr, request), append([]byte("b:"), request...); !bytes.Equal(got, want) {
			t.Fatalf("a request of %d bytes: got an answer of %d bytes, want %d others", len(request), len(got), len(want))
		}
	}
	if got := t.call(b, a.Addr, []byte("x")); len(got) != 0 {
		t.Fatalf("answered with nothing: got %q", got)
	}
}

func wireMany(t *wireTest) {
	a := t.member(WireFuncs{})
	others := []WireMember{t.member(echo("0:")), t.member(echo("1:")), t.member(echo("2:"))}
	for i, err := range race(60, func(i int) error {
		for n := range 50 {
			to := (i + n) % len(others)
			request := fmt.Sprintf("%d/%d", i, n)
			got, err := a.Call(t.ctx, others[to].Addr, []byte(request))
			if err != nil {
				return err
			}
			if want := fmt.Sprintf("%d:%s", to, request); string(got) != want {
				return fmt.Errorf("%w: got %q, want %q", ports.ErrPermanent, got, want)
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatalf("caller %d: %v", i, err)
		}
	}
}

func wireAnyOrder(t *wireTest) {
	release, begun := make(chan struct{}), make(chan struct{})
	b := t.member(WireFuncs{OnAnswer: func(ctx context.Context, request []byte) []byte {
		if string(request) == "slow" {
			close(begun)
			select {
			case <-release:
			case <-ctx.Done():
			}
		}
		return request
	}})
	a := t.member(WireFuncs{})
	slow := make(chan error, 1)
	go func() {
		_, err := a.Call(t.ctx, b.Addr, []byte("slow"))
		slow <- err
	}()
	happened(t, "the slow call", begun)
	if got := t.call(a, b.Addr, []byte("fast")); string(got) != "fast" {
		t.Fatalf("got %q", got)
	}
	close(release)
	if err := wait(t, "the slow answer", slow); err != nil {
		t.Fatal(err)
	}
}

func wireOwnBytes(t *wireTest) {
	const n = 200
	a, b := t.member(WireFuncs{}), t.member(echo(""))
	request := make([]byte, 5000)
	var answers [n][]byte
	for i := range answers {
		binary.BigEndian.PutUint64(request, uint64(i))
		answers[i] = t.call(a, b.Addr, request)
		answers[i][0] = 1 // whoever else has it would see this
	}
	for i, got := range answers {
		got[0] = 0
		if binary.BigEndian.Uint64(got) != uint64(i) {
			t.Fatalf("answer %d became %v", i, got)
		}
	}
}

func wireBothWays(t *wireTest) {
	var a, b WireMember
	ready := make(chan struct{})
	a = t.member(echo("a:"))
	b = t.member(WireFuncs{OnAnswer: func(ctx context.Context, request []byte) []byte {
		<-ready
		got, err := b.Call(ctx, a.Addr, request) // it asks back before it answers
		if err != nil {
			return []byte(err.Error())
		}
		return append([]byte("b:"), got...)
	}})
	close(ready)
	if got := t.call(a, b.Addr, []byte("x")); string(got) != "b:a:x" {
		t.Fatalf("got %q, want %q", got, "b:a:x")
	}
	if got := t.call(a, a.Addr, []byte("x")); string(got) != "a:x" {
		t.Fatalf("from itself got %q, want %q", got, "a:x")
	}
}

func wireDeadline(t *wireTest) {
	type left struct {
		time time.Duration
		ok   bool
	}
	seen := make(chan left, 1)
	b := t.member(WireFuncs{OnAnswer: func(ctx context.Context, _ []byte) []byte {
		deadline, ok := ctx.Deadline()
		seen <- left{time.Until(deadline), ok}
		return nil
	}})
	a := t.member(WireFuncs{})
	ctx, cancel := context.WithTimeout(t.ctx, patience/2)
	defer cancel()
	if _, err := a.Call(ctx, b.Addr, nil); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, "Answer", seen); !got.ok || got.time > patience/2 || got.time < patience/4 {
		t.Fatalf("the member had %v (%v), the caller a little less than %v", got.time, got.ok, patience/2)
	}
	if _, err := a.Call(context.WithoutCancel(t.ctx), b.Addr, nil); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, "Answer", seen); got.ok {
		t.Fatalf("the caller had no deadline, the member %v", got.time)
	}
}

package wire

import (
	"bytes"
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"inventory/ports"
	"inventory/ports/porttest"
)

// holding answers "hold" when it is told to, or not at all once its context has ended.
type holding struct {
	porttest.WireFuncs
	begun   chan struct{}
	release chan struct{}
	ended   chan error // of contexts
}

func newHolding() *holding {
	h := &holding{begun: make(chan struct{}, 100), release: make(chan struct{}), ended: make(chan error, 100)}
	h.OnAnswer = func(ctx context.Context, request []byte) []byte {
		if string(request) == "hold" {
			h.begun <- struct{}{}
			select {
			case <-h.release:
			case <-ctx.Done():
				h.ended <- context.Cause(ctx)
			}
		}
		return request
	}
	return h
}

// hold begins a call that is held, and returns where its error will be.
func (h *holding) hold(t *testing.T, c *Client, addr string) chan error {
	t.Helper()
	result := make(chan error, 1)
	go func() {
		_, err := c.Call(context.WithoutCancel(t.Context()), addr, []byte("hold"))
		result <- err
	}()
	happened(t, "Answer", h.begun)
	return result
}

func mustCall(t *testing.T, c *Client, addr string) {
	t.Helper()
	if got, err := c.Call(within(t), addr, []byte("x")); err != nil || string(got) != "x" {
		t.Fatalf("got answer %q, error %v", got, err)
	}
}

func TestAStoppedMemberIsNoticedOnBothSides(t *testing.T) {
	cfg := testConfig(t)
	cfg.Silence, cfg.DialTimeout = time.Second, 300*time.Millisecond
	h := newHolding()
	p := newProxy(t, serve(t, cfg, "127.0.0.1:0", h).Addr())
	c, addr := client(t, cfg), p.Addr().String()
	result := h.hold(t, c, addr)

	p.freeze()
	want(t, await(t, "Call", result), ports.Unknown, addr, "silent")
	happened(t, "the end of Answer's context", h.ended)
	_, err := c.Call(within(t), addr, nil)
	want(t, err, ports.Transient, addr, "no connection within 300ms")

	p.thaw()
	mustCall(t, c, addr)
}

func TestAQuietMemberIsNotTakenForDead(t *testing.T) {
	cfg := testConfig(t)
	cfg.Silence = 500 * time.Millisecond
	h := newHolding()
	s := serve(t, cfg, "127.0.0.1:0", h)
	result := h.hold(t, client(t, cfg), s.Addr())
	select { // three times as long as a dead one would have
	case err := <-result:
		t.Fatalf("the call ended with error %v", err)
	case <-time.After(1500 * time.Millisecond):
	}
	close(h.release)
	if err := await(t, "Call", result); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenConnectionEndsCallsAndIsMadeAgain(t *testing.T) {
	h := newHolding()
	p := newProxy(t, serve(t, testConfig(t), "127.0.0.1:0", h).Addr())
	c, addr := client(t, testConfig(t)), p.Addr().String()
	result := h.hold(t, c, addr)
	p.cut()
	want(t, await(t, "Call", result), ports.Unknown, addr)
	if err := await(t, "the end of Answer's context", h.ended); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	mustCall(t, c, addr)
}

func TestACallWaitsForTheConnection(t *testing.T) {
	cfg := testConfig(t)
	cfg.DialTimeout = patience
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	listener.Close()
	c := client(t, cfg)
	result := make(chan error, 1)
	go func() {
		_, err := c.Call(within(t), addr, nil)
		result <- err
	}()
	for tried := false; !tried; runtime.Gosched() {
		if l, err := c.link(addr); err == nil {
			l.mu.Lock()
			tried = l.fault != nil
			l.mu.Unlock()
		}
	}
	serve(t, cfg, addr, newHolding())
	if err := await(t, "Call", result); err != nil {
		t.Fatal(err)
	}
}

func TestNobodyThereIsSaid(t *testing.T) {
	cfg := testConfig(t)
	cfg.DialTimeout = 500 * time.Millisecond
	s := serve(t, cfg, "127.0.0.1:0", newHolding())
	kill(s)
	c := client(t, cfg)
	_, err := c.Call(within(t), s.Addr(), nil)
	want(t, err, ports.Transient, s.Addr(), "connection refused")

	cfg.DialTimeout = patience
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err = client(t, cfg).Call(ctx, s.Addr(), nil)
	want(t, err, ports.Transient, s.Addr(), "deadline", "connection refused")
}

func TestOverload(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxAnswers, cfg.MaxCalls = 2, 3
	h := newHolding()
	s := serve(t, cfg, "127.0.0.1:0", h)
	c := client(t, cfg)
	first, second := h.hold(t, c, s.Addr()), h.hold(t, c, s.Addr())

	_, err := c.Call(within(t), s.Addr(), nil)
	want(t, err, ports.Transient, s.Addr(), overloaded)

	more := cfg
	more.MaxCalls = 2
	busy := client(t, more)
	one, two := h.hold(t, busy, s.Addr()), h.hold(t, busy, s.Addr())
	_, err = busy.Call(within(t), s.Addr(), nil)
	want(t, err, ports.Transient, s.Addr(), "2 calls to it are under way")

	close(h.release)
	for _, result := range []chan error{first, second, one, two} {
		if err := await(t, "Call", result); err != nil {
			t.Fatal(err)
		}
	}
	mustCall(t, c, s.Addr())
}

func TestACallThatIsGivenUpFreesItsPlace(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxCalls = 1
	h := newHolding()
	s := serve(t, cfg, "127.0.0.1:0", h)
	c := client(t, cfg)
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-h.begun
			cancel()
		}()
		_, err := c.Call(ctx, s.Addr(), []byte("hold"))
		want(t, err, ports.Unknown, s.Addr(), "not answered")
	}
}

func TestTooLong(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxFrame = 1000
	var heard atomic.Int64
	s := serve(t, cfg, "127.0.0.1:0", porttest.WireFuncs{
		OnAnswer: func(_ context.Context, request []byte) []byte { return bytes.Repeat(request, 2) },
		OnHear:   func(message []byte) { heard.Add(int64(len(message))) },
	})
	c := client(t, cfg)
	_, err := c.Call(within(t), s.Addr(), make([]byte, 1001))
	want(t, err, ports.Permanent, s.Addr(), "1001 bytes", "1000")
	_, err = c.Call(within(t), s.Addr(), make([]byte, 501))
	want(t, err, ports.Unknown, s.Addr(), "its answer has 1002 bytes")
	c.Tell(s.Addr(), make([]byte, 1001))
	c.Tell(s.Addr(), make([]byte, 1000))
	if got, err := c.Call(within(t), s.Addr(), make([]byte, 500)); err != nil || len(got) != 1000 {
		t.Fatalf("got %d bytes, error %v", len(got), err)
	}
	if heard.Load() != 1000 {
		t.Fatalf("heard %d bytes, want the message that is not too long", heard.Load())
	}
}

func TestASlowHearerIsNotFloodedAndTheTellerDoesNotWait(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxFrame, cfg.MaxQueued, cfg.Silence = 100_000, 2_000_000, time.Minute
	const told, size = 2000, 50_000
	release := make(chan struct{})
	var heard atomic.Int64
	h := newHolding()
	h.OnHear = func([]byte) {
		<-release
		heard.Add(1)
	}
	s := serve(t, cfg, "127.0.0.1:0", h)
	c := client(t, cfg)
	mustCall(t, c, s.Addr())
	for range told {
		c.Tell(s.Addr(), make([]byte, size))
	}
	call := func(size int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := c.Call(ctx, s.Addr(), make([]byte, size))
		return err
	}
	var err error
	for err == nil || !strings.Contains(err.Error(), errFull.Error()) { // until nothing moves any more
		c.Tell(s.Addr(), make([]byte, size))
		err = call(cfg.MaxFrame)
	}
	want(t, err, ports.Transient, s.Addr(), "not sent")
	want(t, call(0), ports.Transient, s.Addr(), "not sent", "deadline") // it fits in and waits

	close(release)
	for done := false; !done; runtime.Gosched() {
		_, err := c.Call(within(t), s.Addr(), nil)
		done = err == nil
	}
	if most := int64(cfg.MaxQueued+4*window) / size; heard.Load() > most {
		t.Fatalf("of %d messages %d were kept, want at most %d", told, heard.Load(), most)
	}
}

func TestAClientThatReadsNothingIsReadNoMore(t *testing.T) {
	cfg := testConfig(t)
	cfg.MaxQueued, cfg.MaxFrame, cfg.MaxAnswers = 1<<20, 100_000, 10
	var answered atomic.Int64
	s := serve(t, cfg, "127.0.0.1:0", answering(func(context.Context, []byte) []byte {
		answered.Add(1)
		return make([]byte, 100_000)
	}))
	stream := rawStream(t, s.Addr())
	const requests = 100_000
	sent := make(chan int, requests)
	go func() {
		defer close(sent)
		for i := range requests {
			b := newBatch(1000)
			b.add(frame{kind: request, id: uint64(i), body: make([]byte, 900)})
			if stream.SendMsg(b) != nil {
				return
			}
			sent <- i
		}
	}()
	for i := 0; ; i++ {
		select {
		case _, more := <-sent:
			if !more {
				t.Fatalf("all of %d requests were taken", i)
			}
			continue
		case <-time.After(500 * time.Millisecond): // nothing is taken any more
		}
		break
	}
	if most := int64(cfg.MaxQueued+4*window)/100_000 + int64(cfg.MaxAnswers); answered.Load() > most {
		t.Fatalf("%d answers of 100 kB were made that nobody read, want at most %d", answered.Load(), most)
	}
}

// rawStream is a connection that does what a Client does not.
func rawStream(t *testing.T, addr string) grpc.ClientStream {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	stream, err := conn.NewStream(t.Context(), &exchange, method, grpc.ForceCodecV2(codec{}))
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

func TestWhatIsNoFrameEndsTheConnection(t *testing.T) {
	s := serve(t, testConfig(t), "127.0.0.1:0", newHolding())
	stream := rawStream(t, s.Addr())
	b := newBatch(3)
	b.bytes = append(b.bytes, 0, 1, 2)
	if err := stream.SendMsg(b); err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&batch{}); err == nil || !strings.Contains(err.Error(), errFrame.Error()) {
		t.Fatalf("got error %v, want %v", err, errFrame)
	}
}

func TestAConnectionThatNobodyUsesIsClosed(t *testing.T) {
	cfg := testConfig(t)
	cfg.Silence, cfg.IdleTimeout = time.Second, 250*time.Millisecond
	h := newHolding()
	s := serve(t, cfg, "127.0.0.1:0", h)
	c := client(t, cfg)
	result := h.hold(t, c, s.Addr())
	l, err := c.link(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-l.ended:
		t.Fatalf("closed while a call was under way: %v", l.cause)
	case <-time.After(time.Second):
	}
	close(h.release)
	if err := await(t, "Call", result); err != nil {
		t.Fatal(err)
	}
	happened(t, "the end of the connection", l.ended)
	if !errors.Is(l.cause, errUnused) {
		t.Fatalf("it ended for %v, want %v", l.cause, errUnused)
	}
	mustCall(t, c, s.Addr())
}

func TestMessagesToNobodyLeaveNothingBehind(t *testing.T) {
	cfg := testConfig(t)
	s := serve(t, cfg, "127.0.0.1:0", newHolding())
	kill(s)
	c := client(t, cfg)
	c.Tell(s.Addr(), []byte("x"))
	c.mu.Lock()
	l := c.links[s.Addr()]
	c.mu.Unlock()
	if l != nil {
		happened(t, "the end of the link", l.ended)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.links) != 0 {
		t.Fatalf("%d links are left", len(c.links))
	}
}

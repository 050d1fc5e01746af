package wire

import (
	"context"
	"testing"
	"time"

	"inventory/ports"
)

func TestAClosingServerAnswersWhatIsUnderWay(t *testing.T) {
	h := newHolding()
	s := serve(t, testConfig(t), "127.0.0.1:0", h)
	c := client(t, testConfig(t))
	result := h.hold(t, c, s.Addr())
	closed := make(chan error, 1)
	go func() { closed <- s.Close(within(t)) }()
	happened(t, "closing", s.closing)
	for { // the server is told of its end a little before this connection is
		_, err := c.Call(within(t), s.Addr(), nil)
		if err != nil {
			want(t, err, ports.Transient, s.Addr(), leaving)
			break
		}
	}
	close(h.release)
	if err := await(t, "Call", result); err != nil {
		t.Fatalf("what was under way: %v", err)
	}
	if err := await(t, "Close", closed); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatClosesTooLongCutsOff(t *testing.T) {
	h := newHolding()
	s := serve(t, testConfig(t), "127.0.0.1:0", h)
	result := h.hold(t, client(t, testConfig(t)), s.Addr())
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	want(t, s.Close(ctx), ports.Unknown, s.Addr(), "under way")
	want(t, await(t, "Call", result), ports.Unknown, s.Addr())
	happened(t, "the end of Answer's context", h.ended)
}

func TestAClosedClientFailsItsCalls(t *testing.T) {
	h := newHolding()
	s := serve(t, testConfig(t), "127.0.0.1:0", h)
	c := client(t, testConfig(t))
	result := h.hold(t, c, s.Addr())
	c.Close()
	want(t, await(t, "Call", result), ports.Unknown, s.Addr(), errClientClosed.Error())
	_, err := c.Call(within(t), s.Addr(), nil)
	want(t, err, ports.Transient, s.Addr(), errClientClosed.Error())
	c.Tell(s.Addr(), nil)
}

func TestConfigNamesEveryFault(t *testing.T) {
	_, err := NewClient(Config{DialTimeout: 1, Silence: 1, IdleTimeout: 1, MaxCalls: -1, MaxAnswers: -1, MaxFrame: -1, MaxQueued: 1})
	want(t, err, ports.Permanent, "dial timeout", "silence", "idle timeout", "-1 calls", "-1 answers", "-1 bytes")
	_, err = NewClient(Config{MaxFrame: 1000, MaxQueued: 1000})
	want(t, err, ports.Permanent, "1000 bytes that wait")
}

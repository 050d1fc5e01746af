package wire

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/wire/wiretest"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// testConfig has times that tests can wait for.
func testConfig(t testing.TB) Config {
	return Config{Warn: func(message string) { t.Log(message) }}
}

// serve runs a server until the test ends.
func serve(t testing.TB, cfg Config, addr string, h ports.WireHandler) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Serve(cfg, listener, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(s) })
	return s
}

// kill closes a server at once.
func kill(s *Server) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Close(ctx) // what was under way is cut off: that is meant
}

// client is a client until the test ends.
func client(t testing.TB, cfg Config) *Client {
	t.Helper()
	c, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// within is the time that a test's own waiting may take.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// await waits for what comes from c.
func await[T any](t testing.TB, what string, c <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-c:
	case <-time.After(patience):
		t.Fatalf("%s: not within %v", what, patience)
	}
	return got
}

// happened waits until something has come from c.
func happened[T any](t testing.TB, what string, c <-chan T) {
	t.Helper()
	_ = await(t, what, c)
}

// want fails the test unless an error has a class and says something.
func want(t testing.TB, err error, class ports.Class, says ...string) {
	t.Helper()
	if ports.ClassOf(err) != class {
		t.Fatalf("got error %v of class %d, want class %d", err, ports.ClassOf(err), class)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Fatalf("error %q does not say %q", err, s)
		}
	}
}

// joiner joins members of a configuration.
func joiner(cfg Config) func(*testing.T, string, ports.WireHandler) porttest.WireMember {
	return func(t *testing.T, addr string, h ports.WireHandler) porttest.WireMember {
		if addr == "" {
			addr = "127.0.0.1:0"
		}
		cfg := cfg
		cfg.Warn = func(message string) { t.Log(message) }
		s, c := serve(t, cfg, addr, h), client(t, cfg)
		var once sync.Once
		return porttest.WireMember{Wire: c, Addr: s.Addr(), Leave: func() {
			once.Do(func() {
				kill(s)
				c.Close()
			})
		}}
	}
}

func TestWire(t *testing.T) { porttest.Wire(t, joiner(Config{})) }

func TestWireTLS(t *testing.T) {
	ca := wiretest.NewAuthority(t)
	porttest.Wire(t, joiner(Config{TLS: filesOf(t, ca, "127.0.0.1")}))
}

package wire

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"inventory/adapters/wire/wiretest"
	"inventory/ports"
)

// refusedBy calls a member until it is known why it does not let this one in, and returns that.
func refusedBy(t *testing.T, cfg Config, addr string) error {
	t.Helper()
	cfg.DialTimeout = 300 * time.Millisecond
	c, ctx := client(t, cfg), within(t)
	for {
		_, err := c.Call(ctx, addr, nil)
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "no connection within") {
			return err // else the machine was too slow for a first answer
		}
	}
}

// filesOf has an authority write the files of a member with an address.
func filesOf(t testing.TB, ca *wiretest.Authority, ip string) *TLSFiles {
	files := TLSFiles(ca.Member(t, ip))
	return &files
}

// secured is a configuration with the files of a member of an authority.
func secured(t *testing.T, ca *wiretest.Authority, ip string) Config {
	cfg := testConfig(t)
	cfg.TLS = filesOf(t, ca, ip)
	return cfg
}

func TestWhoDoesNotFitIsRefusedAndTold(t *testing.T) {
	ca := wiretest.NewAuthority(t)
	plain, good := testConfig(t), secured(t, ca, "127.0.0.1")
	other, elsewhere := secured(t, wiretest.NewAuthority(t), "127.0.0.1"), secured(t, ca, "127.0.0.2")
	tests := map[string]struct {
		server, client Config
		says           string
		warns          string
	}{
		"plain client, TLS server": {good, plain, "it speaks TLS and this process does not", "does not speak TLS, and this process does"},
		"TLS client, plain server": {plain, good, "does not speak TLS, and this process does", ""},
		"the server's CA differs":  {other, good, "not of this process's CA", "same CA"},
		"the server's address":     {elsewhere, good, "not good for this address", "same CA"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			warned := make(chan string, 1000)
			test.server.Warn = func(message string) { warned <- message }
			s := serve(t, test.server, "127.0.0.1:0", newHolding())
			want(t, refusedBy(t, test.client, s.Addr()), ports.Transient, s.Addr(), test.says)
			if test.warns != "" {
				if got := await(t, "warning", warned); !strings.Contains(got, test.warns) {
					t.Fatalf("the server warns %q, want %q", got, test.warns)
				}
			}
		})
	}
}

func TestAClientOfAnotherCAIsNotLetIn(t *testing.T) {
	ca, other := wiretest.NewAuthority(t), wiretest.NewAuthority(t)
	server, cfg := secured(t, ca, "127.0.0.1"), secured(t, other, "127.0.0.1")
	// It trusts the server, which does not trust it.
	wiretest.WritePEM(t, cfg.TLS.CA, "CERTIFICATE", other.Cert.Raw, ca.Cert.Raw)
	s := serve(t, server, "127.0.0.1:0", newHolding())
	want(t, refusedBy(t, cfg, s.Addr()), ports.Transient, s.Addr(), "does not accept this process's certificate")
}

func TestWhatIsNoMemberIsSaid(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	addr := web.Listener.Addr().String()
	want(t, refusedBy(t, testConfig(t), addr), ports.Transient, addr, "no member of the fleet")
}

func TestAnotherVersionIsSaid(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "inventory.wire.v0.Wire"}, nil)
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	addr := listener.Addr().String()
	want(t, refusedBy(t, testConfig(t), addr), ports.Transient, addr, "does not speak inventory.wire.v1.Wire", "same release")
	s.Stop()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreNoGoodAreRefusedAtStart(t *testing.T) {
	ca := wiretest.NewAuthority(t)
	other := filesOf(t, wiretest.NewAuthority(t), "127.0.0.1")
	for name, test := range map[string]struct {
		spoil func(f *TLSFiles)
		says  string
	}{
		"a file is missing":             {func(f *TLSFiles) { f.Key += "x" }, "key.pemx"},
		"a name is missing":             {func(f *TLSFiles) { f.CA = "" }, "needs certificate, key and CA"},
		"the key is another's":          {func(f *TLSFiles) { f.Key = other.Key }, "private key does not match"},
		"the CA has no certificate":     {func(f *TLSFiles) { f.CA = f.Key }, "has no certificate"},
		"the certificate is not its":    {func(f *TLSFiles) { f.CA = other.CA }, "unknown authority"},
		"the certificate is no PEM":     {func(f *TLSFiles) { f.Cert = f.Key }, "cert"},
		"the certificate is of nothing": {func(f *TLSFiles) { f.Cert = os.DevNull }, "failed to find any PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := secured(t, ca, "127.0.0.1")
			test.spoil(cfg.TLS)
			_, err := NewClient(cfg)
			want(t, err, ports.Permanent, test.says)
			_, err = Serve(cfg, nil, newHolding())
			want(t, err, ports.Permanent, test.says)
		})
	}
}

func TestRotatedFilesAreUsedWithoutARestart(t *testing.T) {
	old, next := wiretest.NewAuthority(t), wiretest.NewAuthority(t)
	warned := make(chan string, 1000)
	cfg := secured(t, old, "127.0.0.1")
	cfg.Warn = func(message string) { warned <- message }
	h := newHolding()
	s := serve(t, cfg, "127.0.0.1:0", h)
	before, after := secured(t, old, "127.0.0.1"), secured(t, next, "127.0.0.1")
	connected := client(t, before)
	mustCall(t, connected, s.Addr())

	// Half way the files don't fit together: the old ones stay in use.
	wiretest.WritePEM(t, cfg.TLS.CA, "CERTIFICATE", next.Cert.Raw)
	mustCall(t, client(t, before), s.Addr())
	if got := await(t, "warning", warned); !strings.Contains(got, "last ones stay in use") {
		t.Fatalf("the server warns %q", got)
	}

	next.Write(t, wiretest.Files(*cfg.TLS), "127.0.0.1")
	mustCall(t, client(t, after), s.Addr())
	want(t, refusedBy(t, before, s.Addr()), ports.Transient, s.Addr(), "not of this process's CA")
	mustCall(t, connected, s.Addr()) // connections that are there stay

	// A client rotates as well.
	changing := client(t, before)
	next.Write(t, wiretest.Files(*before.TLS), "127.0.0.1")
	mustCall(t, changing, s.Addr())
}

func TestMembersAtIPv6(t *testing.T) {
	cfg := secured(t, wiretest.NewAuthority(t), "::1")
	s := serve(t, cfg, "[::1]:0", newHolding())
	mustCall(t, client(t, cfg), s.Addr())
}

package service

import (
	"context"
	"crypto/rand"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/adapters/cassandra"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/integration/stack"
	"inventory/ports"
)

// Site is where a service runs, and where its clients find Kafka and the registry. It ends
// with its test.
type Site struct {
	Name     string
	Addr     string // of the API
	Member   string // where other members of its fleet reach it; empty: there are none
	Brokers  string // bootstrap servers, with commas between
	Registry string // URL
	Prefix   string // of topics
	Group    string // of the consumers

	t      testing.TB
	suite  *Suite
	dir    string
	flags  []string
	starts int
	plain  bool // never with the race detector
	expect []string
	open   func(context.Context) (Store, func() error, error)
}

// Store is what tests read of a store.
type Store interface {
	ports.Journal
	ports.JournalReader
	ports.Books
	Warehouses(context.Context) ([]ports.WarehouseRecord, error)
}

// Embedded is the default: everything in one process and one folder.
func (s *Suite) Embedded(t testing.TB, flags ...string) *Site {
	t.Helper()
	registry := addr(t)
	site := &Site{
		Name: "embedded", Addr: addr(t), Brokers: addr(t), Registry: "http://" + registry, Group: "inventory", t: t, suite: s, dir: t.TempDir(),
	}
	site.flags = append([]string{"--kafka-addr=" + site.Brokers, "--registry-addr=" + registry, "--session=6s"}, flags...)
	site.open = func(ctx context.Context) (Store, func() error, error) {
		store, err := sqlite.Open(ctx, site.dir, sqlite.Options{Clock: system.Clock{}})
		if err != nil {
			return nil, nil, err
		}
		return store, store.Close, nil
	}
	return site
}

// OnServers is on real servers, with a keyspace, topics and a consumer group of its own:
// Cassandra of one stack, Kafka and the registry of another, or of the same.
func (s *Suite) OnServers(t testing.TB, tables, events *stack.Stack, flags ...string) *Site {
	t.Helper()
	id := strings.ToLower(rand.Text()[:10])
	cfg := cassandra.Config{Hosts: tables.CassandraHosts(), DC: tables.CassandraDC(), Keyspace: s.name + "_" + id}
	site := &Site{
		Name: "real", Addr: addr(t), Member: addr(t), Brokers: strings.Join(events.Brokers(), ","), Registry: events.RegistryURL(),
		Prefix: id + ".", Group: "inventory-" + id, t: t, suite: s, dir: t.TempDir(),
	}
	site.flags = append([]string{
		"--store=cassandra", "--cassandra-hosts=" + strings.Join(cfg.Hosts, ","), "--cassandra-dc=" + cfg.DC,
		"--cassandra-keyspace=" + cfg.Keyspace, "--brokers=" + site.Brokers, "--registry-url=" + site.Registry,
		"--topic-prefix=" + site.Prefix, "--consumer-group=" + site.Group, "--session=6s",
	}, flags...)
	site.open = func(ctx context.Context) (Store, func() error, error) {
		store, err := cassandra.Open(ctx, cfg)
		if err != nil {
			return nil, nil, err
		}
		return store, func() error { store.Close(); return nil }, nil
	}
	t.Cleanup(func() { dropKeyspace(t, cfg) })
	for _, command := range []string{"migrate --cassandra-replication=" + cfg.DC + "=1", "topics create", "schemas register"} {
		if out, err := site.Try(strings.Fields(command)...); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	return site
}

// Everywhere runs a test on the embedded default and, at the same time, on real servers, there
// with some flags.
func (s *Suite) Everywhere(t *testing.T, test func(t *testing.T, s *Site), flags ...string) {
	t.Run("embedded", func(t *testing.T) {
		t.Parallel()
		test(t, s.Embedded(t))
	})
	t.Run("real", func(t *testing.T) {
		t.Parallel()
		st := s.Stack(t)
		test(t, s.OnServers(t, st, st, flags...))
	})
}

func addr(t testing.TB) string {
	t.Helper()
	a, err := Addr()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Beside is the same site for another process, which has an API, a place in the fleet, a folder
// and perhaps flags of its own.
func (s *Site) Beside(flags ...string) *Site {
	s.t.Helper()
	other := *s
	other.Addr, other.Member, other.dir = addr(s.t), addr(s.t), s.t.TempDir()
	other.flags = append(slices.Clone(s.flags), flags...)
	return &other
}

// With is the same site for the same process with other flags besides.
func (s *Site) With(flags ...string) *Site {
	other := *s
	other.flags = append(slices.Clone(s.flags), flags...)
	return &other
}

// AsDelivered has the service never run with the race detector, where times count.
func (s *Site) AsDelivered() *Site {
	s.plain = true
	return s
}

// Expect has parts of lines be no faults that are faults elsewhere.
func (s *Site) Expect(parts ...string) *Site {
	s.expect = append(s.expect, parts...)
	return s
}

func (s *Site) settings() []string {
	own := []string{"--data-dir=" + s.dir}
	if s.Member != "" {
		own = append(own, "--fleet-addr="+s.Member)
	}
	return append(own, s.flags...)
}

// Try runs a command of the program with the site's settings, and returns all that it says.
func (s *Site) Try(args ...string) (string, error) {
	s.t.Helper()
	return s.TryWith(nil, args...)
}

// TryWith does as Try, and has the command read from in.
func (s *Site) TryWith(in io.Reader, args ...string) (string, error) {
	s.t.Helper()
	cmd := exec.Command(s.Program(), append(args, s.settings()...)...)
	cmd.Env, cmd.Stdin = Environment(), in
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Program is the path of the program as it is delivered.
func (s *Site) Program() string {
	s.t.Helper()
	return s.suite.program(s.t, 0)
}

// Launch starts the service, as it is delivered or with the race detector in turn. The
// process ends with the test at the latest, which fails if it said what it never should.
func (s *Site) Launch() *Process {
	s.t.Helper()
	p, err := Start(s.suite.program(s.t, s.starts), s.Addr, s.settings()...)
	if err != nil {
		s.t.Fatal(err)
	}
	p.expected = s.expect
	if !s.plain {
		s.starts++
	}
	s.t.Cleanup(func() {
		p.Kill()
		p.Client().CloseIdle()
		if said := p.Faults(); said != "" {
			s.t.Errorf("process %d said:\n%s", p.PID(), said)
		}
	})
	return p
}

// Start launches the service and waits until it is ready.
func (s *Site) Start() *Process {
	s.t.Helper()
	p := s.Launch()
	if err := p.AwaitReady(context.Background()); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// Stop ends a service in good order, and looks at what it said.
func (s *Site) Stop(p *Process) {
	s.t.Helper()
	if err := p.Terminate(); err != nil {
		s.t.Errorf("SIGTERM: %v\n%s", err, p.Said())
	}
	s.Check(p)
}

// Check looks at what a process that is gone has said, before the test goes on.
func (s *Site) Check(p *Process) {
	s.t.Helper()
	if said := p.Faults(); said != "" {
		s.t.Fatalf("process %d said:\n%s", p.PID(), said)
	}
}

// Read opens the store for look, while no process of an embedded site runs.
func (s *Site) Read(look func(Store)) {
	s.t.Helper()
	store, shut, err := s.open(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := shut(); err != nil {
			s.t.Error(err)
		}
	}()
	look(store)
}

func dropKeyspace(t testing.TB, cfg cassandra.Config) {
	t.Helper()
	cluster := gocql.NewCluster(cfg.Hosts...)
	cluster.Timeout = time.Minute
	session, err := cluster.CreateSession()
	if err != nil {
		t.Error(err)
		return
	}
	defer session.Close()
	if err := session.Query("DROP KEYSPACE IF EXISTS " + cfg.Keyspace).Exec(); err != nil {
		t.Errorf("dropping keyspace %s: %v", cfg.Keyspace, err)
	}
}

// Package cassandra_test proves the adapter against a real server: the suites of porttest,
// and what only this store has: migrations, checks, tombstones, and writes whose outcome
// stays unknown.
package cassandra_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"go.uber.org/goleak"

	"inventory/adapters/cassandra"
	"inventory/integration/stack"
)

// keyspace is this package's own. It stays when the tests end, so that they begin sooner the
// next time on the same server: each works on ledgers and rows of its own.
const keyspace = "inventory_test_adapter"

var server *stack.Stack

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// The driver leaves it behind when a session is closed soon after its control connection broke.
	ring := goleak.IgnoreTopFunction("github.com/apache/cassandra-gocql-driver/v2.(*Session).refreshRing")
	if err := goleak.Find(ring); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func start() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if server, err = stack.FindOrStart(ctx, stack.Cassandra); err != nil {
		return err
	}
	_, err = cassandra.Migrate(ctx, config(keyspace), cassandra.Replication{server.CassandraDC(): min(3, len(server.CassandraHosts()))})
	return err
}

// config reaches a keyspace of the test's server.
func config(keyspace string) cassandra.Config {
	return cassandra.Config{Hosts: server.CassandraHosts(), DC: server.CassandraDC(), Keyspace: keyspace}
}

// open connects to the package's keyspace until the test ends.
func open(t *testing.T, change ...func(*cassandra.Config)) *cassandra.Store {
	t.Helper()
	cfg := config(keyspace)
	for _, c := range change {
		c(&cfg)
	}
	s, err := cassandra.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// openBench connects to the package's keyspace until the benchmark ends.
func openBench(b *testing.B) *cassandra.Store {
	b.Helper()
	s, err := cassandra.Open(b.Context(), config(keyspace))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	return s
}

// admin connects past the adapter, to look and to do damage, until the test ends.
func admin(t *testing.T, keyspace string) *gocql.Session {
	t.Helper()
	c := gocql.NewCluster(server.CassandraHosts()...)
	c.Keyspace = keyspace
	c.Timeout = 30 * time.Second
	c.Consistency = gocql.Quorum
	c.SerialConsistency = gocql.Serial
	s, err := c.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func exec(t *testing.T, s *gocql.Session, cql string, args ...any) {
	t.Helper()
	if err := s.Query(cql, args...).ExecContext(t.Context()); err != nil {
		t.Fatalf("%s: %v", cql, err)
	}
}

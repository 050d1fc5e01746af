// Package history_test drives random histories with every fault through several processes
// on a real Cassandra: the same property test as on memory and SQLite, shorter and in real
// time.
package history_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/adapters/cassandra"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/app/apptest"
	"inventory/integration/stack"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the history; 0: another one each time")
	server   *stack.Stack
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	var err error
	if server, err = stack.FindOrStart(ctx, stack.Cassandra); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// newKeyspace makes a keyspace for one history, and drops it when the test ends.
func newKeyspace(t *testing.T) func(testing.TB) app.Store {
	cfg := cassandra.Config{
		Hosts: server.CassandraHosts(), DC: server.CassandraDC(),
		Keyspace: fmt.Sprintf("inventory_history_%08x", rand.Uint32()),
	}
	if _, err := cassandra.Migrate(t.Context(), cfg, cassandra.Replication{cfg.DC: min(3, len(cfg.Hosts))}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, cfg) })
	return func(tb testing.TB) app.Store {
		s, err := cassandra.Open(context.Background(), cfg)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(s.Close)
		return s
	}
}

func drop(t *testing.T, cfg cassandra.Config) {
	cluster := gocql.NewCluster(cfg.Hosts...)
	cluster.Timeout = 20 * time.Second
	s, err := cluster.CreateSession()
	if err != nil {
		t.Error(err)
		return
	}
	defer s.Close()
	if err := s.Query("DROP KEYSPACE IF EXISTS " + cfg.Keyspace).Exec(); err != nil {
		t.Error(err)
	}
}

func TestNoHistoryBreaksAPromiseOnCassandra(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	cfg := apptest.Stormy(newKeyspace(t), system.Clock{}, seed)
	// Real time, and a server that shares two cores: everything takes longer.
	cfg.Commands = 1500
	cfg.Lease, cfg.Patience, cfg.OwnerChange = 600*time.Millisecond, 6*time.Second, 3*time.Second
	cfg.Latency = 0
	apptest.History(t, cfg)
}

package crash

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"go.uber.org/goleak"

	"inventory/integration/stack"
)

// workDir has the programs that the tests build.
var workDir string

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite{m}) }

// suite is all tests of the package, and what has to be there before and gone after them.
type suite struct{ tests *testing.M }

// Run implements goleak.TestingM.
func (s suite) Run() (code int) {
	var err error
	if workDir, err = os.MkdirTemp("", "inventory-crash-"); err == nil {
		code = s.tests.Run()
		err = errors.Join(stopStack(), os.RemoveAll(workDir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// stopStack ends the servers that this package started, if it did.
var stopStack = func() error { return nil }

// build makes the program, with the race detector or as it is delivered.
func build(name string, env []string, flags ...string) (string, error) {
	path := filepath.Join(workDir, name)
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), "inventory/cmd/inventory")...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	return path, nil
}

var buildDelivered = sync.OnceValues(func() (string, error) { return build("inventory", []string{"CGO_ENABLED=0"}) })

// buildRaced gives the delivered program where there is no C compiler, which the race
// detector needs.
var buildRaced = sync.OnceValues(func() (string, error) {
	if _, err := exec.LookPath("gcc"); err != nil {
		return buildDelivered()
	}
	return build("inventory-race", []string{"CGO_ENABLED=1"}, "-race")
})

// programs are built once for all tests; rounds of a test take them in turn.
func programs(t *testing.T) []string {
	t.Helper()
	var built []string
	for _, make := range []func() (string, error){buildDelivered, buildRaced} {
		path, err := make()
		if err != nil {
			t.Fatal(err)
		}
		built = append(built, path)
	}
	return built
}

var cassandraStack = sync.OnceValues(func() (*stack.Stack, error) {
	if st, ok := stack.FromEnv(); ok && len(st.CassandraHosts()) > 0 {
		return st, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	st, err := stack.Start(ctx, stack.Cassandra)
	if err == nil {
		stopStack = func() error { return errors.Join(st.Stop(), os.RemoveAll(st.Dir())) }
	}
	return st, err
})

// onCassandra gives the flags of a keyspace of the test's own, which is dropped at its end.
func onCassandra(t *testing.T, lease time.Duration) []string {
	t.Helper()
	st, err := cassandraStack()
	if err != nil {
		t.Fatal(err)
	}
	keyspace := "crash_" + strings.ToLower(rand.Text()[:10])
	flags := []string{
		"--store=cassandra", "--cassandra-hosts=" + strings.Join(st.CassandraHosts(), ","), "--cassandra-dc=" + st.CassandraDC(),
		"--cassandra-keyspace=" + keyspace, "--lease=" + lease.String(),
	}
	t.Cleanup(func() { dropKeyspace(t, st, keyspace) })
	migrate := append([]string{"migrate", "--cassandra-replication=" + st.CassandraDC() + "=1"}, flags...)
	if out, err := exec.Command(programs(t)[0], migrate...).CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	return flags
}

func dropKeyspace(t *testing.T, st *stack.Stack, keyspace string) {
	cluster := gocql.NewCluster(st.CassandraHosts()...)
	cluster.Timeout = time.Minute
	session, err := cluster.CreateSession()
	if err != nil {
		t.Error(err)
		return
	}
	defer session.Close()
	if err := session.Query("DROP KEYSPACE IF EXISTS " + keyspace).Exec(); err != nil {
		t.Errorf("dropping keyspace %s: %v", keyspace, err)
	}
}

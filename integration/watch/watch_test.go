// Package watch_test lets a client watch a warehouse by gRPC on a fleet on a real Cassandra,
// while the ledgers move from one member to another and the client is cut again and again.
package watch_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/adapters/cassandra"
	"inventory/app"
	"inventory/domain/stock"
	"inventory/integration/stack"
	inventoryv1 "inventory/schemas/proto/inventory/v1"
)

var (
	seedFlag = flag.Uint64("seed", 0, "seed of the client's choices; 0: others each time")
	cutsFlag = flag.Int("cuts", 100, "how often the client is cut")
	server   *stack.Stack
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
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

// newKeyspace makes a keyspace, and drops it when the test ends.
func newKeyspace(t *testing.T) cassandra.Config {
	cfg := cassandra.Config{
		Hosts: server.CassandraHosts(), DC: server.CassandraDC(), Keyspace: fmt.Sprintf("inventory_watch_%08x", rand.Uint32()),
	}
	if _, err := cassandra.Migrate(t.Context(), cfg, cassandra.Replication{cfg.DC: min(3, len(cfg.Hosts))}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
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
	})
	return cfg
}

const (
	warehouse = "X"
	skus      = 12
	ledgers   = 3
)

// change changes stock until ctx ends, each time until it is done, and returns how often.
func (f *fleet) change(ctx context.Context) (changes int) {
	for ; ctx.Err() == nil; changes++ {
		req := app.AdjustRequest{
			SKU: fmt.Sprint("S", f.below(skus)), WarehouseID: warehouse, Type: "RECEIPT", Quantity: int64(1 + f.below(9)), Actor: "test", Key: fmt.Sprint("n", changes),
		}
		for {
			asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			_, err := f.any().Adjust(asked, req)
			cancel()
			if err == nil {
				break
			}
			if !app.Retryable(err) && !errors.Is(err, context.DeadlineExceeded) {
				f.Errorf("%+v: %v", req, err)
				return changes
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	return changes
}

// watcher watches a warehouse: it keeps what it was told, and checks that no change is missing and
// none comes twice.
type watcher struct {
	testing.TB
	levels   map[string]*inventoryv1.StockLevel
	revision string
	changes  int
}

func (c *watcher) take(m *inventoryv1.WatchStockResponse) {
	if m.GetSnapshot() != nil && c.revision != "" {
		c.Fatalf("a snapshot begins anew after revision %s", c.revision)
	}
	for _, l := range m.GetSnapshot().GetLevels() {
		c.levels[l.GetSku()] = l
	}
	for _, ch := range m.GetChanges().GetChanges() {
		l := ch.GetLevel()
		if was := c.levels[l.GetSku()].GetSeq(); l.GetSeq() != was+1 {
			c.Fatalf("%s: change %d comes after %d", l.GetSku(), l.GetSeq(), was)
		}
		c.levels[l.GetSku()] = l
		c.changes++
	}
	c.revision = m.GetRevision()
}

// watch watches at some member until ctx ends or so many messages have come. The client package
// asks others where that one does not answer, and goes on by itself where it is cut.
func (c *watcher) watch(ctx context.Context, f *fleet, messages int) error {
	n := 0
	for m, err := range f.anyClient().Watch(ctx, &inventoryv1.WatchStockRequest{WarehouseId: warehouse, FromRevision: c.revision}) {
		if err != nil {
			return err
		}
		c.take(m)
		if n++; n == messages {
			break
		}
	}
	return nil
}

func TestAClientThatIsCutAgainAndAgainWhileLedgersMoveMissesNothing(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	f := newFleet(t, newKeyspace(t), seed)
	for _, name := range []string{"a", "b", "c"} {
		f.begin(name)
	}
	f.ready()
	if err := f.any().PutWarehouse(t.Context(), stock.Warehouse{ID: warehouse, Region: "home", Ledgers: ledgers}); err != nil {
		t.Fatal(err)
	}
	f.ready()
	c := &watcher{TB: t, levels: map[string]*inventoryv1.StockLevel{}}
	if err := c.watch(t.Context(), f, 1); err != nil || c.revision == "" { // before the first change
		t.Fatal(c.revision, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var changing sync.WaitGroup
	made := 0
	changing.Go(func() { made = f.change(ctx) })
	moves := 0
	for cut := range *cutsFlag {
		if cut%20 == 10 {
			f.move()
			moves++
		}
		some, cancel := context.WithTimeout(ctx, time.Duration(1+f.below(600))*time.Millisecond)
		err := c.watch(some, f, 1+f.below(20))
		cut := some.Err() != nil
		cancel()
		if err != nil && !cut || t.Failed() {
			t.Fatalf("from revision %s: %v", c.revision, err)
		}
	}
	stop()
	changing.Wait()
	for c.changes < made { // what is left, and no more
		if err := c.watch(t.Context(), f, 1); err != nil {
			t.Fatal(err)
		}
	}
	c.compare(f)
	if c.changes != made || made < 100 {
		t.Errorf("%d changes were made, %d were told", made, c.changes)
	}
	t.Logf("%d changes, ledgers moved %d times", made, moves)
}

// compare compares what was told with the levels that there are.
func (c *watcher) compare(f *fleet) {
	for n := range skus {
		sku := fmt.Sprint("S", n)
		s, err := f.any().Stock(c.Context(), sku, "")
		if err != nil {
			c.Fatal(err)
		}
		l, there := c.levels[sku], s.Warehouses[0]
		if l.GetOnHand() != there.OnHand || l.GetHeld() != there.Held || l.GetVersion() != there.Version {
			c.Errorf("%s: watched %v, there is %+v", sku, l, there)
		}
	}
}

//go:build soak

package capture

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inventory/adapters/system"
	"inventory/integration/global"
	"inventory/integration/service"
	"inventory/integration/stack"
)

var (
	rateFlag  = flag.Int("rate", 500, "orders a second")
	turnsFlag = flag.Int("turns", 2, "how often each server is killed")
)

const (
	away  = 8 * time.Second  // for which a server that was killed stays away
	quiet = 12 * time.Second // until the next one is killed
	// workers bound the orders that wait for answers, as long as a server is away.
	workers = 256
	// closing bounds the time in which all that is published late comes.
	closing = 3 * time.Minute
)

// places are where orders are served from: the shop's warehouses.
var places = []string{"HAN", "HPH", "HCM", "CTH", "DAD"}

// servers has everything run that the service can work with.
func servers(t *testing.T, want ...stack.Service) *stack.Stack {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	st, err := stack.Settings{Durable: true, CDC: true}.Start(ctx, append(stack.Core(), want...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// market is a service and the orders that come to it.
type market struct {
	t       *testing.T
	shop    *global.Shop
	p       *service.Process
	heard   *listener
	stop    context.CancelFunc
	working sync.WaitGroup
	orders  atomic.Int64
	told    time.Time    // when the rate was told last,
	before  int64        // and how many orders there were
	refused atomic.Int64 // 503, or no answer: whoever asked would ask again
}

// openMarket begins to have orders come, -rate a second, of which a tenth is picked and a tenth
// cancelled at once.
func openMarket(t *testing.T, s *service.Site, p *service.Process) *market {
	t.Helper()
	m := &market{t: t, p: p, heard: listen(t, s), shop: global.Open(t, s, p, 20)}
	for i := range 20 {
		for _, w := range places {
			m.shop.Adjust(fmt.Sprintf("SKU-%02d", i), w, 10_000)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	m.stop, m.told = stop, time.Now()
	tick := time.NewTicker(time.Second / time.Duration(*rateFlag))
	due := make(chan int, 4**rateFlag)
	m.working.Go(func() {
		defer tick.Stop()
		defer close(due)
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				due <- n
			}
		}
	})
	for range workers {
		m.working.Go(func() {
			for n := range due {
				m.trade(n)
			}
		})
	}
	return m
}

// tell prints how many orders came since the last call, and the ages of what was published.
func (m *market) tell(what string) {
	m.t.Helper()
	orders, took := m.orders.Load(), time.Since(m.told)
	m.t.Logf("%s: %.0f orders/s", what, float64(orders-m.before)/took.Seconds())
	m.before, m.told = orders, time.Now()
	m.heard.tellAges(what)
}

// trade has one order come.
func (m *market) trade(n int) {
	id := fmt.Sprint("market-", n)
	sku, warehouse := fmt.Sprintf("SKU-%02d", n%20), places[n/20%len(places)]
	m.ask("reserve", map[string]any{"order_id": id, "items": []any{map[string]any{"sku": sku, "quantity": 1, "warehouse_id": warehouse}}})
	switch n % 10 {
	case 0:
		m.ask("confirm", map[string]any{"order_id": id})
		m.ask("adjust", map[string]any{"sku": sku, "warehouse_id": warehouse, "adjustment_type": "RECEIPT", "qty_delta": 1})
	case 1:
		m.ask("release", map[string]any{"order_id": id})
	}
	m.orders.Add(1)
}

func (m *market) ask(what string, body map[string]any) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	h := service.Header{"Idempotency-Key": system.NewUUID().String(), "Inventory-Actor": "clerk"}
	a, err := m.p.Client().Ask(ctx, http.MethodPost, "/inventory/"+what, h, body)
	if err != nil || a.Retry() {
		m.refused.Add(1)
	}
}

// close ends trade, and proves that all that is derived of it is there, once and in order.
func (m *market) close(s *service.Site) {
	m.t.Helper()
	m.stop()
	m.working.Wait()
	m.t.Logf("%d orders, %d refusals to be sent again", m.orders.Load(), m.refused.Load())
	s.Read(func(store service.Store) {
		for deadline := time.Now().Add(closing); time.Now().Before(deadline) && m.heard.missing(wants(m.t, store)) != ""; {
			<-time.After(time.Second)
		}
		m.heard.mustSayOnly(wants(m.t, store))
	})
	m.heard.tellAges("in the end")
	table := m.shop.AwaitTable("in the end")
	m.shop.AwaitTopic(table)
	m.shop.AwaitEvents(table)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is killed, each event is published under its one id, in order within a key, and the
// totals are those of the ledgers.
func TestAllThatIsDerivedIsRightWhateverIsKilled(t *testing.T) {
	st := servers(t, stack.Debezium, stack.Flink, stack.FlinkWorker)
	s := suite.OnServers(t, st, st, "--lease=2s", "--publish=cdc").AsDelivered().Expect("")
	restart(t, st) // an agent captures no table whose capture was switched on while it ran
	job := stack.Job{TopicPrefix: s.Prefix}
	_, err := st.SubmitJob(t.Context(), job)
	must(t, err)
	p := s.Start()
	m := openMarket(t, s, p)
	<-time.After(quiet)
	m.tell("before anything is killed")
	for range *turnsFlag {
		for _, victim := range []stack.Service{stack.Debezium, stack.Cassandra, stack.FlinkWorker, stack.Flink} {
			must(t, st.Kill(victim))
			<-time.After(away)
			if victim == stack.Debezium {
				loseSegments(t, st)
			}
			must(t, st.Restart(t.Context(), victim))
			if victim == stack.Flink {
				_, err := st.SubmitJob(t.Context(), job)
				must(t, err)
			}
			<-time.After(quiet)
			m.tell(fmt.Sprint(victim, " was killed"))
		}
	}
	m.close(s)
}

// loseSegments deletes what the agent has not read yet.
func loseSegments(t *testing.T, st *stack.Stack) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(st.Dir(), "cassandra", "data", "cdc_raw", "*"))
	must(t, err)
	for _, name := range segments {
		must(t, os.Remove(name))
	}
	t.Logf("%d files of the log are lost", len(segments))
}

func TestAllThatIsDerivedIsRightWithoutAgentAndFlink(t *testing.T) {
	st := servers(t)
	s := suite.OnServers(t, st, st, "--lease=2s", "--publish=cdc").AsDelivered()
	m := openMarket(t, s, s.Start())
	<-time.After(3 * quiet)
	m.tell("with nothing but the service")
	m.close(s)
}

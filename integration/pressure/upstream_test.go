package pressure

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/registry"
	"inventory/integration/service"
	"inventory/ports"
)

// upstream is another team's service: it sends orders, and hears what becomes of them.
type upstream struct {
	client *kgo.Client
	events *service.CreatedEvents
	prefix string
	ended  sync.WaitGroup
	news   chan struct{} // has room for one sign

	mu       sync.Mutex
	outcomes map[string]string // by order: the event's topic and id
	faults   []string
}

func newUpstream(t *testing.T, site *service.Site) *upstream {
	t.Helper()
	u := &upstream{prefix: site.Prefix, news: make(chan struct{}, 1), outcomes: map[string]string{}}
	reg, err := registry.New(registry.Config{URL: site.Registry})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	if u.events, err = service.NewCreatedEvents(t.Context(), reg, site.Prefix); err != nil {
		t.Fatal(err)
	}
	u.client, err = kgo.NewClient(
		kgo.SeedBrokers(strings.Split(site.Brokers, ",")...), kgo.RequiredAcks(kgo.AllISRAcks()), kgo.ProducerLinger(20*time.Millisecond),
		kgo.ConsumeTopics(site.Prefix+ports.ReservedTopic, site.Prefix+ports.RejectedTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)
	if err != nil {
		t.Fatal(err)
	}
	u.ended.Go(u.listen)
	t.Cleanup(func() {
		u.client.Close()
		u.ended.Wait()
	})
	return u
}

// send sends so many orders for one unit each, and returns when Kafka has them all.
func (u *upstream) send(t *testing.T, orders int) {
	t.Helper()
	var mu sync.Mutex
	var failed error
	for n := range orders {
		id, at := orderOf(n), place(n)
		record, err := u.events.Record(id, service.CreatedItem{SKU: theSKU, WarehouseID: &at, Quantity: 1})
		if err != nil {
			t.Fatal(err)
		}
		u.client.Produce(context.Background(), record, func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil && failed == nil {
				failed = err
			}
		})
	}
	if err := u.client.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if failed != nil {
		t.Fatal(failed)
	}
}

func orderOf(n int) string { return fmt.Sprintf("event-%06d", n) }

// listen notes outcomes. One that is told again has the same event id.
func (u *upstream) listen() {
	for {
		fetches := u.client.PollFetches(context.Background())
		if fetches.IsClientClosed() {
			return
		}
		u.mu.Lock()
		fetches.EachRecord(u.hear)
		u.mu.Unlock()
		select {
		case u.news <- struct{}{}:
		default:
		}
	}
}

func (u *upstream) hear(r *kgo.Record) {
	outcome := strings.TrimPrefix(r.Topic, u.prefix)
	for _, h := range r.Headers {
		if h.Key == "ce_id" {
			outcome += " " + string(h.Value)
		}
	}
	switch before, heard := u.outcomes[string(r.Key)]; {
	case heard && before != outcome:
		u.faults = append(u.faults, fmt.Sprintf("order %s has two outcomes: %s, and %s", r.Key, before, outcome))
	case !strings.HasPrefix(outcome, ports.ReservedTopic):
		u.faults = append(u.faults, fmt.Sprintf("order %s, for which there is stock: %s", r.Key, outcome))
	}
	u.outcomes[string(r.Key)] = outcome
}

// await waits until each of so many orders has its outcome.
func (u *upstream) await(t *testing.T, orders int, patience time.Duration) {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for next := 0; next < orders; {
		if u.has(orderOf(next)) {
			next++
			continue
		}
		select {
		case <-u.news:
		case <-timer.C:
			t.Fatalf("after %s order %s has no outcome; %d orders have", patience, orderOf(next), u.heard())
		}
	}
}

func (u *upstream) has(order string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.outcomes[order] != ""
}

func (u *upstream) heard() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.outcomes)
}

// check fails the test for what should not have been heard.
func (u *upstream) check(t *testing.T) {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, fault := range u.faults {
		if i == 10 {
			t.Errorf("and %d more", len(u.faults)-i)
			return
		}
		t.Error(fault)
	}
}

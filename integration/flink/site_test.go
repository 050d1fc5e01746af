package flink

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	codec "inventory/adapters/avro"
	"inventory/adapters/kafka"
	"inventory/adapters/registry"
	"inventory/integration/stack"
	"inventory/ports"
)

// patience bounds the wait for totals: a job that lost its task manager takes a while.
const patience = 2 * time.Minute

// site has topics of its own, and reads the totals.
type site struct {
	stack    *stack.Stack
	prefix   string
	registry *registry.Client
	kafka    *kgo.Client
	levels   wire
	totals   wire

	newest map[string]total // of each key, by version
	last   map[string]total // of each key, by the order of its partition: what compaction leaves
}

func newSite(t *testing.T) *site {
	t.Helper()
	servers := cluster(t)
	s := &site{stack: servers, prefix: fmt.Sprintf("flink-%d.", time.Now().UnixNano()), newest: map[string]total{}, last: map[string]total{}}
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Prefix = servers.Brokers(), s.prefix
	if err := kafka.CreateTopics(t.Context(), cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.registry, err = registry.New(registry.Config{URL: servers.RegistryURL(), Timeout: 30 * time.Second}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.registry.Close)
	if err := codec.Register(t.Context(), s.registry, s.prefix, func(string) {}); err != nil {
		t.Fatal(err)
	}
	s.levels, s.totals = s.wire(t, ports.StockLevelTopic), s.wire(t, ports.GlobalStockTopic)
	s.kafka, err = kgo.NewClient(kgo.SeedBrokers(servers.Brokers()...), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
		kgo.ConsumeTopics(s.prefix+ports.GlobalStockTopic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kafka.Close)
	return s
}

// await reads the topic until its totals are those that are wanted.
func (s *site) await(t *testing.T, want map[string]total) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !maps.Equal(s.newest, want) || !maps.Equal(s.last, want) {
		fetches := s.kafka.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("totals after %v: %s", patience, differences(s.newest, s.last, want))
		}
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { s.take(t, r) })
	}
}

// take reads a record as any reader should: the larger version is newer, and a tombstone says nothing.
func (s *site) take(t *testing.T, r *kgo.Record) {
	t.Helper()
	key := string(r.Key)
	if r.Value == nil {
		delete(s.last, key)
		return
	}
	if !bytes.HasPrefix(r.Value, s.totals.header) {
		t.Fatalf("%s: the value begins with % x, expected the id of the published schema: % x", key, r.Value[:5], s.totals.header)
	}
	var found total
	if _, err := s.totals.schema.Decode(r.Value[len(s.totals.header):], &found); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	if key != found.SKU+":"+found.Region {
		t.Fatalf("key %q of %+v", key, found)
	}
	found.AsOf = found.AsOf.UTC()
	s.last[key] = found
	if found.Version >= s.newest[key].Version {
		s.newest[key] = found
	}
}

// differences tells of some keys what is there and what was wanted.
func differences(newest, last, want map[string]total) string {
	var said bytes.Buffer
	fmt.Fprintf(&said, "%d keys, wanted %d", len(newest), len(want))
	for key, sum := range want {
		if newest[key] != sum || last[key] != sum {
			fmt.Fprintf(&said, "\n%s: newest %+v, last %+v, wanted %+v", key, newest[key], last[key], sum)
		}
		if said.Len() > 2000 {
			break
		}
	}
	return said.String()
}

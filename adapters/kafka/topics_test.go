package kafka_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/adapters/kafka"
	"inventory/ports"
)

func TestTopicsAreMadeOnceAndMissingOnesAreNamed(t *testing.T) {
	cfg := topics(t, 3, ports.OrderCreatedTopic)
	err := kafka.CheckTopics(t.Context(), cfg)
	if ports.ClassOf(err) != ports.Permanent {
		t.Fatalf("got %v", err)
	}
	for _, topic := range kafka.Topics(cfg) {
		missing := topic.Name != "test."+ports.OrderCreatedTopic
		if named := strings.Contains(err.Error(), topic.Name+",") || strings.Contains(err.Error(), topic.Name+":"); named != missing {
			t.Errorf("%s: named %v, missing %v, in %v", topic.Name, named, missing, err)
		}
	}
	if !strings.Contains(err.Error(), "`inventory topics create`") {
		t.Errorf("says not what to do: %v", err)
	}
	var o told
	log := func(line string) { o.note("%s", line) }
	if err := kafka.CreateTopics(t.Context(), cfg, log); err != nil {
		t.Fatal(err)
	}
	if !o.has("test.order.created.v1 has 3 partitions, not 4") || !o.has("test.order.created.v1.dlq made: 4 partitions, replication 1") {
		t.Errorf("told: %q", o.all())
	}
	if err := kafka.CheckTopics(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	var again told
	if err := kafka.CreateTopics(t.Context(), cfg, func(line string) { again.note("%s", line) }); err != nil {
		t.Error(err)
	}
	if got := again.all(); len(got) != 1 || !again.has("has 3 partitions") {
		t.Errorf("told the second time: %q", got)
	}
}

// A broker learns of new topics a moment after the controller made them.
func TestTopicsThatWereMadeCanBeUsedAtOnce(t *testing.T) {
	c, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var made, hidden atomic.Int32
	c.ControlKey(int16(kmsg.CreateTopics), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		made.Add(1)
		return nil, nil, false
	})
	c.ControlKey(int16(kmsg.Metadata), func(k kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := k.(*kmsg.MetadataRequest)
		if made.Load() == 0 || len(req.Topics) == 0 || hidden.Add(1) > 2 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		for _, topic := range req.Topics {
			rt := kmsg.NewMetadataResponseTopic()
			rt.Topic, rt.ErrorCode = topic.Topic, 3 // UNKNOWN_TOPIC_OR_PARTITION
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	cfg := config(c.ListenAddrs())
	if err := kafka.CreateTopics(within(t), cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if err := kafka.CheckTopics(within(t), cfg); err != nil {
		t.Error(err)
	}
	if hidden.Load() < 3 {
		t.Errorf("topics were looked for %d times: this test shows nothing", hidden.Load())
	}
}

func TestStockLevelsAreCompactedAndDeadLettersKept(t *testing.T) {
	byName := map[string]kafka.Topic{}
	for _, topic := range kafka.Topics(config([]string{"h:1"})) {
		byName[topic.Name] = topic
	}
	if len(byName) != 16 {
		t.Errorf("%d topics, want 16", len(byName))
	}
	if notes := byName["test."+ports.LetterNotesTopic]; notes.Partitions != 1 || notes.Settings["cleanup.policy"] != "compact" {
		t.Errorf("notes about letters: %+v", notes)
	}
	for _, topic := range []string{ports.StockLevelTopic, ports.GlobalStockTopic} {
		if got := byName["test."+topic].Settings["cleanup.policy"]; got != "compact" {
			t.Errorf("%s: cleanup.policy %q", topic, got)
		}
	}
	if got := byName["test."+ports.OrderCreatedTopic+".dlq"].Settings["retention.ms"]; got != "-1" {
		t.Errorf("dead letters: retention.ms %q", got)
	}
}

func TestTopicsWithoutABroker(t *testing.T) {
	cfg := config([]string{net.JoinHostPort("127.0.0.1", strconv.Itoa(freePort(t)))})
	for name, call := range map[string]func(context.Context) error{
		"create": func(ctx context.Context) error { return kafka.CreateTopics(ctx, cfg, func(string) {}) },
		"check":  func(ctx context.Context) error { return kafka.CheckTopics(ctx, cfg) },
	} {
		if err := call(t.Context()); ports.ClassOf(err) != ports.Transient || !strings.Contains(err.Error(), cfg.Brokers[0]) {
			t.Errorf("%s: got %v", name, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(ended); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, with no time: got %v", name, err)
		}
	}
}

func TestAReplicationThatTheClusterHasNotIsRefused(t *testing.T) {
	cfg := topics(t, 1, "other")
	cfg.Replication = 100
	if err := kafka.CreateTopics(t.Context(), cfg, func(string) {}); ports.ClassOf(err) != ports.Permanent {
		t.Errorf("got %v", err)
	}
}

func TestTopicsAreExaminedAsTheBrokersHaveThem(t *testing.T) {
	cfg := topics(t, 3, ports.OrderCreatedTopic)
	all, err := kafka.Examine(within(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if wanted := kafka.Topics(cfg); len(all) != len(wanted) {
		t.Fatalf("%d topics are wanted, %d examined", len(wanted), len(all))
	}
	for _, f := range all {
		there := f.Name == "test."+ports.OrderCreatedTopic
		if has := f.HasPartitions == 3 && f.HasReplication >= 1 && f.MinInSyncReplicas >= 1; has != there || !there && f.HasPartitions != 0 {
			t.Errorf("%+v", f)
		}
	}
	if _, err := kafka.Examine(within(t), config([]string{"127.0.0.1:1"})); ports.ClassOf(err) != ports.Transient {
		t.Errorf("without a broker: %v", err)
	}
}

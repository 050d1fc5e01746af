package kafka

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/rcrowley/go-metrics"

	"inventory/ports"
)

func validConfig() Config {
	c := DefaultConfig()
	c.Brokers = []string{"127.0.0.1:9092"}
	return c
}

func TestTheDefaultsNeedOnlyBrokers(t *testing.T) {
	if err := validConfig().Validate(); err != nil {
		t.Error(err)
	}
	if err := DefaultConfig().Validate(); err == nil || !strings.Contains(err.Error(), "brokers: none given") {
		t.Errorf("no brokers: got %v", err)
	}
}

func TestEveryFaultOfAConfigurationIsNamed(t *testing.T) {
	c := Config{
		Brokers: []string{"localhost", ":9092", "a:0"}, ClientID: "a b", Group: "", Prefix: "a/",
		Partitions: 0, Replication: 0, Lanes: 0, Window: -1, WindowBytes: 1, MaxMessageBytes: 1,
		DialTimeout: -1, SessionTimeout: 1, RebalanceTimeout: 1, DrainTimeout: time.Hour,
		CommitInterval: 0, DeliveryTimeout: time.Millisecond, NackPause: time.Hour,
	}
	err := c.Validate()
	if ports.ClassOf(err) != ports.Permanent {
		t.Fatalf("class of %v", err)
	}
	for _, want := range []string{
		`"localhost"`, `":9092"`, `"a:0"`, "client id", "group", "prefix", "partitions", "replication", "lanes", "window -1", "window of 1 bytes",
		"message limit", "dial timeout", "session timeout", "rebalance timeout", "drain timeout 1h0m0s: expected 10ms", "less than the rebalance timeout",
		"commit interval", "delivery timeout", "nack pause",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not named: %s", want)
		}
	}
}

func TestTheClientNeitherLosesNorInventsRecords(t *testing.T) {
	c := validConfig()
	for _, r := range []role{consuming, publishing, burying, administering} {
		s := clientConfig(c, r)
		if err := s.Validate(); err != nil {
			t.Errorf("role %d: %v", r, err)
		}
		for _, f := range []struct {
			name      string
			got, want any
		}{
			{"ClientID", s.ClientID, "inventory"},
			{"Version", s.Version, sarama.V3_9_0_0},
			{"ApiVersionsRequest", s.ApiVersionsRequest, true},
			{"ChannelBufferSize", s.ChannelBufferSize, 64},
			{"Net.MaxOpenRequests", s.Net.MaxOpenRequests, 1},
			{"Net.DialTimeout", s.Net.DialTimeout, 5 * time.Second},
			{"Net.WriteTimeout", s.Net.WriteTimeout, 5 * time.Second},
			{"Net.KeepAlive", s.Net.KeepAlive, 30 * time.Second},
			{"Metadata.AllowAutoTopicCreation", s.Metadata.AllowAutoTopicCreation, false},
			{"Metadata.Full", s.Metadata.Full, r == administering},
			{"Metadata.RefreshFrequency", s.Metadata.RefreshFrequency, time.Minute},
			{"Metadata.Retry.Max", s.Metadata.Retry.Max, 3},
			{"Metadata.Timeout", s.Metadata.Timeout, 10 * time.Second},
			{"Admin.Timeout", s.Admin.Timeout, 10 * time.Second},
			{"Producer.RequiredAcks", s.Producer.RequiredAcks, sarama.WaitForAll},
			{"Producer.Idempotent", s.Producer.Idempotent, true},
			{"Producer.Timeout", s.Producer.Timeout, 10 * time.Second},
			{"Producer.Retry.Max", s.Producer.Retry.Max, 3},
			{"Producer.Transaction.Retry.Max", s.Producer.Transaction.Retry.Max, 3},
			{"Producer.Flush.Frequency", s.Producer.Flush.Frequency, time.Duration(0)},
			{"Producer.Flush.Messages", s.Producer.Flush.Messages, 0},
			{"Producer.Compression", s.Producer.Compression, sarama.CompressionNone},
			{"Producer.Return.Successes", s.Producer.Return.Successes, true},
			{"Producer.Return.Errors", s.Producer.Return.Errors, true},
			{"Consumer.Return.Errors", s.Consumer.Return.Errors, true},
			{"Consumer.MaxWaitTime", s.Consumer.MaxWaitTime, 250 * time.Millisecond},
			{"Consumer.IsolationLevel", s.Consumer.IsolationLevel, sarama.ReadCommitted},
			{"Consumer.Offsets.Initial", s.Consumer.Offsets.Initial, sarama.OffsetOldest},
			{"Consumer.Offsets.AutoCommit.Enable", s.Consumer.Offsets.AutoCommit.Enable, true},
			{"Consumer.Offsets.AutoCommit.Interval", s.Consumer.Offsets.AutoCommit.Interval, 500 * time.Millisecond},
			{"Consumer.Group.ResetInvalidOffsets", s.Consumer.Group.ResetInvalidOffsets, false},
			{"Consumer.Group.Session.Timeout", s.Consumer.Group.Session.Timeout, 15 * time.Second},
			{"Consumer.Group.Heartbeat.Interval", s.Consumer.Group.Heartbeat.Interval, time.Second},
			{"Consumer.Group.Rebalance.Timeout", s.Consumer.Group.Rebalance.Timeout, 20 * time.Second},
		} {
			if !reflect.DeepEqual(f.got, f.want) {
				t.Errorf("role %d: %s: got %v, want %v", r, f.name, f.got, f.want)
			}
		}
	}
}

func TestAMemberKeepsItsPartitionsAndItsName(t *testing.T) {
	c := validConfig()
	c.Prefix, c.Instance = "eu.", "inventory-1"
	var told [][]int32
	s := groupConfig(c, "eu.order.created.v1", func(p []int32) { told = append(told, p) })
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	g := s.Consumer.Group
	if g.InstanceId != "inventory-1.order.created.v1" || len(g.Rebalance.GroupStrategies) != 1 || g.Rebalance.GroupStrategies[0].Name() != sarama.CooperativeStickyBalanceStrategyName {
		t.Errorf("name %q, strategies %v", g.InstanceId, g.Rebalance.GroupStrategies)
	}
	if c.Instance = ""; groupConfig(c, "t", nil).Consumer.Group.InstanceId != "" {
		t.Error("a member without a name has one")
	}
	strategy, ok := g.Rebalance.GroupStrategies[0].(sarama.OnAssignmentBalanceStrategy)
	if !ok {
		t.Fatal("the client would not tell what is assigned")
	}
	strategy.OnAssignment(&sarama.ConsumerGroupMemberAssignment{Topics: map[string][]int32{"other": {7}, "eu.order.created.v1": {1, 3}}}, 5)
	strategy.OnAssignment(&sarama.ConsumerGroupMemberAssignment{}, 6)
	if !reflect.DeepEqual(told, [][]int32{{1, 3}, nil}) {
		t.Errorf("told %v", told)
	}
}

func TestAMembersNameFitsKafka(t *testing.T) {
	c := validConfig()
	c.Instance = strings.Repeat("i", 200)
	if err := errors.Join(c.Validate(), checkInstance(c, strings.Repeat("t", 48))); err != nil {
		t.Error(err)
	}
	s, err := NewSubscriber(c, Events{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Subscribe(t.Context(), strings.Repeat("t", 49)); ports.ClassOf(err) != ports.Permanent || !strings.Contains(err.Error(), "250 bytes, and 249 is most") {
		t.Errorf("a name that is too long: %v", err)
	}
	for _, name := range []string{"a b", "a/b", "ä", strings.Repeat("i", 201)} {
		if c.Instance = name; c.Validate() == nil || !strings.Contains(c.Validate().Error(), "instance") {
			t.Errorf("%q: %v", name, c.Validate())
		}
	}
}

func TestTheClientIsBoundedByWhatItIsFor(t *testing.T) {
	c := validConfig()
	in, out, dead := clientConfig(c, consuming), clientConfig(c, publishing), clientConfig(c, burying)
	if in.Net.ReadTimeout <= in.Consumer.Group.Rebalance.Timeout {
		t.Errorf("a join may be answered after %v, the client waits %v", in.Consumer.Group.Rebalance.Timeout, in.Net.ReadTimeout)
	}
	if out.Net.ReadTimeout != 10*time.Second || dead.Net.ReadTimeout != 10*time.Second {
		t.Errorf("producers wait %v and %v for an answer", out.Net.ReadTimeout, dead.Net.ReadTimeout)
	}
	if out.Producer.MaxMessageBytes != 1_000_000 || dead.Producer.MaxMessageBytes != brokerBatchLimit+letterRoom {
		t.Errorf("limits: %d, dead letters %d", out.Producer.MaxMessageBytes, dead.Producer.MaxMessageBytes)
	}
	if out.Producer.Flush.MaxMessages != 0 || dead.Producer.Flush.MaxMessages != 1 {
		t.Errorf("messages a request: %d, dead letters %d", out.Producer.Flush.MaxMessages, dead.Producer.Flush.MaxMessages)
	}
	if sarama.MaxDecompressedBatchSize != 64<<20 {
		t.Errorf("batches may grow to %d bytes", sarama.MaxDecompressedBatchSize)
	}
	if !metrics.UseNilMetrics {
		t.Error("the client measures, which leaves a goroutine behind")
	}
	for retries := range 10 {
		if d := jitteredRetry(retries, 10); d < 50*time.Millisecond || d > 1500*time.Millisecond {
			t.Errorf("retry %d waits %v", retries, d)
		}
	}
}

// Apache Kafka's own vectors for murmur2, from its UtilsTest.
func TestKeysFallInThePartitionsThatJavaPicks(t *testing.T) {
	const many = 1 << 30
	p := clientConfig(validConfig(), publishing).Producer.Partitioner("any")
	for key, hash := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971, "abc": 479470107,
	} {
		got, err := p.Partition(&sarama.ProducerMessage{Key: sarama.StringEncoder(key)}, many)
		if want := hash & 0x7fffffff % many; err != nil || got != want {
			t.Errorf("%s: got %d, want %d (%v)", key, got, want, err)
		}
	}
	seen := map[int32]bool{}
	for range 200 {
		n, err := p.Partition(&sarama.ProducerMessage{}, 4)
		if err != nil {
			t.Fatal(err)
		}
		seen[n] = true
	}
	if len(seen) != 4 {
		t.Errorf("records without a key fell in partitions %v of 4", seen)
	}
}

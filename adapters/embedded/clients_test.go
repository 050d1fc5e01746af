package embedded

import (
	"context"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

func franz(t testing.TB, addr string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(addr), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil))}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func createTopic(t testing.TB, addr, topic string, partitions int32, settings map[string]string) {
	t.Helper()
	if err := tryCreateTopic(t, addr, topic, partitions, settings); err != nil {
		t.Fatal(err)
	}
}

func tryCreateTopic(t testing.TB, addr, topic string, partitions int32, settings map[string]string) error {
	t.Helper()
	client := franz(t, addr)
	defer client.Close()
	req := kmsg.NewPtrCreateTopicsRequest()
	rt := kmsg.NewCreateTopicsRequestTopic()
	rt.Topic, rt.NumPartitions, rt.ReplicationFactor = topic, partitions, 1
	for name, value := range settings {
		c := kmsg.NewCreateTopicsRequestTopicConfig()
		c.Name, c.Value = name, &value
		rt.Configs = append(rt.Configs, c)
	}
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(within(t, 10*time.Second), client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}

// topicsOf lists a broker's topics with their numbers of partitions.
func topicsOf(t testing.TB, addr string) map[string]int {
	t.Helper()
	client := franz(t, addr)
	defer client.Close()
	req := kmsg.NewPtrMetadataRequest()
	resp, err := req.RequestWith(within(t, 10*time.Second), client)
	if err != nil {
		t.Fatal(err)
	}
	topics := make(map[string]int)
	for _, topic := range resp.Topics {
		topics[*topic.Topic] = len(topic.Partitions)
	}
	return topics
}

func produce(t testing.TB, addr string, records ...*kgo.Record) {
	t.Helper()
	client := franz(t, addr)
	defer client.Close()
	if err := client.ProduceSync(within(t, 20*time.Second), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// consumeAll reads a topic from its beginning to the end it has now.
func consumeAll(t testing.TB, addr, topic string) []*kgo.Record {
	t.Helper()
	ends, _ := offsetsOf(t, addr, topic)
	client := franz(t, addr, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer client.Close()
	starts, records := startsOf(t, addr, topic), []*kgo.Record(nil)
	at := make(map[int32]int64)
	behind := func() bool {
		for p, end := range ends {
			if max(at[p], starts[p]) < end {
				return true
			}
		}
		return false
	}
	ctx := within(t, 30*time.Second)
	for behind() {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("read %d records, at %v of %v: %v", len(records), at, ends, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			records = append(records, r)
			at[r.Partition] = r.Offset + 1
		})
	}
	return records
}

func offsetsOf(t testing.TB, addr, topic string) (ends map[int32]int64, total int64) {
	t.Helper()
	ends = listOffsets(t, addr, topic, -1)
	for _, end := range ends {
		total += end
	}
	return ends, total
}

func startsOf(t testing.TB, addr, topic string) map[int32]int64 {
	t.Helper()
	return listOffsets(t, addr, topic, -2)
}

func listOffsets(t testing.TB, addr, topic string, when int64) map[int32]int64 {
	t.Helper()
	client := franz(t, addr)
	defer client.Close()
	req := kmsg.NewPtrListOffsetsRequest()
	rt := kmsg.NewListOffsetsRequestTopic()
	rt.Topic = topic
	for p := range topicsOf(t, addr)[topic] {
		rp := kmsg.NewListOffsetsRequestTopicPartition()
		rp.Partition, rp.Timestamp = int32(p), when
		rt.Partitions = append(rt.Partitions, rp)
	}
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(within(t, 10*time.Second), client)
	if err != nil {
		t.Fatal(err)
	}
	offsets := make(map[int32]int64)
	for _, p := range resp.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			t.Fatal(err)
		}
		offsets[p.Partition] = p.Offset
	}
	return offsets
}

// committer is a client for commitOffset, which names its topic rather than its id.
func committer(t testing.TB, addr string) *kgo.Client {
	t.Helper()
	return franz(t, addr, kgo.MaxVersions(kversion.V3_6_0()))
}

// commitOffset commits in topic "orders", as a group "group" without members does.
func commitOffset(ctx context.Context, client *kgo.Client, partition int32, offset int64) error {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group = "group"
	rt := kmsg.NewOffsetCommitRequestTopic()
	rt.Topic = "orders"
	rp := kmsg.NewOffsetCommitRequestTopicPartition()
	rp.Partition, rp.Offset = partition, offset
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode)
}

// committed is what commitOffset committed, -1 for nothing.
func committed(t testing.TB, addr string, partition int32) int64 {
	t.Helper()
	config := saramaConfig()
	admin, err := sarama.NewClusterAdmin([]string{addr}, config)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	resp, err := admin.ListConsumerGroupOffsets("group", map[string][]int32{"orders": {partition}})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetBlock("orders", partition).Offset
}

// saramaConfig is as the service sets it: acks=all, idempotent, the oldest offset first.
func saramaConfig() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V3_6_0_0
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Idempotent = true
	c.Net.MaxOpenRequests = 1
	c.Producer.Return.Successes = true
	c.Producer.Retry.Max = 50
	c.Producer.Retry.Backoff = 100 * time.Millisecond
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Consumer.MaxWaitTime = 10 * time.Millisecond // sarama commits over the connection that waits for messages
	c.Consumer.Group.Session.Timeout = 6 * time.Second
	c.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	c.Metadata.AllowAutoTopicCreation = true // what must not do anything
	c.Metadata.Retry.Max = 50
	c.Metadata.Retry.Backoff = 100 * time.Millisecond
	return c
}

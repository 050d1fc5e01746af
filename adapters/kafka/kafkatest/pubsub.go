package kafkatest

import (
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wmkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"

	"inventory/adapters/kafka"
)

// partitions is how many partitions the suite's topics have.
const partitions = 8

// PubSub runs Watermill's suite. Run it with -parallel 4: some of its tests have time limits
// that a busy machine exceeds.
func PubSub(t *testing.T, brokers []string) {
	features := tests.Features{ConsumerGroups: true, Persistent: true}
	t.Run("any order", func(t *testing.T) { run(t, brokers, features, wmkafka.DefaultMarshaler{}) })
	features.GuaranteedOrder = true
	t.Run("in order by key", func(t *testing.T) { run(t, brokers, features, wmkafka.NewWithPartitioningMarshaler(partitionKey)) })
}

func run(t *testing.T, brokers []string, features tests.Features, marshaler wmkafka.Marshaler) {
	withGroup := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		return newPublisher(t, brokers, marshaler), newSubscriber(t, brokers, group)
	}
	// Tests of the suite that share a group disturb each other.
	ownGroup := func(t *testing.T) (message.Publisher, message.Subscriber) {
		return withGroup(t, strings.NewReplacer("/", ".", " ", "-").Replace(t.Name()))
	}
	tests.TestPubSub(t, features, ownGroup, withGroup)
}

// partitionKey gives what the suite's ordered tests set, and one key for all in the others.
func partitionKey(_ string, m *message.Message) (string, error) {
	if key := m.Metadata.Get("partition_key"); key != "" {
		return key, nil
	}
	return "the same", nil
}

func newPublisher(t *testing.T, brokers []string, marshaler wmkafka.Marshaler) message.Publisher {
	t.Helper()
	cfg := wmkafka.DefaultSaramaSyncPublisherConfig()
	cfg.Version = sarama.V3_9_0_0
	cfg.Producer.RequiredAcks = sarama.WaitForAll
	p, err := wmkafka.NewPublisher(wmkafka.PublisherConfig{
		Brokers: brokers, Marshaler: marshaler, OverwriteSaramaConfig: cfg,
	}, watermill.NopLogger{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newSubscriber(t *testing.T, brokers []string, group string) message.Subscriber {
	t.Helper()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = brokers
	cfg.Group = group
	cfg.SessionTimeout = 6 * time.Second // the least that a real broker takes
	cfg.RebalanceTimeout = 5 * time.Second
	cfg.DrainTimeout = 500 * time.Millisecond
	cfg.NackPause = time.Millisecond // the suite nacks a lot
	s, err := kafka.NewSubscriber(cfg, kafka.Events{})
	if err != nil {
		t.Fatal(err)
	}
	// The suite leaves some of them open.
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &initialized{s, brokers}
}

// initialized makes topics, which the product's Subscriber never does.
type initialized struct {
	message.Subscriber
	brokers []string
}

var _ message.SubscribeInitializer = (*initialized)(nil)

// SubscribeInitialize implements message.SubscribeInitializer.
func (s *initialized) SubscribeInitialize(topic string) error {
	return Topics{s.brokers}.Create(topic, partitions)
}

package kafkatest

import (
	"errors"

	"github.com/IBM/sarama"
)

// Topics does to a cluster what the product never does.
type Topics struct{ Brokers []string }

// Create makes a topic; one that there is already stays.
func (c Topics) Create(topic string, partitions int32) error {
	return c.do(func(a sarama.ClusterAdmin) error {
		err := a.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false)
		if errors.Is(err, sarama.ErrTopicAlreadyExists) {
			return nil
		}
		return err
	})
}

// Trim deletes what lies before an offset.
func (c Topics) Trim(topic string, partition int32, before int64) error {
	return c.do(func(a sarama.ClusterAdmin) error {
		return a.DeleteRecords(topic, map[int32]int64{partition: before})
	})
}

func (c Topics) do(what func(sarama.ClusterAdmin) error) error {
	a, err := sarama.NewClusterAdmin(c.Brokers, clientConfig())
	if err != nil {
		return err
	}
	return errors.Join(what(a), a.Close())
}

func clientConfig() *sarama.Config {
	cfg := sarama.NewConfig()
	cfg.Version = sarama.V3_9_0_0
	return cfg
}

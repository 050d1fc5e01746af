package kafka_test

import (
	"testing"

	"inventory/adapters/kafka/kafkatest"
)

func TestPassesWatermillsSuite(t *testing.T) {
	kafkatest.PubSub(t, brokers)
}

package kafka_test

import (
	"testing"

	"inventory/adapters/kafka/kafkatest"
)

func TestAGroupKeepsItsPromises(t *testing.T) {
	kafkatest.Groups(t, kafkatest.Broker(t), false)
}

package kafka_test

import (
	"testing"

	"go.uber.org/goleak"

	"inventory/adapters/kafka/kafkatest"
)

func TestMain(m *testing.M) {
	kafkatest.BeMember()
	goleak.VerifyTestMain(m)
}

package kafka_test

import (
	"fmt"
	"strings"
	"testing"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
)

func TestDeadLettersAndNotesAreReadBack(t *testing.T) {
	cfg := config(t)
	n := 0
	kafkatest.Letters(t, func() kafka.Config {
		n++
		mine := cfg
		mine.Prefix = fmt.Sprintf("%s%d.", strings.ReplaceAll(cfg.Prefix, "/", "."), n)
		return mine
	})
}

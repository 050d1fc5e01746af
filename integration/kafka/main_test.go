// Package kafka_test proves adapters/kafka against a real broker: Watermill's suite, and the
// way of an order event from its topic to the handler or to the dead letters.
package kafka_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/adapters/kafka/kafkatest"
	"inventory/integration/stack"
)

var brokers []string

func TestMain(m *testing.M) {
	kafkatest.BeMember()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	stop, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	// Watermill's suite subscribes several times at once, and leaves what it did not read.
	suites := goleak.IgnoreAnyFunction("github.com/ThreeDotsLabs/watermill/internal/subscriber.(*multiplier).Subscribe.func2")
	if err := goleak.Find(suites); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// start finds a broker, or starts one that stop ends.
func start() (stop func() error, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	st, err := stack.FindOrStart(ctx, stack.Kafka)
	if err != nil {
		return nil, err
	}
	brokers = st.Brokers()
	return st.Stop, nil
}

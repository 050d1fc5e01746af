package embedded

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childDir names, for a child process, the data directory of the broker it runs until it
// is killed.
const (
	childDir  = "INVENTORY_TEST_BROKER_DIR"
	childAddr = "INVENTORY_TEST_BROKER_ADDR" // optional
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		runChild(dir)
	}
	// sarama leaves its metrics' one goroutine running.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
}

func runChild(dir string) {
	addr := cmp.Or(os.Getenv(childAddr), "127.0.0.1:0")
	broker, err := StartBroker(context.Background(), BrokerConfig{Addr: addr, DataDir: dir, segmentBytes: 256 << 10})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(broker.Addr())
	select {} // until it is killed
}

// startBroker runs a broker until the test ends.
func startBroker(t testing.TB, cfg BrokerConfig) *Broker {
	t.Helper()
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	if cfg.Warn == nil {
		cfg.Warn = func(message string) { t.Log(message) }
	}
	b, err := StartBroker(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// within is the time that a test's own waiting may take.
func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

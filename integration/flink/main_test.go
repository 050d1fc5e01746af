package flink

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/integration/service"
	"inventory/integration/stack"
)

// startTimeout bounds the start of Flink, which may have to be fetched first.
const startTimeout = 10 * time.Minute

// suite is what all tests of the package share.
var suite = service.NewSuite("flink")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

var addFlink sync.Once

// cluster has what the service needs, of the environment or of its own, and a Flink cluster of its own: it is killed.
func cluster(t *testing.T) *stack.Stack {
	t.Helper()
	st := suite.Stack(t)
	addFlink.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
		defer cancel()
		if err := st.Add(ctx, stack.Flink, stack.FlinkWorker); err != nil {
			t.Fatal(err)
		}
	})
	return st
}

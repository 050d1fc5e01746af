package seeing

import (
	"sync"
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
	"inventory/integration/stack"
)

// suite is what all tests of the package share.
var suite = service.NewSuite("seeing")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

var (
	starting sync.Mutex
	shared   *stack.Stack
)

// prometheus has a Prometheus for the tests of this package.
func prometheus(t *testing.T) *stack.Stack {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if shared == nil {
		shared = suite.StartStack(t, stack.Prometheus)
	}
	return shared
}

package pressure

import (
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

var (
	outageFlag    = flag.Duration("outage", 20*time.Second, "how long Cassandra is silent")
	ordersFlag    = flag.Int("orders", 100_000, "order events that wait meanwhile")
	reconcileFlag = flag.Bool("reconcile", false, "compare all journals, tables and memory at the end, which takes minutes")
	processesFlag = flag.Int("processes", 3, "processes of the fleet")
)

// suite is what all tests of the package share.
var suite = service.NewSuite("pressure")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

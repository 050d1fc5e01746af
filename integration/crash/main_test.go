package crash

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

var seedFlag = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")

// suite is what all tests of the package share.
var suite = service.NewSuite("crash")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

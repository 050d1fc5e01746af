package fleet

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")
	chaosFlag = flag.Duration("chaos", 2*time.Minute, "how long processes are killed, paused and restarted under load")
)

// suite is what all tests of the package share.
var suite = service.NewSuite("fleet")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

// newSeed tells how the choices of this run can be repeated.
func newSeed(t *testing.T) uint64 {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed: -seed %d", seed)
	return seed
}

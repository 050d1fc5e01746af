package orders

import (
	"flag"
	"math/rand/v2"
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

var seedFlag = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")

// suite is what all tests of the package share.
var suite = service.NewSuite("orders")

// newMarket makes a market that trades n orders.
func newMarket(t *testing.T, s *service.Site, n int) *Market {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%s: seed: -seed %d", s.Name, seed)
	return NewMarket(t, s, n, seed)
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

package letters

import (
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

// suite is what all tests of the package share.
var suite = service.NewSuite("letters")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

// everywhere runs a test on the embedded default and, at the same time, on real servers.
func everywhere(t *testing.T, test func(t *testing.T, s *service.Site)) {
	suite.Everywhere(t, test, "--lease=1s")
}

package cache

import (
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

// suite is what all tests of the package share.
var suite = service.NewSuite("cache")

func TestMain(m *testing.M) { goleak.VerifyTestMain(suite.Of(m)) }

package cache

import (
	"testing"

	"go.uber.org/goleak"

	"inventory/integration/service"
)

// suite is what all tests of the package share.
var suite = service.NewSuite("cache")

// The library looks once whether a server is of a cluster, and rests for a second after that, though it is closed.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(suite.Of(m), goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"))
}

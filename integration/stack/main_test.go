package stack

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// roleEnv makes this test binary play a part in a test instead of running the tests.
const roleEnv = "STACK_TEST_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(roleEnv); role != "" {
		play(role)
		return
	}
	goleak.VerifyTestMain(m)
}

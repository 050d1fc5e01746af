package main

import (
	"errors"
	"os/exec"
	"slices"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestACommandSeesTheStackAndItsExitCodeIsOurs(t *testing.T) {
	t.Setenv("INVENTORY_BROKERS", "stale")
	command := []string{"sh", "-c", `[ "$INVENTORY_BROKERS" = here ] && exit 7`}
	err := execute(t.Context(), command, []string{"INVENTORY_BROKERS=here"})
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 7 {
		t.Errorf("expected exit code 7, found %v", err)
	}
}

func TestArgumentsAfterTwoDashesAreTheCommands(t *testing.T) {
	own, command := split([]string{"with", "-bench", "kafka", "--", "go", "test", "--", "-x"})
	if !slices.Equal(own, []string{"with", "-bench", "kafka"}) {
		t.Errorf("own arguments: %v", own)
	}
	if !slices.Equal(command, []string{"go", "test", "--", "-x"}) {
		t.Errorf("command: %v", command)
	}
}

func TestWrongUsageIsRefusedBeforeAnythingStarts(t *testing.T) {
	for _, args := range [][]string{nil, {"sideways"}, {"up", "oracle"}, {"with", "kafka"}, {"with", "kafka", "--"}, {"job", "kafka"}, {"job", "-dir", "nowhere"}} {
		if err := run(t.Context(), args); err == nil {
			t.Errorf("%q: expected an error, found none", args)
		}
	}
}

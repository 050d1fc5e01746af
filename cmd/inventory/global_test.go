package main

import (
	"strings"
	"testing"
)

func TestRolesAreOfAStoreThatSeveralProcessesUse(t *testing.T) {
	for flags, want := range map[string]string{
		"--role=aggregator":                                 "--role=[aggregator]: expected --store=cassandra",
		"--role=projector,aggregator --store=memory":        "--role=[projector aggregator]: expected --store=cassandra",
		"--role=clerk":                                      "--role",
		"--global-interval=1ms":                             "--global-interval=1ms: expected 10ms or more",
		"--global-interval=20s":                             "--global-takeover=10s: expected --global-interval, 20s, or more",
		"--role=core,projector --global-takeover=0s --json": "--global-takeover=0s: expected --global-interval, 500ms, or more",
	} {
		var out strings.Builder
		err := run(t.Context(), append([]string{"version"}, strings.Fields(flags)...), nil, &out, &out)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: found %v, expected %q", flags, err, want)
		}
	}
}

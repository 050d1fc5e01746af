package main

import (
	"regexp"
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

func TestStockIsShownByRegion(t *testing.T) {
	s := serving(t, t.TempDir(), "--global-interval=50ms")
	for _, command := range []string{
		"warehouse put HCM south --rank 1", "warehouse put HAN north --rank 2",
		"adjust HCM SKU-1 RECEIPT 7 --key a", "adjust HAN SKU-1 RECEIPT 5 --key b", "reserve o-1 SKU-1=2",
	} {
		must(t, append(strings.Fields(command), s.server)...)
	}
	table := regexp.MustCompile(`SKU-1 +ON HAND +HELD +AVAILABLE +AS OF\nnorth +5 +0 +5 .*\nsouth +7 +2 +5 .*\nin all +12 +2 +10`)
	waitFor(t, func() bool { return table.MatchString(must(t, "stock", "SKU-1", "--global", s.server)) })
	if out := must(t, "stock", "SKU-1", "--global", "--region=north", "--json", s.server); !strings.Contains(out, `"region":"north","on_hand":5`) || strings.Contains(out, "south") || !strings.Contains(out, `"source":"global"`) {
		t.Errorf("%s", out)
	}
}

package cassandra

import (
	"strings"
	"testing"
	"time"
)

func goodSettings() map[string]string {
	return map[string]string{
		"paxos_variant": "v2", "paxos_state_purging": "repaired",
		"read_request_timeout": "5000ms", "write_request_timeout": "2000ms", "cas_contention_timeout": "1800ms",
	}
}

func TestSettingsOfANodeAreChecked(t *testing.T) {
	cfg, err := validConfig().withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if err := checkSettings("n1", goodSettings(), cfg); err != nil {
		t.Errorf("good settings: %v", err)
	}
	for setting, value := range map[string]string{
		"paxos_variant": "v1", "paxos_state_purging": "legacy",
		"read_request_timeout": "6s", "write_request_timeout": "3s", "cas_contention_timeout": "10s",
	} {
		settings := goodSettings()
		settings[setting] = value
		err := checkSettings("n1", settings, cfg)
		if err == nil || !strings.Contains(err.Error(), "node n1") || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s=%s: got error %v", setting, value, err)
		}
	}
	captured := goodSettings()
	captured["cdc_enabled"], captured["cdc_block_writes"] = "true", "true"
	if err := checkSettings("n1", captured, cfg); err == nil || !strings.Contains(err.Error(), "cdc_block_writes") {
		t.Errorf("writes that an absent agent blocks: got error %v", err)
	}
	captured["cdc_block_writes"] = "false"
	if err := checkSettings("n1", captured, cfg); err != nil {
		t.Errorf("writes that nothing blocks: got error %v", err)
	}
	if err := checkSettings("n1", nil, cfg); err == nil || strings.Count(err.Error(), "node n1") != 2 {
		t.Errorf("without settings: got error %v, want both of Paxos", err)
	}
}

func TestAClockThatIsOffIsNamed(t *testing.T) {
	clocks := func(ahead ...time.Duration) []nodeClock {
		var all []nodeClock
		for i, a := range ahead {
			all = append(all, nodeClock{node: string(rune('a' + i)), ahead: a})
		}
		return all
	}
	for _, c := range []struct {
		clocks []nodeClock
		word   string
	}{
		{clocks(0, 100*time.Millisecond, -time.Second), ""},
		{clocks(2*time.Second, 2*time.Second, 2*time.Second), ""},
		{clocks(2100 * time.Millisecond), "this machine's clock is -2.1s"},
		{clocks(-5*time.Second, -5*time.Second, 0), "this machine's clock is 5s"},
		{clocks(0, 0, 3*time.Second), "node c: its clock is 3s"},
	} {
		err := compareClocks(c.clocks)
		if c.word == "" && err != nil || c.word != "" && (err == nil || !strings.Contains(err.Error(), c.word)) {
			t.Errorf("%v: got error %v, want %q", c.clocks, err, c.word)
		}
	}
}

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// config writes a file of settings.
func config(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inventory.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSettingsComeFromFlagsThenTheEnvironmentThenAFile(t *testing.T) {
	file := config(t, "lease: 3s\nhold_ttl: 2h\nlanes: 7\nbrokers: [a:1, b:2]\ncassandra:\n  dc: south\n")
	env := []string{"INVENTORY_CONFIG=" + file, "INVENTORY_LEASE=4s", "INVENTORY_LANES=8", "INVENTORY_CASSANDRA_PASSWORD=hush", "INVENTORY_REGISTRY_TOKEN=hush", "INVENTORY_NO_SETTING=x"}
	out, _, err := tryIn(t, env, "serve", "--print-config", "--lanes=9")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"lanes: 9\n", "lease: 4s\n", "hold-ttl: 2h0m0s\n", "brokers:\n    - a:1\n    - b:2\n", "cassandra-dc: south\n", "http-addr: 127.0.0.1:8080\n",
		"# INVENTORY_CASSANDRA_PASSWORD: ********", "# INVENTORY_REGISTRY_PASSWORD: not set", "# INVENTORY_REGISTRY_TOKEN: ********", "registry-timeout: 10s\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("expected %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "hush") {
		t.Error("a secret is printed")
	}
	again, _, err := tryIn(t, nil, "serve", "--print-config", "--config", config(t, out))
	if want := strings.ReplaceAll(out, "********", "not set"); err != nil || again != want {
		t.Errorf("what is printed is no file of settings: %v\n%s", err, again)
	}
}

func TestABadFileOfSettingsIsRefusedWithWhatToDo(t *testing.T) {
	for text, says := range map[string]string{
		"leese: 3s":                 "unknown key leese: did you mean lease?",
		"cassandra: {host: x}":      "unknown key cassandra-host: did you mean cassandra-hosts?",
		"cassandra_password: x":     "secrets come from the environment alone, as INVENTORY_CASSANDRA_PASSWORD",
		"lease: soon":               "--lease",
		"lease: [":                  "inventory.yaml: yaml:",
		"store: paper":              "must be one of",
		"lanes: 0\nhttp_addr: 8080": "--http-addr=8080: expected HOST:PORT",
	} {
		_, _, err := tryIn(t, nil, "serve", "--print-config", "--config="+config(t, text))
		if exitCode(err) != exitUsage || !strings.Contains(explain(err), says) {
			t.Errorf("%q: expected %q, found %d and %v", text, says, exitCode(err), err)
		}
	}
	if _, _, err := tryIn(t, nil, "serve", "--config=/nowhere/at/all"); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestStoresHaveConsumerGroupsOfTheirOwn(t *testing.T) {
	for want, s := range map[string]settings{
		"inventory":   {Store: storeSQLite},
		"test.shop_2": {Store: storeCassandra, Cassandra: cassandraSettings{Keyspace: "shop_2"}, Topic: topicSettings{Prefix: "test."}},
		"named":       {Store: storeCassandra, Cassandra: cassandraSettings{Keyspace: "shop_2"}, ConsumerGroup: "named"},
	} {
		if got := s.kafka().Group; got != want {
			t.Errorf("expected %s, found %s", want, got)
		}
	}
}

func TestCassandraKeepsMembersForTenLeasesOrLonger(t *testing.T) {
	for lease, want := range map[time.Duration]time.Duration{
		10 * time.Second: 100 * time.Second, 250 * time.Millisecond: time.Minute, 6001 * time.Millisecond: 61 * time.Second,
	} {
		s := settings{Lease: lease, HomeRegion: "south"}
		if c := s.cassandra(); c.MemberTTL != want || c.Region != "south" {
			t.Errorf("with a lease of %s members of %s are kept for %s, want %s in south", lease, c.Region, c.MemberTTL, want)
		}
	}
}

func TestAnEventIsTriedAgainForAnHourAndNeverForLessThanNothing(t *testing.T) {
	out, _, err := try(t, "serve", "--print-config")
	if err != nil || !strings.Contains(out, "retry-for: 1h0m0s") {
		t.Errorf("found %v and\n%s", err, out)
	}
	if _, _, err := try(t, "serve", "--print-config", "--retry-for=-1s"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "--retry-for=-1s: expected 0") {
		t.Errorf("found %v", err)
	}
}

func TestAReaderWaitsForASecondAndNeverForLong(t *testing.T) {
	out, _, err := try(t, "serve", "--print-config")
	if err != nil || !strings.Contains(out, "read-patience: 1s") {
		t.Errorf("found %v and\n%s", err, out)
	}
	if got := (&settings{ReadPatience: 2 * time.Second}).app().ReadPatience; got != 2*time.Second {
		t.Errorf("use cases wait for %s", got)
	}
	if _, _, err := try(t, "serve", "--print-config", "--read-patience=6s"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "read patience 6s: expected 0, for none, to 5s") {
		t.Errorf("found %v", err)
	}
}

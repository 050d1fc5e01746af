package cassandra_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"inventory/adapters/cassandra"
	"inventory/ports"
)

func TestAMigratedKeyspaceIsFitForUse(t *testing.T) {
	wantChecked(t, config(keyspace))
}

func TestAKeyspaceNobodyMigratedIsNotFitForUse(t *testing.T) {
	ks := newKeyspace(t)
	exec(t, admin(t, ""), "CREATE KEYSPACE "+ks+" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
	wantChecked(t, config(ks), "keyspace "+ks, "run `inventory migrate`", "SimpleStrategy: alter it to NetworkTopologyStrategy")
}

func TestCheckWantsOurTimeoutsAboveTheServers(t *testing.T) {
	cfg := config(keyspace)
	cfg.Timeout, cfg.LWTTimeout = 4*time.Second, time.Second
	wantChecked(t, cfg, "read_request_timeout is 5s and the configured timeout 4s", "write_request_timeout is 2s and the configured LWT timeout 1s")
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	for word, change := range map[string]func(*cassandra.Config){
		"keyspace inventory_test_nowhere does not exist: run `inventory migrate`": func(c *cassandra.Config) { c.Keyspace = "inventory_test_nowhere" },
		`no node is in data centre "atlantis"; the cluster has ["`:                func(c *cassandra.Config) { c.DC = "atlantis" },
	} {
		cfg := config(keyspace)
		change(&cfg)
		_, err := cassandra.Open(t.Context(), cfg)
		if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), word) {
			t.Errorf("got error %v, want a permanent one with %q", err, word)
		}
	}
}

func TestTheClockIsThatOfTheNodes(t *testing.T) {
	skew, err := open(t).Offset(t.Context())
	if err != nil || skew.Abs() > 500*time.Millisecond {
		t.Errorf("on one machine the clocks differ by %v, %v", skew, err)
	}
}

package cassandra

import (
	"maps"
	"strings"
	"testing"
)

func TestReplicationIsReadAndWritten(t *testing.T) {
	r, err := ParseReplication("vn-south=3, eu_west=2")
	if err != nil || !maps.Equal(r, Replication{"vn-south": 3, "eu_west": 2}) {
		t.Fatalf("got %v, %v", r, err)
	}
	if got := r.String(); got != "eu_west=2,vn-south=3" {
		t.Errorf("written as %q", got)
	}
	again, err := ParseReplication(r.String())
	if err != nil || !maps.Equal(again, r) {
		t.Errorf("read again as %v, %v", again, err)
	}
}

func TestWrongReplicationIsRefused(t *testing.T) {
	for _, s := range []string{"", "dc", "dc=", "dc=x", "dc=0", "dc=-1", "dc=11", "=3", "dc=3,", "dc=3,dc=3", "d'c=3", "dc=3;dc2=3"} {
		if r, err := ParseReplication(s); err == nil {
			t.Errorf("%q was read as %v", s, r)
		}
	}
}

func TestKeyspaceIsPlacedByDataCentre(t *testing.T) {
	got := createKeyspace("inventory", Replication{"b": 2, "a": 3})
	want := "CREATE KEYSPACE IF NOT EXISTS inventory WITH replication = {'class': 'NetworkTopologyStrategy', 'a': 3, 'b': 2}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestReplicationOfAKeyspaceIsUnderstood(t *testing.T) {
	const class = "org.apache.cassandra.locator.NetworkTopologyStrategy"
	r, err := replicationOf("ks", map[string]string{"class": class, "dc1": "3"})
	if err != nil || !maps.Equal(r, Replication{"dc1": 3}) {
		t.Errorf("got %v, %v", r, err)
	}
	_, err = replicationOf("ks", map[string]string{"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "1"})
	if err == nil || !strings.Contains(err.Error(), "SimpleStrategy") {
		t.Errorf("SimpleStrategy gave %v", err)
	}
}

func TestReplicasAreOnlyPlacedWhereNodesAre(t *testing.T) {
	known := []string{"dc1", "dc2"}
	if err := checkPlacement(Replication{"dc1": 3}, "dc1", known); err != nil {
		t.Error(err)
	}
	for word, r := range map[string]Replication{
		"no replication was given": nil,
		"leaves out":               {"dc2": 3},
		"data centre DC1":          {"dc1": 3, "DC1": 3},
	} {
		if err := checkPlacement(r, "dc1", known); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v: got error %v, want one with %q", r, err, word)
		}
	}
}

package stack

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The script is what runs elsewhere; what is tested here is only worth something if both say the same to the agent.
func TestTheStartScriptConfiguresTheAgentAsTheStackDoes(t *testing.T) {
	java := filepath.Join(t.TempDir(), "bin", "java")
	if err := os.MkdirAll(filepath.Dir(java), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(java, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	l := layout{Dir: t.TempDir(), Ports: []int{21001}, Near: map[string]string{
		EnvCassandraConfig: "/srv/cassandra/cassandra.yaml", EnvCassandraHosts: "127.0.0.1:21000", EnvCassandraDC: "north", EnvBrokers: "127.0.0.1:21002",
	}}
	if err := os.MkdirAll(l.conf(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (debezium{}).configure(l); err != nil {
		t.Fatal(err)
	}
	want := contents(t, l.conf())
	if err := os.RemoveAll(l.conf()); err != nil {
		t.Fatal(err)
	}

	script := exec.Command("../../deploy/debezium/start.sh")
	script.Env = append(os.Environ(), "JAVA_HOME="+filepath.Dir(filepath.Dir(java)),
		"CAPTURE_DATA="+l.data(), "CAPTURE_CONF="+l.conf(), "CAPTURE_CASSANDRA_CONFIG=/srv/cassandra/cassandra.yaml", "CAPTURE_CASSANDRA_HOST=127.0.0.1:21000",
		"CAPTURE_CASSANDRA_DC=north", "CAPTURE_BROKERS=127.0.0.1:21002", "CAPTURE_HTTP_PORT=21001")
	if out, err := script.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if found := contents(t, l.conf()); !maps.Equal(found, want) {
		t.Errorf("the script wrote\n%v\nthe stack\n%v", found, want)
	}
}

// contents returns the files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string, len(entries))
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = string(text)
	}
	return found
}

package stack

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

func clearEnv(t *testing.T) {
	t.Helper()
	for _, name := range variableNames() {
		t.Setenv(name, "")
	}
}

func TestTheEnvironmentNamesAStack(t *testing.T) {
	clearEnv(t)
	if st, ok := FromEnv(); ok {
		t.Fatalf("expected no stack in an empty environment, found %v", st.Env())
	}
	t.Setenv(EnvCassandraHosts, "10.0.0.1:9042,10.0.0.2:9042")
	t.Setenv(EnvCassandraDC, "north")
	st, ok := FromEnv()
	if !ok {
		t.Fatal("expected a stack, found none")
	}
	if hosts := st.CassandraHosts(); !slices.Equal(hosts, []string{"10.0.0.1:9042", "10.0.0.2:9042"}) {
		t.Errorf("hosts: %v", hosts)
	}
	if dc := st.CassandraDC(); dc != "north" {
		t.Errorf("data centre: %q", dc)
	}
	if brokers := st.Brokers(); len(brokers) != 0 {
		t.Errorf("brokers: expected none, found %v", brokers)
	}
	if url := st.RegistryURL(); url != "" {
		t.Errorf("registry: expected none, found %s", url)
	}
	want := []string{"INVENTORY_CASSANDRA_DC=north", "INVENTORY_CASSANDRA_HOSTS=10.0.0.1:9042,10.0.0.2:9042"}
	if env := st.Env(); !slices.Equal(env, want) {
		t.Errorf("variables: expected %v, found %v", want, env)
	}
}

func TestServersOfTheEnvironmentAreLeftAlone(t *testing.T) {
	clearEnv(t)
	t.Setenv(EnvBrokers, "127.0.0.1:1")
	st, _ := FromEnv()
	if err := st.Kill(Kafka); !errors.Is(err, ErrNotOurs) {
		t.Errorf("kill: expected %v, found %v", ErrNotOurs, err)
	}
	if err := st.Restart(t.Context(), Kafka); !errors.Is(err, ErrNotOurs) {
		t.Errorf("restart: expected %v, found %v", ErrNotOurs, err)
	}
	if err := st.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestAnUnknownServiceIsRefused(t *testing.T) {
	if _, err := Start(t.Context(), "oracle"); err == nil {
		t.Error("start: expected an error, found none")
	}
	if _, err := ParseServices([]string{"kafka", "oracle"}); err == nil {
		t.Error("parse: expected an error, found none")
	}
}

func TestFreePortsDifferAndLieBelowThoseOfOutgoingConnections(t *testing.T) {
	ports, err := freePorts(50)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ports)
	if distinct := slices.Compact(slices.Clone(ports)); len(distinct) != 50 {
		t.Errorf("expected 50 different ports, found %v", ports)
	}
	if ports[0] < 1024 || ports[49] >= 32768 {
		t.Errorf("expected ports from 1024 to 32767, found %d to %d", ports[0], ports[49])
	}
}

func TestALockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := lockFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lockFile(impatient, path); !errors.Is(err, context.Canceled) {
		t.Errorf("second: expected %v, found %v", context.Canceled, err)
	}
	taken := make(chan error, 1)
	go func() {
		releaseSecond, err := lockFile(t.Context(), path)
		if err == nil {
			releaseSecond()
		}
		taken <- err
	}()
	release()
	if err := <-taken; err != nil {
		t.Errorf("after the release: %v", err)
	}
}

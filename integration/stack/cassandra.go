package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

const dataCentre = "dc1"

// cassandra is a cluster of one node.
type cassandra struct{}

func (cassandra) ports() int { return 2 } // CQL, other nodes

func (cassandra) needs() []Service { return nil }

func (cassandra) prepare(_ context.Context, l layout, s Settings) error {
	values := map[string]any{
		"Port": l.Ports[0], "StoragePort": l.Ports[1], "DC": dataCentre, "CDC": s.CDC, "Durable": s.Durable,
		"Data":      filepath.Join(l.data(), "data"),
		"CommitLog": filepath.Join(l.data(), "commitlog"),
		"Caches":    filepath.Join(l.data(), "caches"),
		"Hints":     filepath.Join(l.data(), "hints"),
		"CDCRaw":    filepath.Join(l.data(), "cdc_raw"),
	}
	return l.render(Cassandra, values, "cassandra.yaml", "cassandra-rackdc.properties", "logback.xml", "jvm17.options")
}

func (cassandra) command(l layout, s Settings) ([]string, error) {
	agents, err := filepath.Glob(filepath.Join(l.Jars, "jamm-*.jar"))
	if err != nil {
		return nil, err
	}
	if len(agents) != 1 {
		return nil, fmt.Errorf("%s: expected one jamm-*.jar, found %d", l.Jars, len(agents))
	}
	tuning := []string{"-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}
	if s.Bench {
		tuning = []string{"-Xms3g", "-Xmx3g", "-XX:+UseG1GC"}
	}
	args := append([]string{"@" + filepath.Join(l.conf(), "jvm17.options"), "-javaagent:" + agents[0]}, tuning...)
	return append(args,
		"-Dcassandra.config="+fileURL(filepath.Join(l.conf(), "cassandra.yaml")),
		"-Dcassandra-rackdc.properties="+fileURL(filepath.Join(l.conf(), "cassandra-rackdc.properties")),
		"-Dlogback.configurationFile="+fileURL(filepath.Join(l.conf(), "logback.xml")),
		"-Dcassandra.storagedir="+l.data(),
		"-Dcassandra-foreground=yes",
		// Nobody to gossip with.
		"-Dcassandra.skip_wait_for_gossip_to_settle=0",
		"-Dcassandra.ring_delay_ms=0",
		"-cp", filepath.Join(l.Jars, "*"),
		"org.apache.cassandra.service.CassandraDaemon"), nil
}

// ready asks one query. The port is tried first: the driver takes no context while it connects.
func (cassandra) ready(ctx context.Context, l layout) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address())
	if err != nil {
		return err
	}
	if err := conn.Close(); err != nil {
		return err
	}
	cluster := gocql.NewCluster(l.address())
	cluster.ConnectTimeout = attemptLimit
	cluster.DisableInitialHostLookup = true
	session, err := cluster.CreateSession()
	if err != nil {
		return err
	}
	defer session.Close()
	var dc string
	if err := session.Query("SELECT data_center FROM system.local").ScanContext(ctx, &dc); err != nil {
		return err
	}
	if dc != dataCentre {
		return errors.New("data centre: expected " + dataCentre + ", found " + dc)
	}
	return nil
}

func (cassandra) variables(l layout) map[string]string {
	return map[string]string{EnvCassandraHosts: l.address(), EnvCassandraDC: dataCentre, EnvCassandraConfig: filepath.Join(l.conf(), "cassandra.yaml")}
}

func fileURL(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }

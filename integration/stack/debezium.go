package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"inventory/deploy"
)

// CaptureTopic returns the topic to which the agent brings what is written to a table of a keyspace.
func CaptureTopic(keyspace, table string) string { return "cdc." + keyspace + "." + table }

// debezium is the agent of Debezium's Cassandra connector. It reads the files of the node, so it is on the node's machine.
type debezium struct{}

func (debezium) ports() int { return 1 } // its health

func (debezium) needs() []Service { return []Service{Cassandra, Kafka} }

var captures = regexp.MustCompile(`(?m)^cdc_enabled: true$`)

func (d debezium) prepare(_ context.Context, l layout, _ Settings) error {
	config := l.Near[EnvCassandraConfig]
	if config == "" {
		return errors.New("it reads the files of the Cassandra node, and nothing says where they are: " + EnvCassandraConfig)
	}
	node, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	if !captures.Match(node) {
		return errors.New("change data capture is off in " + config + ": start Cassandra with -cdc, or together with debezium")
	}
	for _, dir := range []string{"offsets", "processed", "storage"} {
		if err := os.MkdirAll(filepath.Join(l.data(), dir), 0o755); err != nil {
			return err
		}
	}
	return l.render(Debezium, nil, "logback.xml")
}

// command runs the agent with the configuration that it has anywhere: what differs comes from the environment there, and from here.
func (d debezium) command(l layout, _ Settings) ([]string, error) {
	node := filepath.Dir(l.Near[EnvCassandraConfig])
	if err := d.configure(l); err != nil {
		return nil, err
	}
	return []string{
		"@" + filepath.Join(node, "jvm17.options"),
		"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dcassandra-rackdc.properties=" + fileURL(filepath.Join(node, "cassandra-rackdc.properties")),
		"-Dcassandra.storagedir=" + filepath.Join(l.data(), "storage"),
		"-Dlogback.configurationFile=" + fileURL(filepath.Join(l.conf(), "logback.xml")),
		"-cp", filepath.Join(l.Jars, "*"),
		"io.debezium.connector.cassandra.CassandraConnectorTask", filepath.Join(l.conf(), "agent.properties"),
	}, nil
}

// configure writes the agent's configuration and its driver's, from deploy/debezium.
func (debezium) configure(l layout) error {
	values := map[string]string{
		"CAPTURE_CASSANDRA_CONFIG": l.Near[EnvCassandraConfig],
		"CAPTURE_CASSANDRA_HOST":   l.Near[EnvCassandraHosts],
		"CAPTURE_CASSANDRA_DC":     l.Near[EnvCassandraDC],
		"CAPTURE_CONF":             l.conf(),
		"CAPTURE_DATA":             l.data(),
		"CAPTURE_HTTP_PORT":        fmt.Sprint(l.Ports[0]),
		"CAPTURE_BROKERS":          l.Near[EnvBrokers],
		"CAPTURE_TOPIC_PREFIX":     strings.TrimSuffix(CaptureTopic("", ""), ".."),
	}
	for _, name := range []string{"agent.properties", "driver.conf"} {
		text, err := deploy.Debezium.ReadFile("debezium/" + name)
		if err != nil {
			return err
		}
		filled, err := substitute(string(text), values)
		if err != nil {
			return fmt.Errorf("deploy/debezium/%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(l.conf(), name), []byte(filled), 0o644); err != nil {
			return err
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`\$\{[A-Z_]+\}`)

// substitute puts values in the places of ${NAME}, as envsubst does, but that a name without value is an error.
func substitute(text string, values map[string]string) (string, error) {
	var unknown []string
	filled := placeholder.ReplaceAllStringFunc(text, func(place string) string {
		value, ok := values[place[2:len(place)-1]]
		if !ok && !slices.Contains(unknown, place) {
			unknown = append(unknown, place)
		}
		return value
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("no value for %v", unknown)
	}
	return filled, nil
}

func (d debezium) ready(ctx context.Context, l layout) error {
	_, err := get(ctx, d.url(l)+"/ping")
	return err
}

func (d debezium) variables(l layout) map[string]string {
	return map[string]string{EnvDebeziumURL: d.url(l)}
}

func (debezium) url(l layout) string { return "http://" + l.address() }

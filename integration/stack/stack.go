// Package stack runs real servers on this machine for tests, benchmarks and development: Cassandra, Kafka, a schema registry,
// Debezium's agent, Flink and Prometheus, from published JARs and modules, and the Redis that is installed, on loopback and on ports chosen at run time. It isn't a way to run them for customers.
// Tests and integration/cmd import it; the product never does.
//
// A test takes the stack that its environment names, or starts its own:
//
//	st, err := stack.FindOrStart(ctx, stack.Cassandra)
//	defer st.Stop()
package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Service names a server that this package can run.
type Service string

// The servers.
const (
	Cassandra Service = "cassandra"
	Kafka     Service = "kafka"
	Registry  Service = "registry"
	// Redis is Debian's package, without anything on disk.
	Redis Service = "redis"
	// Debezium is the agent that brings what Cassandra's tables with CDC get to Kafka, to the topics of CaptureTopic.
	Debezium Service = "debezium"
	// Flink is the job manager of a Flink cluster, FlinkWorker its task manager. They run no job until SubmitJob.
	Flink       Service = "flink"
	FlinkWorker Service = "flink-worker"
	// Prometheus has the alerts of deploy/alerts, and scrapes what Stack.Scrape says.
	Prometheus Service = "prometheus"
)

// The environment variables that tell a program where a running stack is. Lists are separated by commas.
const (
	EnvCassandraHosts = "INVENTORY_CASSANDRA_HOSTS"
	EnvCassandraDC    = "INVENTORY_CASSANDRA_DC"
	EnvBrokers        = "INVENTORY_BROKERS"
	EnvRegistryURL    = "INVENTORY_REGISTRY_URL"
	EnvRedis          = "INVENTORY_REDIS"
)

// The variables of what the service itself is not told of.
const (
	EnvCassandraConfig = "STACK_CASSANDRA_CONFIG" // the path of the node's cassandra.yaml, beside which its other files are
	EnvDebeziumURL     = "STACK_DEBEZIUM_URL"     // /ping answers
	EnvFlinkURL        = "STACK_FLINK_URL"        // Flink's REST API, and its web pages
	EnvFlinkRPC        = "STACK_FLINK_RPC"        // host:port to which task managers go
	EnvFlinkState      = "STACK_FLINK_STATE"      // the folder of checkpoints and savepoints, as a URL
	EnvFlinkWorker     = "STACK_FLINK_WORKER"     // host:port of the task manager
	EnvPrometheusURL   = "STACK_PROMETHEUS_URL"   // Prometheus' API, and its web pages

	EnvPrometheusTargets = "STACK_PROMETHEUS_TARGETS" // the path of the file that says what is scraped
)

// clientVariables are those without which a service can't be used.
var clientVariables = map[Service]string{
	Cassandra: EnvCassandraHosts, Kafka: EnvBrokers, Registry: EnvRegistryURL, Redis: EnvRedis,
	Debezium: EnvDebeziumURL, Flink: EnvFlinkURL, FlinkWorker: EnvFlinkWorker,
	Prometheus: EnvPrometheusURL,
}

// ErrNotOurs is returned for a server that this Stack doesn't hold: it was not asked for, or another process started it.
var ErrNotOurs = errors.New("not a server that this stack started")

// Services returns every service, in the order in which they are listed to people.
func Services() []Service {
	return append(Core(), Redis, Debezium, Flink, FlinkWorker, Prometheus)
}

// Core returns the services without which the inventory doesn't run.
func Core() []Service {
	return []Service{Cassandra, Kafka, Registry}
}

// ParseServices reads names of services. No names mean those of Core; flink means its worker as well.
func ParseServices(names []string) ([]Service, error) {
	if len(names) == 0 {
		return Core(), nil
	}
	parsed := make([]Service, 0, len(names))
	for _, name := range names {
		if !slices.Contains(Services(), Service(name)) {
			return nil, fmt.Errorf("service %q: expected one of %v", name, Services())
		}
		parsed = append(parsed, Service(name))
		if Service(name) == Flink {
			parsed = append(parsed, FlinkWorker)
		}
	}
	return parsed, nil
}

// Stack is a set of servers that answer. Its methods may not be called concurrently.
type Stack struct {
	variables map[string]string
	servers   map[Service]*server // none when another process runs them
	dir       string
}

func newStack() *Stack { return &Stack{variables: make(map[string]string)} }

// add tells the stack's clients of a server.
func (s *Stack) add(srv *server) { maps.Copy(s.variables, srv.program.variables(srv.layout)) }

// FromEnv returns the stack that the INVENTORY_… variables name, false when they name none. It asks no server whether
// it answers. Kill and Restart return ErrNotOurs, and Stop does nothing: who started the servers ends them.
func FromEnv() (*Stack, bool) {
	st := newStack()
	for _, name := range variableNames() {
		if value := os.Getenv(name); value != "" {
			st.variables[name] = value
		}
	}
	return st, len(st.variables) > 0
}

// FindOrStart returns the stack that the environment names, if it has all that is wanted, or else starts one that has.
func FindOrStart(ctx context.Context, want ...Service) (*Stack, error) {
	st, _ := FromEnv()
	for _, service := range want {
		if !st.has(service) {
			return Start(ctx, want...)
		}
	}
	return st, nil
}

// variableNames returns the names of all variables.
func variableNames() []string {
	return []string{
		EnvCassandraHosts, EnvCassandraDC, EnvCassandraConfig, EnvBrokers, EnvRegistryURL, EnvRedis,
		EnvDebeziumURL, EnvFlinkURL, EnvFlinkRPC, EnvFlinkState, EnvFlinkWorker,
		EnvPrometheusURL, EnvPrometheusTargets,
	}
}

func (s *Stack) has(service Service) bool { return s.variables[clientVariables[service]] != "" }

// CassandraHosts returns the contact points, each host:port; none when the stack has no Cassandra.
func (s *Stack) CassandraHosts() []string { return s.list(EnvCassandraHosts) }

// CassandraDC returns the name of the data centre of CassandraHosts, "" when the stack has no Cassandra.
func (s *Stack) CassandraDC() string { return s.variables[EnvCassandraDC] }

// Brokers returns Kafka's bootstrap servers, each host:port; none when the stack has no Kafka.
func (s *Stack) Brokers() []string { return s.list(EnvBrokers) }

// RegistryURL returns the base of the registry's Confluent-compatible API, without a slash at its end; "" when the
// stack has no registry.
func (s *Stack) RegistryURL() string { return s.variables[EnvRegistryURL] }

// Redis returns the address of Redis, host:port; "" when the stack has none.
func (s *Stack) Redis() string { return s.variables[EnvRedis] }

// FlinkURL returns the base of Flink's REST API, without a slash at its end; "" when the stack has no Flink.
func (s *Stack) FlinkURL() string { return s.variables[EnvFlinkURL] }

// FlinkState returns the folder of Flink's checkpoints and savepoints as a URL, "" when the stack has no Flink.
func (s *Stack) FlinkState() string { return s.variables[EnvFlinkState] }

// Env returns the stack as sorted NAME=value pairs, from which FromEnv of another process finds it.
func (s *Stack) Env() []string {
	pairs := make([]string, 0, len(s.variables))
	for _, name := range slices.Sorted(maps.Keys(s.variables)) {
		pairs = append(pairs, name+"="+s.variables[name])
	}
	return pairs
}

// Dir returns the folder with the servers' logs, "" when another process runs them.
func (s *Stack) Dir() string { return s.dir }

// Kill ends a server at once (SIGKILL), as a crash would, and returns when it is gone.
func (s *Stack) Kill(service Service) error {
	srv, err := s.server(service)
	if err != nil {
		return err
	}
	return srv.process.kill()
}

// Restart starts a server that was killed, or ends it (SIGTERM) and starts it, on the same ports and data, and returns
// when it answers.
func (s *Stack) Restart(ctx context.Context, service Service) error {
	srv, err := s.server(service)
	if err != nil {
		return err
	}
	if err := srv.process.stop(stopGrace); err != nil {
		return err
	}
	return srv.start(ctx)
}

// Stop kills the servers that this Stack started and removes their data; logs stay in Dir. It gives them no time to
// flush, because nothing reads the data again. A second call does nothing.
func (s *Stack) Stop() error {
	err := stopAll(s.servers)
	s.servers = nil
	return err
}

func (s *Stack) server(service Service) (*server, error) {
	srv, ok := s.servers[service]
	if !ok {
		return nil, fmt.Errorf("%s: %w", service, ErrNotOurs)
	}
	return srv, nil
}

func (s *Stack) list(name string) []string {
	if s.variables[name] == "" {
		return nil
	}
	return strings.Split(s.variables[name], ",")
}

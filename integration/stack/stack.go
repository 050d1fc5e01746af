// Package stack runs real servers on this machine for tests, benchmarks and development: Cassandra, Kafka and a schema
// registry, from published JARs, on loopback and on ports chosen at run time. It isn't a way to run them for customers.
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
)

// The environment variables that tell a program where a running stack is. Lists are separated by commas.
const (
	EnvCassandraHosts = "INVENTORY_CASSANDRA_HOSTS"
	EnvCassandraDC    = "INVENTORY_CASSANDRA_DC"
	EnvBrokers        = "INVENTORY_BROKERS"
	EnvRegistryURL    = "INVENTORY_REGISTRY_URL"
)

// ErrNotOurs is returned for a server that this Stack doesn't hold: it was not asked for, or another process started it.
var ErrNotOurs = errors.New("not a server that this stack started")

// Services returns every service, in the order in which they are listed to people.
func Services() []Service {
	return []Service{Cassandra, Kafka, Registry}
}

// ParseServices reads names of services. No names mean all services.
func ParseServices(names []string) ([]Service, error) {
	if len(names) == 0 {
		return Services(), nil
	}
	parsed := make([]Service, 0, len(names))
	for _, name := range names {
		if !slices.Contains(Services(), Service(name)) {
			return nil, fmt.Errorf("service %q: expected one of %v", name, Services())
		}
		parsed = append(parsed, Service(name))
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
	for _, name := range []string{EnvCassandraHosts, EnvCassandraDC, EnvBrokers, EnvRegistryURL} {
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

func (s *Stack) has(service Service) bool {
	switch service {
	case Cassandra:
		return len(s.CassandraHosts()) > 0
	case Kafka:
		return len(s.Brokers()) > 0
	case Registry:
		return s.RegistryURL() != ""
	}
	return false
}

// CassandraHosts returns the contact points, each host:port; none when the stack has no Cassandra.
func (s *Stack) CassandraHosts() []string { return s.list(EnvCassandraHosts) }

// CassandraDC returns the name of the data centre of CassandraHosts, "" when the stack has no Cassandra.
func (s *Stack) CassandraDC() string { return s.variables[EnvCassandraDC] }

// Brokers returns Kafka's bootstrap servers, each host:port; none when the stack has no Kafka.
func (s *Stack) Brokers() []string { return s.list(EnvBrokers) }

// RegistryURL returns the base of the registry's Confluent-compatible API, without a slash at its end; "" when the
// stack has no registry.
func (s *Stack) RegistryURL() string { return s.variables[EnvRegistryURL] }

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
	var errs []error
	for _, srv := range s.servers {
		errs = append(errs, srv.process.kill(), srv.removeData())
	}
	s.servers = nil
	return errors.Join(errs...)
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

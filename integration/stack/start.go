package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Settings say how servers are run. The zero value is for tests: small and quick to start.
type Settings struct {
	// Bench gives Cassandra 3 GB of heap, Kafka 1 GB, and both the optimising compiler, as numbers need it, instead of 512 MB and a quick start.
	Bench bool
	// CDC makes Cassandra keep commit log segments for change data capture.
	CDC bool
	// Progress is told what is under way, a line each; nil means os.Stderr.
	Progress io.Writer
}

// Start runs servers for a test and returns when each answers. They end with Stop, and on Linux with this process however
// it ends. Their JARs are fetched first when this machine doesn't have them. An error means that none is left running.
func Start(ctx context.Context, want ...Service) (*Stack, error) {
	return Settings{}.Start(ctx, want...)
}

// Start is the function Start, with settings.
func (s Settings) Start(ctx context.Context, want ...Service) (*Stack, error) {
	dir, err := os.MkdirTemp("", "inventory-stack-")
	if err != nil {
		return nil, err
	}
	servers, err := s.newServers(ctx, dir, want)
	if err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	st := newStack()
	st.dir, st.servers = dir, servers
	for _, srv := range servers {
		st.add(srv)
	}
	if err := startAll(ctx, servers); err != nil {
		return nil, errors.Join(err, st.Stop())
	}
	return st, nil
}

// newServers gives each wanted server its JARs, folder and ports. It starts nothing.
func (s Settings) newServers(ctx context.Context, dir string, want []Service) (map[Service]*server, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	servers := make(map[Service]*server, len(want))
	for _, service := range want {
		p, ok := programs[service]
		if !ok {
			return nil, fmt.Errorf("service %q: expected one of %v", service, Services())
		}
		jars, err := fetchJars(ctx, service, s.progress())
		if err != nil {
			return nil, err
		}
		ports, err := freePorts(p.ports())
		if err != nil {
			return nil, err
		}
		servers[service] = &server{
			service: service, program: p, settings: s,
			layout: layout{Dir: filepath.Join(dir, string(service)), Jars: jars, Java: java, Ports: ports},
		}
	}
	return servers, nil
}

// startAll starts servers at the same time. The first failure ends the wait for the others.
func startAll(ctx context.Context, servers map[Service]*server) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, srv := range servers {
		wg.Go(func() {
			if err := srv.setUp(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (s Settings) progress() io.Writer {
	if s.Progress == nil {
		return os.Stderr
	}
	return s.Progress
}

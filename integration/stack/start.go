package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Settings say how servers are run. The zero value is for tests: small and quick to start.
type Settings struct {
	// Bench gives Cassandra 3 GB of heap, Kafka 1 GB, and both the optimising compiler, as numbers need it, instead of 512 MB and a quick start.
	Bench bool
	// CDC makes Cassandra keep commit log segments for change data capture, and sync its log every 200 ms instead of 10 s: capture
	// sees nothing earlier. It is on wherever Debezium is started together with Cassandra.
	CDC bool
	// Durable makes Cassandra sync its commit log before it answers, so that what it acknowledged outlives a kill: one node has no
	// other's copy.
	Durable bool
	// Progress is told what is under way, a line each; nil means os.Stderr.
	Progress io.Writer
}

// Start runs servers for a test, and those that they need, and returns when each answers. They end with Stop, and on Linux with this
// process however it ends. Their JARs are fetched first when this machine doesn't have them. An error means that none is left running.
func Start(ctx context.Context, want ...Service) (*Stack, error) {
	return Settings{}.Start(ctx, want...)
}

// Start is the function Start, with settings.
func (s Settings) Start(ctx context.Context, want ...Service) (*Stack, error) {
	st := newStack()
	if err := s.Add(ctx, st, want...); err != nil {
		return nil, errors.Join(err, st.removeEmptyDir())
	}
	return st, nil
}

// Add runs further servers, which work with those that the stack has, whoever runs these. They are the stack's own: Kill, Restart,
// Stop and Dir are of them. An error means that none of them is left running, and that the stack is as it was.
func (s Settings) Add(ctx context.Context, st *Stack, want ...Service) error {
	dir, err := st.makeDir()
	if err != nil {
		return err
	}
	servers, err := s.newServers(ctx, dir, want, st.variables)
	if err != nil {
		return err
	}
	if err := startAll(ctx, servers); err != nil {
		return errors.Join(err, stopAll(servers))
	}
	for service, srv := range servers {
		st.servers[service] = srv
		st.add(srv)
	}
	return nil
}

// Add is Settings.Add for tests: small and quick to start.
func (s *Stack) Add(ctx context.Context, want ...Service) error {
	return Settings{}.Add(ctx, s, want...)
}

// newServers gives each wanted server, and those that they need and that are not near, its JARs, folder and ports. It starts nothing.
func (s Settings) newServers(ctx context.Context, dir string, want []Service, near map[string]string) (map[Service]*server, error) {
	want, err := withNeeds(want, near)
	if err != nil {
		return nil, err
	}
	s.CDC = s.CDC || slices.Contains(want, Debezium)
	near = maps.Clone(near)
	servers := make(map[Service]*server, len(want))
	for _, service := range want {
		p := programs[service]
		l := layout{Dir: filepath.Join(dir, string(service)), Near: near}
		if err := s.equip(ctx, service, &l); err != nil {
			return nil, err
		}
		if l.Ports, err = freePorts(p.ports()); err != nil {
			return nil, err
		}
		servers[service] = &server{service: service, program: p, settings: s, layout: l}
		maps.Copy(near, p.variables(l))
	}
	return servers, nil
}

// equip gives a layout what the server's process is made of.
func (s Settings) equip(ctx context.Context, service Service, l *layout) (err error) {
	if p, ok := programs[service].(native); ok {
		if l.Native, err = p.find(ctx, s.progress()); err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		return nil
	}
	if l.Java, err = findJava(ctx); err != nil {
		return err
	}
	l.Jars, err = fetchJars(ctx, jarsOf(service), s.progress())
	return err
}

// withNeeds returns the wanted services and those that they need and that are not near, each once and after what it needs.
func withNeeds(want []Service, near map[string]string) ([]Service, error) {
	var all []Service
	for _, service := range want {
		p, ok := programs[service]
		if !ok {
			return nil, fmt.Errorf("service %q: expected one of %v", service, Services())
		}
		missing := slices.DeleteFunc(p.needs(), func(need Service) bool { return near[clientVariables[need]] != "" })
		for _, each := range append(missing, service) {
			if !slices.Contains(all, each) {
				all = append(all, each)
			}
		}
	}
	return all, nil
}

// jarsOf names the service whose pom has a service's JARs.
func jarsOf(service Service) Service {
	if service == FlinkWorker {
		return Flink
	}
	return service
}

// startAll starts servers at the same time, but for those that need others of them. The first failure ends the wait for the others.
func startAll(ctx context.Context, servers map[Service]*server) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	up := make(map[Service]chan struct{}, len(servers))
	for service := range servers {
		up[service] = make(chan struct{})
	}
	var wg sync.WaitGroup
	for service, srv := range servers {
		wg.Go(func() {
			if !awaitAll(ctx, up, srv.program.needs()) {
				return
			}
			if err := srv.setUp(ctx); err != nil {
				cancel(err)
				return
			}
			close(up[service])
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// awaitAll waits until those of the services that are being started are up, false when they will not be.
func awaitAll(ctx context.Context, up map[Service]chan struct{}, services []Service) bool {
	for _, service := range services {
		started, ok := up[service]
		if !ok {
			continue // it was up before
		}
		select {
		case <-started:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// stopAll kills servers and removes their data.
func stopAll(servers map[Service]*server) error {
	var errs []error
	for _, srv := range servers {
		errs = append(errs, srv.process.kill(), srv.removeData())
	}
	return errors.Join(errs...)
}

// makeDir makes the folder of the stack's own servers, once.
func (s *Stack) makeDir() (string, error) {
	if s.dir != "" {
		return s.dir, nil
	}
	dir, err := os.MkdirTemp("", "inventory-stack-")
	if err != nil {
		return "", err
	}
	s.dir, s.servers = dir, make(map[Service]*server)
	return dir, nil
}

// removeEmptyDir removes the stack's folder where no server has left a log in it.
func (s *Stack) removeEmptyDir() error {
	left, err := os.ReadDir(s.dir)
	if errors.Is(err, os.ErrNotExist) || len(left) > 0 {
		return nil
	}
	return errors.Join(err, os.Remove(s.dir))
}

func (s Settings) progress() io.Writer {
	if s.Progress == nil {
		return os.Stderr
	}
	return s.Progress
}

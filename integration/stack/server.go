package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"inventory/deploy"
)

const (
	startLimit   = 3 * time.Minute // Cassandra takes 10 s on a quiet machine; three JVMs on a busy one take longer
	attemptLimit = 5 * time.Second // for one question whether a server is ready
	pollEvery    = 100 * time.Millisecond
	stopGrace    = 15 * time.Second // from SIGTERM to SIGKILL
	logTail      = 20               // lines of a log that an error shows
)

// A program is a kind of server: how it is configured, run and asked whether it is ready.
type program interface {
	// ports tells how many the server listens on. The first is the one for clients.
	ports() int
	// needs are the servers with which it works, and which are up before it.
	needs() []Service
	// prepare writes configuration and initial data below the layout's folder, which is empty.
	prepare(ctx context.Context, l layout, s Settings) error
	// command returns the arguments of java, or of what a native one finds.
	command(l layout, s Settings) ([]string, error)
	// ready returns nil once the server has answered a client's request.
	ready(ctx context.Context, l layout) error
	// variables tell clients where the server is.
	variables(l layout) map[string]string
}

// A native program isn't Java's, and has no JARs.
type native interface {
	program
	// find returns the path of its executable, which it may have to make first, or an error that says how to get it.
	find(ctx context.Context, progress io.Writer) (string, error)
}

var programs = map[Service]program{
	Cassandra: cassandra{}, Kafka: kafka{}, Registry: registry{}, Redis: redis{},
	Debezium: debezium{}, Flink: flink{}, FlinkWorker: flinkWorker{},
	Prometheus: prometheus{},
}

// layout is where a server's things are. It is written to the server's record, so its fields are exported.
type layout struct {
	Dir  string
	Jars string // "" where Native is set
	Java string // the same
	// Native is the executable of a native program.
	Native string
	Ports  []int
	Near   map[string]string // the variables of the servers that it works with, and of others
}

func (l layout) address() string { return fmt.Sprintf("127.0.0.1:%d", l.Ports[0]) }
func (l layout) conf() string    { return filepath.Join(l.Dir, "conf") }
func (l layout) data() string    { return filepath.Join(l.Dir, "data") }
func (l layout) log() string     { return filepath.Join(l.Dir, "log") }

// A server is one program with its folder, and its process once it was started.
type server struct {
	service  Service
	program  program
	settings Settings
	layout   layout
	detached bool // outlives this process
	process  *process
}

// setUp makes the server's folder anew, starts the server and waits until it answers.
func (s *server) setUp(ctx context.Context) error {
	if err := os.RemoveAll(s.layout.Dir); err != nil {
		return err
	}
	for _, dir := range []string{s.layout.conf(), s.layout.data()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := s.program.prepare(ctx, s.layout, s.settings); err != nil {
		return fmt.Errorf("%s: %w", s.service, err)
	}
	return s.start(ctx)
}

// start runs the server on the data that it has and waits until it answers. What fails to answer is killed.
func (s *server) start(ctx context.Context) error {
	if err := s.launch(); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", s.service, err), s.process.kill())
	}
	if err := s.await(ctx); err != nil {
		return errors.Join(s.withLog(err), s.process.kill())
	}
	return nil
}

func (s *server) launch() error {
	args, err := s.program.command(s.layout, s.settings)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(s.layout.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	cmd := exec.Command(s.layout.Native, args...)
	if s.layout.Native == "" { // A server out of memory is to end, and so to be noticed, rather than to limp on.
		cmd = exec.Command(s.layout.Java, append([]string{"-XX:+ExitOnOutOfMemoryError"}, args...)...)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.layout.Dir, log, log
	s.process, err = launch(cmd, s.detached)
	if err := errors.Join(err, log.Close()); err != nil || !s.detached {
		return err
	}
	return writeRecord(s)
}

// await asks the server until it answers, ends, or takes too long.
func (s *server) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	last := errors.New("it was not asked yet")
	for {
		select {
		case <-s.process.done:
			return fmt.Errorf("ended while it was starting: %w", s.process.err)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w; its last answer: %w", ctx.Err(), last)
		case <-ticker.C:
		}
		if last = s.ask(ctx); last == nil {
			return nil
		}
	}
}

func (s *server) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	return s.program.ready(ctx, s.layout)
}

// withLog adds to err what the server said last, and where it said it.
func (s *server) withLog(err error) error {
	text, readErr := os.ReadFile(s.layout.log())
	if readErr != nil {
		return fmt.Errorf("%s: %w (no log: %w)", s.service, err, readErr)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-logTail):]
	return fmt.Errorf("%s: %w\nlast lines of %s:\n\t%s", s.service, err, s.layout.log(), strings.Join(lines, "\n\t"))
}

func (s *server) removeData() error { return os.RemoveAll(s.layout.data()) }

// render writes configuration files, each from the template of the same name in deploy/stack.
func (l layout) render(service Service, values any, names ...string) error {
	for _, name := range names {
		parsed, err := template.ParseFS(deploy.Stack, "stack/"+string(service)+"/"+name)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := parsed.Option("missingkey=error").Execute(&text, values); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(l.conf(), name), text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

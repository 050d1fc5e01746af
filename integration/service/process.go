package service

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"inventory/integration/stack"
)

// patience bounds each wait, far above what is normal.
const patience = 90 * time.Second

// Process is one run of `inventory serve`.
type Process struct {
	cmd    *exec.Cmd
	client *Client
	gone   chan struct{} // closed when it has ended and all that it said was read
	err    error         // how it ended; to be read after gone

	expected []string // parts of lines that are no faults here

	mu      sync.Mutex
	said    []string // of both outputs
	answers int      // that its client got
	killAt  int      // it is killed when it has given so many answers; 0: it is not
}

// Addr returns an address on loopback whose port was free a moment ago, and is none that
// the system gives to connections that go out.
func Addr() (string, error) {
	port, err := stack.FreePort()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

// Start runs the service, whose API is to listen at addr. Kill or Terminate ends it.
func Start(program, addr string, flags ...string) (*Process, error) {
	p := &Process{client: NewClient("http://" + addr), gone: make(chan struct{})}
	p.client.answered = p.countAnswer
	p.cmd = exec.Command(program, append([]string{"serve", "--http-addr=" + addr}, flags...)...)
	p.cmd.Env = Environment()
	stdout, outErr := p.cmd.StdoutPipe()
	stderr, errErr := p.cmd.StderrPipe()
	if err := errors.Join(outErr, errErr, p.cmd.Start()); err != nil {
		return nil, err
	}
	var reading sync.WaitGroup
	for _, from := range []io.Reader{stdout, stderr} {
		reading.Go(func() { p.read(from) })
	}
	go func() {
		reading.Wait()
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// Environment is this process's without the program's settings: flags alone say where
// everything is.
func Environment() []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "INVENTORY_") {
			env = append(env, pair)
		}
	}
	return append(env, "USER=tester", "GORACE=halt_on_error=1")
}

func (p *Process) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.said = append(p.said, lines.Text())
		p.mu.Unlock()
	}
}

// Client asks the process's API.
func (p *Process) Client() *Client { return p.client }

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Gone is closed when the process has ended.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Err is how the process ended, to be asked after Gone is closed.
func (p *Process) Err() error { return p.err }

// Said is what the process wrote so far.
func (p *Process) Said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.said, "\n")
}

// AwaitReady waits until the process is ready. The error tells what it said.
func (p *Process) AwaitReady(ctx context.Context) error { return p.await(ctx, p.client.Ready) }

// AwaitLedgers waits until the process owns all ledgers and serves the API, which may be
// long before it gets order events: a group waits until a member that was killed has timed
// out.
func (p *Process) AwaitLedgers(ctx context.Context) error {
	return p.await(ctx, func(ctx context.Context) error { return p.client.Check(ctx, "ledgers") })
}

func (p *Process) await(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var last error
	for {
		if last = ready(ctx); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("process %d is not ready: %w\n%s", p.PID(), last, p.Said())
		case <-p.gone:
			return fmt.Errorf("process %d ended while it started: %w\n%s", p.PID(), p.err, p.Said())
		case <-ticker.C:
		}
	}
}

func (p *Process) countAnswer() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers++; p.answers == p.killAt {
		_ = p.Signal(syscall.SIGKILL) // it may have ended already
	}
}

// Answers is how many answers its client got.
func (p *Process) Answers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answers
}

// KillAfter has the process killed when its client has got so many more answers.
func (p *Process) KillAfter(answers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killAt = p.answers + answers
}

// Signal sends the process a signal.
func (p *Process) Signal(sig os.Signal) error { return p.cmd.Process.Signal(sig) }

// ExitCode is what the process ended with, -1 where a signal ended it; to be asked after
// Gone is closed.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Kill ends the process as a crash does, and returns when it is gone.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL) // it may have ended already
	<-p.gone
}

// Terminate asks the process to end, and returns how it ended.
func (p *Process) Terminate() error {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.gone:
		return p.err
	case <-timer.C:
		p.Kill()
		return fmt.Errorf("process %d was still there %s after SIGTERM", p.PID(), patience)
	}
}

// Faults returns what the process said if it said what it never should: races, panics and
// defects. Lines with what is expected here are left out.
func (p *Process) Faults() string {
	said := p.Said()
	for line := range strings.Lines(said) {
		for _, bad := range []string{"DATA RACE", "panic:", "fatal error:", "ERROR  "} {
			if strings.Contains(line, bad) && !p.isExpected(line) {
				return said
			}
		}
	}
	return ""
}

func (p *Process) isExpected(line string) bool {
	return slices.ContainsFunc(p.expected, func(part string) bool { return strings.Contains(line, part) })
}

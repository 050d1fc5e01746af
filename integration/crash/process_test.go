package crash

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds each wait of a test, far above what is normal.
const patience = time.Minute

// errGone: the process ended before it answered.
var errGone = errors.New("the process is gone")

// reply is a line of the shell.
type reply struct {
	ID     string
	Result json.RawMessage
	Error  *struct {
		Code    string
		Message string
		Retry   bool
	}
}

// code is the error's, "" where there is none.
func (r reply) code() string {
	if r.Error == nil {
		return ""
	}
	return r.Error.Code
}

func (r reply) String() string {
	if r.Error != nil {
		return r.Error.Code + " " + r.Error.Message
	}
	return string(r.Result)
}

// process is one run of `inventory shell`.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.WriteCloser
	gone  chan struct{} // closed when it has ended and all that it wrote was read
	err   error         // how it ended; to be read after gone

	mu      sync.Mutex
	asked   int
	waiting map[string]chan reply
	answers int
	killAt  int // it is killed when it has given so many answers; 0: it is not
	stderr  []string
	heard   chan struct{} // closed when stderr has another line
}

// start runs the shell. Whatever the test does, it is gone at its end.
func start(t *testing.T, program string, flags ...string) *process {
	t.Helper()
	p := &process{t: t, waiting: map[string]chan reply{}, gone: make(chan struct{}), heard: make(chan struct{})}
	p.cmd = exec.Command(program, append([]string{"shell", "--parallel=16"}, flags...)...)
	p.cmd.Env = environment()
	stdin, inErr := p.cmd.StdinPipe()
	stdout, outErr := p.cmd.StdoutPipe()
	stderr, errErr := p.cmd.StderrPipe()
	if err := errors.Join(inErr, outErr, errErr, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	var reading sync.WaitGroup
	reading.Go(func() { p.readAnswers(stdout) })
	reading.Go(func() { p.readStderr(stderr) })
	go func() {
		reading.Wait()
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	t.Cleanup(p.kill)
	return p
}

// environment is the test's without the program's settings: flags alone say where it is.
func environment() []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "INVENTORY_") {
			env = append(env, pair)
		}
	}
	return append(env, "USER=crash", "GORACE=halt_on_error=1")
}

// ask has a line answered. errGone where the process ended first: then nobody knows what
// became of it.
func (p *process) ask(line string) (reply, error) {
	answer := make(chan reply, 1)
	p.mu.Lock()
	p.asked++
	id := fmt.Sprint(p.asked)
	p.waiting[id] = answer
	_, err := io.WriteString(p.stdin, "#"+id+" "+line+"\n")
	p.mu.Unlock()
	if err != nil {
		<-p.gone // it may have read the line all the same
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-answer:
		return r, nil
	case <-timer.C:
		p.t.Errorf("no answer within %s to: %s", patience, line)
		return reply{}, errGone
	case <-p.gone:
	}
	select {
	case r := <-answer:
		return r, nil
	default:
		return reply{}, errGone
	}
}

// decide asks until the answer is not that the same should be asked again, as a client
// would.
func (p *process) decide(line string) (r reply, err error) {
	err = eventually(func() (ok bool, err error) {
		r, err = p.ask(line)
		return r.Error == nil || !r.Error.Retry, err
	})
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", line, err, r)
	}
	return r, err
}

func (p *process) readAnswers(stdout io.Reader) {
	lines := bufio.NewReader(stdout)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return // what has no end of line was not answered
		}
		var r reply
		if err := json.Unmarshal(text, &r); err != nil {
			p.t.Errorf("not a line of JSON: %s", text)
			continue
		}
		p.answered(r)
	}
}

func (p *process) answered(r reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer, ok := p.waiting[r.ID]
	if !ok {
		p.t.Errorf("an answer that nobody asked for, or the second: %q: %s", r.ID, r)
		return
	}
	delete(p.waiting, r.ID)
	answer <- r
	if p.answers++; p.answers == p.killAt {
		p.signal(syscall.SIGKILL)
	}
}

// killAfter has the process killed when it has given so many more answers.
func (p *process) killAfter(answers int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killAt = p.answers + answers
}

func (p *process) signal(sig syscall.Signal) {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal to process %d: %v", p.cmd.Process.Pid, err)
	}
}

// kill ends the process as a crash does, and returns when it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.gone
}

// terminate asks the process to end, and returns how it ended.
func (p *process) terminate() error {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.gone:
		return p.err
	case <-timer.C:
		return fmt.Errorf("process %d is still there %s after SIGTERM", p.cmd.Process.Pid, patience)
	}
}

func (p *process) readStderr(stderr io.Reader) {
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		p.mu.Lock()
		p.stderr = append(p.stderr, lines.Text())
		close(p.heard)
		p.heard = make(chan struct{})
		p.mu.Unlock()
	}
}

// await waits until a line of stderr begins with prefix; false where the process ended
// first. It looks at lines that came earlier too.
func (p *process) await(prefix string) bool {
	p.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for seen := 0; ; {
		p.mu.Lock()
		lines, heard := p.stderr[seen:], p.heard
		p.mu.Unlock()
		for _, line := range lines {
			if strings.HasPrefix(line, prefix) {
				return true
			}
		}
		seen += len(lines)
		select {
		case <-heard:
			continue
		case <-p.gone:
		case <-timer.C:
			p.t.Fatalf("process %d did not say %q within %s:\n%s", p.cmd.Process.Pid, prefix, patience, p.said())
		}
		return strings.Contains("\n"+p.said(), "\n"+prefix)
	}
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.stderr, "\n")
}

// faults returns what the process said that it never should: races, panics and defects.
func (p *process) faults() string {
	for _, bad := range []string{"DATA RACE", "panic:", "fatal error:", "ERROR"} {
		if said := p.said(); strings.Contains(said, bad) {
			return said
		}
	}
	return ""
}

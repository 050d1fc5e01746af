package orders

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"inventory/integration/stack"
)

//go:embed client.py
var clientSource []byte

//go:embed requirements.txt
var requirements []byte

// python makes, once, an environment with the packages that the client needs.
var python = sync.OnceValues(func() (string, error) {
	name := fmt.Sprintf("python-client-%.4x", sha256.Sum256(requirements))
	dir, err := stack.Cached(context.Background(), name, func(dir string) error {
		list := filepath.Join(dir, "requirements.txt")
		if err := os.WriteFile(list, requirements, 0o644); err != nil {
			return err
		}
		for _, args := range [][]string{
			{"python3", "-m", "venv", dir},
			{filepath.Join(dir, "bin", "python3"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", list},
		} {
			if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
				return fmt.Errorf("%v: %w\n%s", args, err, out)
			}
		}
		return nil
	})
	return filepath.Join(dir, "bin", "python3"), err
})

// script is a run of the client.
type script struct {
	t     testing.TB
	cmd   *exec.Cmd
	stdin io.WriteCloser
	done  chan struct{}
	err   error // to be read after done

	mu     sync.Mutex
	stderr strings.Builder
}

// startScript runs the client; each line of its stdout goes to line. It ends with the test,
// at the latest.
func startScript(t testing.TB, line func([]byte), args ...string) *script {
	t.Helper()
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, done: make(chan struct{}), cmd: exec.Command(interpreter, append([]string{"-c", string(clientSource)}, args...)...)}
	s.cmd.Stderr = s
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		lines := bufio.NewScanner(stdout)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			line(lines.Bytes())
		}
		s.err = s.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may have ended already
		<-s.done
	})
	return s
}

// Write implements io.Writer, for the client's stderr.
func (s *script) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.Write(b)
}

func (s *script) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// tell writes a value as a line to the client's stdin.
func (s *script) tell(value any) {
	s.t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		_, err = s.stdin.Write(append(text, '\n'))
	}
	if err != nil {
		s.t.Fatalf("telling the client: %v\n%s", err, s.said())
	}
}

package stack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const (
	roleParent = "parent" // starts a stubborn child as a server is started, and never ends
	roleChild  = "child"  // tells its pid and never ends
)

func play(role string) {
	switch role {
	case roleParent:
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), roleEnv+"="+roleChild)
		child.Stdout = os.Stdout
		if _, err := launch(child, false); err != nil {
			panic(err)
		}
	case roleChild:
		fmt.Println(os.Getpid())
	}
	select {}
}

func TestStopKillsAProcessThatWillNotEnd(t *testing.T) {
	cmd := exec.Command("sh", "-c", `trap "" TERM; echo deaf; while :; do read line; done`)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	p, err := launch(cmd, false)
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "deaf\n" {
		t.Fatalf("the shell said %q (%v)", line, err)
	}
	if err := p.stop(10 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if p.err == nil || !strings.Contains(p.err.Error(), "killed") {
		t.Errorf("end: expected a kill, found %v", p.err)
	}
	if err := p.stop(time.Hour); err != nil {
		t.Errorf("stop what has ended: %v", err)
	}
}

// silent is a server that is a Java program which doesn't even start.
type silent struct{ cassandra }

func (silent) prepare(context.Context, layout, Settings) error { return nil }

func (silent) command(layout, Settings) ([]string, error) { return []string{"-such-an-option"}, nil }

func TestAServerThatEndsWhileStartingIsReportedWithItsLog(t *testing.T) {
	java, err := findJava(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	srv := &server{service: "silent", program: silent{}, layout: layout{Dir: t.TempDir(), Java: java, Ports: []int{1}}}
	err = srv.setUp(t.Context())
	if err == nil {
		t.Fatal("expected an error, found none")
	}
	for _, part := range []string{"silent", "exit status", "Unrecognized option: -such-an-option", srv.layout.log()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
}

// readPID reads what a child tells, and then waits for the end of all who could tell more.
func readPID(t *testing.T, out io.Reader) (pid int, ended <-chan struct{}) {
	t.Helper()
	lines := bufio.NewReader(out)
	if _, err := fmt.Fscanln(lines, &pid); err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, lines)
	}()
	return pid, closed
}

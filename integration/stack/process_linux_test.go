package stack

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestAServerDiesWithATestThatIsKilled(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), roleEnv+"="+roleParent)
	// A pipe of our own: Wait must not close it before the child's end was seen.
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	parent.Stdout = in
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	child, ended := readPID(t, out)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // its error is the kill
	timer := time.NewTimer(30 * time.Second)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
		t.Fatalf("process %d outlives its killed parent", child)
	}
}

package stack

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A process is a child of this one, from launch until it ended.
type process struct {
	pid  int
	done chan struct{} // closed when the process has ended
	err  error         // how it ended; to be read after done
}

// launch starts cmd. Unless detached, the process dies with this one on Linux, even if this one is killed; detached, it has
// its own session and outlives this one.
func launch(cmd *exec.Cmd, detached bool) (*process, error) {
	p := &process{done: make(chan struct{})}
	cmd.SysProcAttr = attributes(detached)
	started := make(chan error)
	go func() {
		// Linux sends the parent-death signal when the thread that forked ends, not the process. Keeping the thread for
		// as long as the child lives makes both the same.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	return p, nil
}

// output runs cmd to its end and returns what it said. The child dies with this process, as those of launch do: what is left
// of a killed run must not go on writing where the next one works.
func output(cmd *exec.Cmd) ([]byte, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = attributes(false)
	return cmd.CombinedOutput()
}

// kill ends the process at once and returns when it is gone. A process that has ended, or never was, is no error.
func (p *process) kill() error {
	if p == nil {
		return nil
	}
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.done
	return nil
}

// stop asks the process to end and kills it when it hasn't within grace.
func (p *process) stop(grace time.Duration) error {
	if p == nil {
		return nil
	}
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		return p.kill()
	}
}

// signal is safe after the end: the pid can't be another's before done is closed.
func (p *process) signal(sig syscall.Signal) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	process, err := os.FindProcess(p.pid)
	if err != nil {
		return err
	}
	if err := process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

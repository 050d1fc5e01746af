package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"inventory/integration/stack"
)

// with runs a command with the stack's variables in its environment, and returns how it ended. Servers that it started end
// with the command; their logs stay if the command failed.
func with(ctx context.Context, s stack.Settings, dir string, reuse bool, want []stack.Service, command []string) error {
	if len(command) == 0 {
		return errUsage
	}
	if reuse {
		st, ok, err := stack.Running(dir, want...)
		if err != nil {
			return err
		}
		if ok {
			fmt.Fprintln(os.Stderr, "using the servers that are up")
			return execute(ctx, command, st.Env())
		}
	}
	fmt.Fprintf(os.Stderr, "starting %v\n", want)
	st, err := s.Start(ctx, want...)
	if err != nil {
		return err
	}
	err = execute(ctx, command, st.Env())
	if err != nil {
		fmt.Fprintln(os.Stderr, "logs of the servers:", st.Dir())
		return errors.Join(err, st.Stop())
	}
	return errors.Join(st.Stop(), os.RemoveAll(st.Dir()))
}

func execute(ctx context.Context, command, env []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = commandGrace
	// The later value of a name holds.
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

// Command stack runs the servers of inventory/integration/stack from a shell:
//
//	stack up [-dir D] [-bench] [-cdc] [service...]
//	stack down [-dir D]
//	stack with [-dir D -reuse] [-bench] [-cdc] [service...] -- command [argument...]
//	stack job [-dir D] [-topic-prefix P] [-from zero|newest|PATH]
//
// No services means cassandra, kafka and registry. It is for development and for this project's Makefile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"inventory/integration/stack"
)

// commandGrace is how long a command may take to end once it was told to.
const commandGrace = 30 * time.Second

var errUsage = errors.New("usage: stack up|down|with|job [-dir D] [-bench] [-cdc] [-reuse] [service...] [-- command...]")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "stack:", err)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(max(1, exit.ExitCode())) // -1 when a signal ended the command
	}
	os.Exit(1)
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	if args[0] == "job" {
		return job(ctx, args[1:])
	}
	args, command := split(args)
	var settings stack.Settings
	flags := flag.NewFlagSet("stack "+args[0], flag.ContinueOnError)
	dir := flags.String("dir", ".stack", "folder of the servers that up starts")
	reuse := flags.Bool("reuse", false, "with: use the servers that up started, if all that are wanted run")
	flags.BoolVar(&settings.Bench, "bench", false, "give Cassandra 3 GB, Kafka 1 GB, and both the optimising compiler")
	flags.BoolVar(&settings.CDC, "cdc", false, "switch Cassandra's change data capture on")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	want, err := stack.ParseServices(flags.Args())
	if err != nil {
		return err
	}
	switch args[0] {
	case "up":
		return settings.Up(ctx, *dir, want...)
	case "down":
		return stack.Down(ctx, *dir, os.Stderr)
	case "with":
		return with(ctx, settings, *dir, *reuse, want, command)
	default:
		return errUsage
	}
}

// split parts the stack's own arguments from the command after "--".
func split(args []string) (own, command []string) {
	at := slices.Index(args, "--")
	if at < 0 {
		return args, nil
	}
	return args[:at], args[at+1:]
}

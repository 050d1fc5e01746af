package flink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"inventory/integration/stack"
)

// startTimeout bounds the start of servers, which may have to be fetched first.
const startTimeout = 10 * time.Minute

// servers are Kafka and a registry, the environment's or some of its own, and a Flink cluster of its own: it is killed.
var servers *stack.Stack

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if err := start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	err := errors.Join(servers.Stop(), goleak.Find())
	if code == 0 && err == nil {
		err = os.RemoveAll(servers.Dir())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func start() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if servers, err = stack.FindOrStart(ctx, stack.Kafka, stack.Registry); err != nil {
		return err
	}
	if err := servers.Add(ctx, stack.Flink, stack.FlinkWorker); err != nil {
		return errors.Join(err, servers.Stop())
	}
	return nil
}

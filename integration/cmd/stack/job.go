package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"inventory/integration/stack"
)

// job submits the job that sums stock to the Flink that up started, and prints its id.
func job(ctx context.Context, args []string) error {
	var j stack.Job
	flags := flag.NewFlagSet("stack job", flag.ContinueOnError)
	dir := flags.String("dir", ".stack", "folder of the servers that up started")
	flags.StringVar(&j.TopicPrefix, "topic-prefix", "", "of the topics' names")
	flags.StringVar(&j.From, "from", "newest", "zero, newest (savepoint or checkpoint), or the path of one")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errUsage
	}
	st, ok, err := stack.Running(*dir, stack.Kafka, stack.Registry, stack.Flink, stack.FlinkWorker)
	if err != nil {
		return err
	}
	if !ok {
		return errors.New("Kafka, a registry and Flink are not up in " + *dir + ": make stack-up STACK=full")
	}
	id, err := st.SubmitJob(ctx, j)
	if err != nil {
		return err
	}
	fmt.Println(id)
	return nil
}

package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// Tail hands the records that come to topics (names in full) from now on to handle, one at a
// time, those of a partition in order. It belongs to no group and marks nothing. ready is
// called when no later record can be missed. It returns nil when ctx ends, ErrTransient
// where the brokers can't be reached.
func Tail(ctx context.Context, cfg Config, topics []string, ready func(), handle func(Record)) (err error) {
	if err := cfg.Validate(); err != nil {
		return err
	}
	consumer, err := sarama.NewConsumer(cfg.Brokers, clientConfig(cfg, consuming))
	if err != nil {
		return fmt.Errorf("%w: kafka: no broker answers at %s: %w", ports.ErrTransient, strings.Join(cfg.Brokers, ", "), err)
	}
	defer func() { err = errors.Join(err, consumer.Close()) }()
	var mu sync.Mutex // one record at a time
	var reading sync.WaitGroup
	defer reading.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for _, topic := range topics {
		partitions, err := consumer.Partitions(topic)
		if err != nil {
			return fmt.Errorf("%w: kafka: topic %s: %w", ports.ErrTransient, topic, err)
		}
		for _, p := range partitions {
			from, err := consumer.ConsumePartition(topic, p, sarama.OffsetNewest)
			if err != nil {
				return fmt.Errorf("%w: kafka: %s[%d]: %w", ports.ErrTransient, topic, p, err)
			}
			reading.Go(func() { tailPartition(ctx, from, &mu, handle) })
		}
	}
	ready()
	<-ctx.Done()
	return nil
}

func tailPartition(ctx context.Context, from sarama.PartitionConsumer, mu *sync.Mutex, handle func(Record)) {
	unhook := context.AfterFunc(ctx, from.AsyncClose)
	defer unhook()
	messages, errs := from.Messages(), from.Errors()
	for messages != nil || errs != nil {
		select {
		case m, ok := <-messages:
			if !ok {
				messages = nil
				continue
			}
			mu.Lock()
			handle(recordOf(m))
			mu.Unlock()
		case _, ok := <-errs: // the client tries again by itself
			if !ok {
				errs = nil
			}
		}
	}
}

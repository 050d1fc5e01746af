package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// LevelTopic implements ports.LevelTopic: it reads the topic of stock levels partition by
// partition, and remembers how far it came. It belongs to no group, marks nothing, and is
// connected only while it reads. One goroutine uses it.
type LevelTopic struct {
	cfg     Config
	decoder ports.StockLevelDecoder
	next    map[int32]int64 // offsets
}

var _ ports.LevelTopic = (*LevelTopic)(nil)

// NewLevelTopic makes a reader that begins with what is oldest. ErrPermanent where the
// configuration is not valid.
func NewLevelTopic(cfg Config, decoder ports.StockLevelDecoder) (*LevelTopic, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &LevelTopic{cfg: cfg, decoder: decoder, next: map[int32]int64{}}, nil
}

// Read implements ports.LevelTopic.
func (t *LevelTopic) Read(ctx context.Context, take func(ports.PublishedLevel)) (err error) {
	topic := t.cfg.Prefix + ports.StockLevelTopic
	connected, cut := context.WithCancel(ctx)
	defer cut()
	client, err := sarama.NewClient(t.cfg.Brokers, bind(connected, clientConfig(t.cfg, consuming)))
	if err != nil {
		return t.failed(ctx, fmt.Errorf("no broker answers at %s: %w", strings.Join(t.cfg.Brokers, ", "), err))
	}
	defer func() {
		if e := client.Close(); err == nil && e != nil {
			err = t.failed(ctx, e)
		}
	}()
	partitions, err := client.Partitions(topic)
	if err != nil {
		return t.failed(ctx, fmt.Errorf("topic %s: %w", topic, err))
	}
	for _, p := range partitions {
		if err := t.readPartition(ctx, client, topic, p, take); err != nil {
			return t.failed(ctx, fmt.Errorf("%s[%d]: %w", topic, p, err))
		}
	}
	return nil
}

func (t *LevelTopic) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ports.ErrTransient):
		return err
	}
	return fmt.Errorf("%w: kafka: %w", ports.ErrTransient, err)
}

// quietEnd is how long nothing may come before the end. What was not read is not known: an
// error is better than a level that seems to be missing.
const quietEnd = 5 * time.Second

// readPartition reads up to the end as it is now.
func (t *LevelTopic) readPartition(ctx context.Context, client sarama.Client, topic string, partition int32, take func(ports.PublishedLevel)) (err error) {
	oldest, err := client.GetOffset(topic, partition, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	end, err := client.GetOffset(topic, partition, sarama.OffsetNewest)
	if err != nil {
		return err
	}
	next, known := t.next[partition]
	if !known || next < oldest || next > end { // a log that ends before is another one
		next = oldest
	}
	if next >= end {
		t.next[partition] = end
		return nil
	}
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, consumer.Close()) }()
	from, err := consumer.ConsumePartition(topic, partition, next)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return t.upTo(ctx, from, end, take)
}

// errCutOff is of a log that can't be read on, since what comes next was deleted meanwhile.
var errCutOff = errors.New("reading ended before the end")

func (t *LevelTopic) upTo(ctx context.Context, from sarama.PartitionConsumer, end int64, take func(ports.PublishedLevel)) error {
	quiet := time.NewTimer(quietEnd)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quiet.C:
			return fmt.Errorf("%w: kafka: nothing came for %s before the end, %d", ports.ErrTransient, quietEnd, end)
		case err, ok := <-from.Errors():
			if !ok {
				return errCutOff
			}
			return err
		case m, ok := <-from.Messages():
			if !ok {
				return errCutOff
			}
			level, err := t.levelOf(ctx, m)
			if err != nil {
				return err
			}
			take(level)
			t.next[m.Partition] = m.Offset + 1
			if m.Offset+1 >= end {
				return nil
			}
			quiet.Reset(quietEnd)
		}
	}
}

// levelOf reads a record. What can't be read now, since the registry is away, is an error;
// what never can be is the record's.
func (t *LevelTopic) levelOf(ctx context.Context, m *sarama.ConsumerMessage) (ports.PublishedLevel, error) {
	l := ports.PublishedLevel{Key: string(m.Key), Partition: m.Partition}
	if m.Value == nil {
		return l, nil
	}
	level, err := t.decoder.DecodeLevel(ctx, m.Value)
	switch {
	case err == nil:
		l.Level = &level
	case errors.Is(err, ports.ErrUnreadable), errors.Is(err, ports.ErrUnknownSchema), errors.Is(err, ports.ErrIncompatibleSchema):
		l.Err = err
	default:
		return l, err
	}
	return l, nil
}

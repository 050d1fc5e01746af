package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// Backlog reads how far the consumer group is behind. It asks the brokers, so that it knows of
// partitions that are stuck, and of those that nobody reads. It stays connected until it is
// closed. Safe for concurrent use.
type Backlog struct {
	cfg    Config
	from   *readback
	topics []string // without the deployment's prefix
}

// NewBacklog makes a reader of the group's backlog in topics, which are given without the
// deployment's prefix. It does not connect. ErrPermanent where the configuration is not valid.
func NewBacklog(cfg Config, topics ...string) (*Backlog, error) {
	from, err := newReadback(cfg)
	if err != nil {
		return nil, err
	}
	return &Backlog{cfg, from, topics}, nil
}

// Close disconnects; what is being read ends with an error. Idempotent.
func (b *Backlog) Close() error { return b.from.Close() }

// Read gives, for each topic, the records that the group has not marked as done: those in
// flight are among them. A partition in which it marked nothing yet counts from its oldest
// record, as it would be read. ErrTransient where the brokers can't be asked.
func (b *Backlog) Read(ctx context.Context) (records map[string]int64, err error) {
	err = b.from.run(ctx, func(_ context.Context, c sarama.Client, _ *gate) error {
		records, err = b.count(c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return records, nil
}

func (b *Backlog) count(c sarama.Client) (map[string]int64, error) {
	var all []partitionID
	asked := map[string][]int32{}
	for _, short := range b.topics {
		topic := b.cfg.Prefix + short
		partitions, err := c.Partitions(topic)
		if err != nil {
			return nil, fmt.Errorf("%w: kafka: topic %s: %w", ports.ErrTransient, topic, err)
		}
		asked[topic] = partitions
		for _, p := range partitions {
			all = append(all, partitionID{topic, p})
		}
	}
	bounds, err := boundsOf(c, all)
	if err != nil {
		return nil, err
	}
	marked, err := marksOf(c, b.cfg.Group, asked)
	if err != nil {
		return nil, err
	}
	records := map[string]int64{}
	for _, short := range b.topics {
		for _, p := range asked[b.cfg.Prefix+short] {
			id := partitionID{b.cfg.Prefix + short, p}
			records[short] += max(0, bounds[id].end-max(marked[id], bounds[id].oldest))
		}
	}
	return records, nil
}

// marksOf asks how far a group has come in partitions: below 0, or not there, where it marked
// nothing.
func marksOf(c sarama.Client, group string, asked map[string][]int32) (map[partitionID]int64, error) {
	coordinator, err := c.Coordinator(group)
	if err != nil {
		return nil, fmt.Errorf("the coordinator of group %s: %w", group, err)
	}
	response, err := coordinator.FetchOffset(sarama.NewOffsetFetchRequest(c.Config().Version, group, asked))
	if err != nil {
		return nil, fmt.Errorf("the offsets of group %s: %w", group, err)
	}
	marks := map[partitionID]int64{}
	switch fault := response.GroupError(); {
	case errors.Is(fault, sarama.ErrGroupIDNotFound): // nobody was ever in it
		return marks, nil
	case !errors.Is(fault, sarama.ErrNoError):
		return nil, fmt.Errorf("the offsets of group %s: %w", group, fault)
	}
	for topic, partitions := range asked {
		for _, p := range partitions {
			block := response.GetBlock(topic, p)
			if block == nil || !errors.Is(block.Err, sarama.ErrNoError) {
				return nil, fmt.Errorf("the offset of group %s in %s[%d]: %w", group, topic, p, sarama.ErrIncompleteResponse)
			}
			marks[partitionID{topic, p}] = block.Offset
		}
	}
	return marks, nil
}

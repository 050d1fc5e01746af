package kafka

import (
	"context"
	"errors"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// GlobalTopic implements ports.GlobalTopic: it reads the topic of global stock, and remembers
// how far it came. It stays connected until it is closed. One goroutine uses it.
type GlobalTopic struct {
	from    *readback
	came    *follower
	decoder ports.GlobalStockDecoder
}

var _ ports.GlobalTopic = (*GlobalTopic)(nil)

// NewGlobalTopic makes a reader that begins with what is oldest. It does not connect.
// ErrPermanent where the configuration is not valid.
func NewGlobalTopic(cfg Config, decoder ports.GlobalStockDecoder) (*GlobalTopic, error) {
	from, err := newReadback(cfg)
	if err != nil {
		return nil, err
	}
	return &GlobalTopic{from: from, came: newFollower(from, cfg.Prefix+ports.GlobalStockTopic), decoder: decoder}, nil
}

// Close disconnects; what is being read ends with an error. Idempotent.
func (t *GlobalTopic) Close() error { return t.from.Close() }

// Read implements ports.GlobalTopic.
func (t *GlobalTopic) Read(ctx context.Context, take func(ports.PublishedTotal)) error {
	return t.came.read(ctx, func(m *sarama.ConsumerMessage) error {
		total, err := t.totalOf(ctx, m)
		if err == nil {
			take(total)
		}
		return err
	})
}

// totalOf reads a record. What can't be read now, since the registry is away, is an error; what
// never can be is the record's.
func (t *GlobalTopic) totalOf(ctx context.Context, m *sarama.ConsumerMessage) (ports.PublishedTotal, error) {
	read := ports.PublishedTotal{Key: string(m.Key), Partition: m.Partition}
	if m.Value == nil {
		return read, nil
	}
	total, err := t.decoder.DecodeTotal(ctx, m.Value)
	switch {
	case err == nil:
		total.Aggregator = aggregatorOf(m)
		read.Total = &total
	case isForGood(err):
		read.Err = err
	default:
		return read, err
	}
	return read, nil
}

// aggregatorOf tells which aggregator wrote a record; empty where none did.
func aggregatorOf(m *sarama.ConsumerMessage) string {
	for _, h := range m.Headers {
		if string(h.Key) == aggregatorHeader {
			return string(h.Value)
		}
	}
	return ""
}

// isForGood tells whether a value can't ever be read.
func isForGood(err error) bool {
	return errors.Is(err, ports.ErrUnreadable) || errors.Is(err, ports.ErrUnknownSchema) || errors.Is(err, ports.ErrIncompatibleSchema)
}

package kafka

import (
	"context"

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

func (t *GlobalTopic) totalOf(ctx context.Context, m *sarama.ConsumerMessage) (_ ports.PublishedTotal, err error) {
	read := ports.PublishedTotal{Key: string(m.Key), Partition: m.Partition}
	read.Total, read.Err, err = readBack(ctx, m, t.decoder.DecodeTotal)
	if read.Total != nil {
		read.Total.Aggregator = aggregatorOf(m)
	}
	return read, err
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

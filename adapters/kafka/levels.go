package kafka

import (
	"context"
	"errors"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// LevelTopic implements ports.LevelTopic: it reads the topic of stock levels, and remembers
// how far it came. One goroutine uses it.
type LevelTopic struct {
	cfg     Config
	decoder ports.StockLevelDecoder
	log     *follower
	kept    *readback // nil: it is connected only while it reads
}

var _ ports.LevelTopic = (*LevelTopic)(nil)

// NewLevelTopic makes a reader that begins with what is oldest, and is connected only while it reads. ErrPermanent where the
// configuration is not valid.
func NewLevelTopic(cfg Config, decoder ports.StockLevelDecoder) (*LevelTopic, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &LevelTopic{cfg: cfg, decoder: decoder, log: newFollower(nil, cfg.Prefix+ports.StockLevelTopic)}, nil
}

// NewLevelFeed is NewLevelTopic of a reader that stays connected, until it is closed.
func NewLevelFeed(cfg Config, decoder ports.StockLevelDecoder) (*LevelTopic, error) {
	t, err := NewLevelTopic(cfg, decoder)
	if err == nil {
		t.kept, err = newReadback(cfg)
	}
	return t, err
}

// Close disconnects; what is being read ends with an error. Idempotent.
func (t *LevelTopic) Close() error {
	if t.kept == nil {
		return nil
	}
	return t.kept.Close()
}

// Read implements ports.LevelTopic.
func (t *LevelTopic) Read(ctx context.Context, take func(ports.PublishedLevel)) error {
	if t.kept != nil {
		return t.readFrom(ctx, t.kept, take)
	}
	from, err := newReadback(t.cfg)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // it never fails
	return t.readFrom(ctx, from, take)
}

func (t *LevelTopic) readFrom(ctx context.Context, from *readback, take func(ports.PublishedLevel)) error {
	t.log.from = from
	return t.log.read(ctx, func(m *sarama.ConsumerMessage) error {
		level, err := t.levelOf(ctx, m)
		if err == nil {
			take(level)
		}
		return err
	})
}

func (t *LevelTopic) levelOf(ctx context.Context, m *sarama.ConsumerMessage) (_ ports.PublishedLevel, err error) {
	l := ports.PublishedLevel{Key: string(m.Key), Partition: m.Partition}
	l.Level, l.Err, err = readBack(ctx, m, t.decoder.DecodeLevel)
	return l, err
}

// readBack decodes the value of a record of ours; nil where it deletes its key. What can't be read
// now, since the registry is away, is err; what never can be is unreadable.
func readBack[T any](ctx context.Context, m *sarama.ConsumerMessage, decode func(context.Context, []byte) (T, error)) (value *T, unreadable, err error) {
	if m.Value == nil {
		return nil, nil, nil
	}
	v, err := decode(ctx, m.Value)
	switch {
	case err == nil:
		return &v, nil, nil
	case errors.Is(err, ports.ErrUnreadable), errors.Is(err, ports.ErrUnknownSchema), errors.Is(err, ports.ErrIncompatibleSchema):
		return nil, err, nil
	}
	return nil, nil, err
}

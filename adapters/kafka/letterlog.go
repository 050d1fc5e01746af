package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/IBM/sarama"

	"inventory/domain/letter"
	"inventory/ports"
)

// LetterLog implements ports.LetterLog on the topics of dead letters. It remembers how far Read
// came, and stays connected until it is closed. Fetch and Append may be called at any time, by
// many.
type LetterLog struct {
	cfg  Config
	from *readback
	came *follower
	// Letters that are as large as order events go many in a request, to where others made the
	// topic too; larger ones alone.
	many, alone *Producer
}

var _ ports.LetterLog = (*LetterLog)(nil)

// NewLetterLog makes a reader that begins with what is oldest. It does not connect.
// ErrPermanent where the configuration is not valid.
func NewLetterLog(cfg Config) (*LetterLog, error) {
	from, err := newReadback(cfg)
	if err != nil {
		return nil, err
	}
	many, err := newProducer(cfg, publishing)
	if err != nil {
		return nil, err
	}
	alone, err := newProducer(cfg, burying)
	if err != nil {
		return nil, err
	}
	var topics []string
	for _, topic := range ports.OrderEventTopics() {
		topics = append(topics, cfg.Prefix+topic+DeadLetterSuffix)
	}
	return &LetterLog{cfg: cfg, from: from, came: newFollower(from, topics...), many: many, alone: alone}, nil
}

// Close disconnects; what is under way ends with an error. Idempotent.
func (l *LetterLog) Close() error {
	return errors.Join(l.from.Close(), l.many.Close(), l.alone.Close())
}

// Read implements ports.LetterLog.
func (l *LetterLog) Read(ctx context.Context, take func(letter.Letter)) error {
	return l.came.read(ctx, func(m *sarama.ConsumerMessage) error {
		take(l.letterOf(m))
		return nil
	})
}

func (l *LetterLog) letterOf(m *sarama.ConsumerMessage) letter.Letter {
	topic := strings.TrimSuffix(strings.TrimPrefix(m.Topic, l.cfg.Prefix), DeadLetterSuffix)
	return letterOf(topic, recordOf(m))
}

// What one call of a producer takes of letters, so that it can be done in the delivery timeout.
const (
	appendMost      = 2000
	appendMostBytes = 16 << 20
)

// Append implements ports.LetterLog.
func (l *LetterLog) Append(ctx context.Context, letters []letter.Letter) error {
	runs, err := l.runs(letters)
	if err != nil {
		return err
	}
	for _, r := range runs {
		p := l.many
		if r.large {
			p = l.alone
		}
		if err := p.send(ctx, r.messages); err != nil {
			return err
		}
	}
	return nil
}

// appended is what goes to a producer in one call. The next goes when this one is done, so that
// the order of a key stays.
type appended struct {
	messages []*sarama.ProducerMessage
	large    bool
	bytes    int
}

func (l *LetterLog) runs(letters []letter.Letter) ([]appended, error) {
	var runs []appended
	for _, one := range letters {
		if !slices.Contains(ports.OrderEventTopics(), one.Topic) {
			return nil, fmt.Errorf("%w: kafka: letter %s is of topic %q: expected one of %s", ports.ErrPermanent, one.ID, one.Topic, strings.Join(ports.OrderEventTopics(), ", "))
		}
		m := producerMessage(recordOfLetter(l.cfg.Prefix, one))
		size := m.ByteSize(recordVersion)
		if most := largestLetter(l.cfg); size > most {
			return nil, fmt.Errorf("%w: kafka: letter %s takes %d bytes with its headers, expected at most %d", ports.ErrPermanent, one.ID, size, most)
		}
		large := size > l.cfg.MaxMessageBytes
		if n := len(runs) - 1; n < 0 || runs[n].large != large || len(runs[n].messages) == appendMost || runs[n].bytes > appendMostBytes {
			runs = append(runs, appended{large: large})
		}
		r := &runs[len(runs)-1]
		r.messages, r.bytes = append(r.messages, m), r.bytes+size
	}
	return runs, nil
}

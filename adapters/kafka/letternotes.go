package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"inventory/domain/letter"
	"inventory/ports"
)

// LetterNotes implements ports.LetterNotes on a compacted topic of one partition. It remembers
// how far Read came, and stays connected until it is closed. Append may be called at any time,
// by many.
type LetterNotes struct {
	topic    string
	from     *readback
	came     *follower
	producer *Producer
}

var _ ports.LetterNotes = (*LetterNotes)(nil)

// NewLetterNotes makes a reader that begins with what is oldest. It does not connect.
// ErrPermanent where the configuration is not valid.
func NewLetterNotes(cfg Config) (*LetterNotes, error) {
	from, err := newReadback(cfg)
	if err != nil {
		return nil, err
	}
	producer, err := newProducer(cfg, publishing)
	if err != nil {
		return nil, err
	}
	topic := cfg.Prefix + ports.LetterNotesTopic
	return &LetterNotes{topic: topic, from: from, came: newFollower(from, topic), producer: producer}, nil
}

// Close disconnects; what is under way ends with an error. Idempotent.
func (l *LetterNotes) Close() error { return errors.Join(l.from.Close(), l.producer.Close()) }

// Read implements ports.LetterNotes.
func (l *LetterNotes) Read(ctx context.Context, take func(letter.Note)) error {
	return l.came.read(ctx, func(m *sarama.ConsumerMessage) error {
		if n, known := readNote(m.Value); known {
			take(n)
		}
		return nil
	})
}

// notesTogether is how many notes go in one call of the producer, so that it can be done in the
// delivery timeout.
const notesTogether = 5000

// Append implements ports.LetterNotes. Notes that can't be written, as they are too large or of
// a time that has no text, are an ErrPermanent, and none is written.
func (l *LetterNotes) Append(ctx context.Context, notes []letter.Note) error {
	messages := make([]*sarama.ProducerMessage, 0, len(notes))
	for _, n := range notes {
		value, err := writeNote(n)
		if err != nil {
			return fmt.Errorf("%w: kafka: note %s: %w", ports.ErrPermanent, n.Key(), err)
		}
		m := producerMessage(Record{Topic: l.topic, Key: []byte(n.Key()), Value: value})
		if size, most := m.ByteSize(recordVersion), l.producer.cfg.MaxMessageBytes; size > most {
			return fmt.Errorf("%w: kafka: note %s takes %d bytes, expected at most %d", ports.ErrPermanent, n.Key(), size, most)
		}
		messages = append(messages, m)
	}
	for len(messages) > 0 {
		n := min(len(messages), notesTogether)
		if err := l.producer.send(ctx, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

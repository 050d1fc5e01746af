package kafka

import (
	"context"
	"fmt"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// contentType is of all record values: Avro in the registry's framing.
const contentType = "application/avro"

// timeFormat is RFC 3339 with milliseconds; times are in UTC.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// aggregatorHeader says which aggregator added a total up. Other programs write none.
const aggregatorHeader = "ce_aggregator"

// recordVersion is the record format whose overhead the client counts.
const recordVersion = 2

// Publisher implements ports.Publisher: each event becomes a record of its topic with the
// headers of CloudEvents 1.0 in binary mode.
type Publisher struct {
	cfg      Config
	producer *Producer
	encoder  ports.PublicEventEncoder
	source   string
	stamp    stamp
}

var _ ports.Publisher = (*Publisher)(nil)

// NewPublisher makes a Publisher; source is the events' ce_source, a URI reference, and
// version the service's, for dead letters. It does not connect: while Kafka can't be reached, Publish answers ErrTransient. ErrPermanent where
// the configuration is not valid.
func NewPublisher(cfg Config, encoder ports.PublicEventEncoder, source, version string) (*Publisher, error) {
	if source == "" {
		return nil, fmt.Errorf("%w: kafka: the publisher's source is empty, expected a URI reference such as /inventory/eu", ports.ErrPermanent)
	}
	p, err := NewProducer(cfg)
	if err != nil {
		return nil, err
	}
	return &Publisher{cfg: cfg, producer: p, encoder: encoder, source: source, stamp: stampOf(cfg, version)}, nil
}

// Publish implements ports.Publisher. Where an event can't be encoded or is too large, those
// before it are published. It sends in waves, each of which takes at most the delivery
// timeout. Several relays may call it at once, and share requests.
func (p *Publisher) Publish(ctx context.Context, events []ports.PublicEvent) error {
	messages, fault := p.encode(ctx, events)
	if len(messages) > 0 {
		for _, wave := range wavesOf(events[:len(messages)]) {
			if err := p.producer.send(ctx, pick(messages, wave)); err != nil {
				return err
			}
		}
	}
	return fault
}

// Close disconnects; nobody is to publish any more. Idempotent.
func (p *Publisher) Close() error { return p.producer.Close() }

func pick(messages []*sarama.ProducerMessage, indices []int) []*sarama.ProducerMessage {
	picked := make([]*sarama.ProducerMessage, len(indices))
	for i, at := range indices {
		picked[i] = messages[at]
	}
	return picked
}

// encode makes records of events up to the first that is at fault.
func (p *Publisher) encode(ctx context.Context, events []ports.PublicEvent) ([]*sarama.ProducerMessage, error) {
	messages := make([]*sarama.ProducerMessage, 0, len(events))
	for _, e := range events {
		m, err := p.message(ctx, e)
		if err != nil {
			return messages, fmt.Errorf("%s of %s: %w", e.Topic(), e.Key(), err)
		}
		if n := m.ByteSize(recordVersion); n > p.cfg.MaxMessageBytes {
			return messages, fmt.Errorf("%w: %s of %s has %d bytes, at most %d are published", ports.ErrPermanent, e.Topic(), e.Key(), n, p.cfg.MaxMessageBytes)
		}
		messages = append(messages, m)
	}
	return messages, nil
}

func (p *Publisher) message(ctx context.Context, e ports.PublicEvent) (*sarama.ProducerMessage, error) {
	if dead, ok := e.(ports.DeadLetter); ok {
		return p.letter(dead)
	}
	value, err := p.encoder.Encode(ctx, e)
	if err != nil {
		return nil, err
	}
	return producerMessage(Record{Topic: p.cfg.Prefix + e.Topic(), Key: []byte(e.Key()), Value: value, Headers: p.headers(e)}), nil
}

func (p *Publisher) headers(e ports.PublicEvent) []Header {
	h := e.Header()
	headers := []Header{
		{"ce_specversion", []byte("1.0")},
		{"ce_id", []byte(h.ID.String())},
		{"ce_source", []byte(p.source)},
		{"ce_type", []byte(e.Topic())},
		{"ce_time", []byte(h.OccurredAt.UTC().Format(timeFormat))},
		{"ce_subject", []byte(e.Key())},
		{"content-type", []byte(contentType)},
	}
	if total, ok := e.(ports.GlobalStock); ok {
		headers = append(headers, Header{aggregatorHeader, []byte(total.Aggregator)})
	}
	if h.Trace != "" {
		headers = append(headers, Header{traceHeader, []byte(h.Trace)})
	}
	return headers
}

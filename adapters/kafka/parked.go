package kafka

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// writtenRecord is how a record is kept while what it asks for is parked. Header keys are
// bytes: they need not be text.
type writtenRecord struct {
	Topic     string          `json:"topic"`
	Partition int32           `json:"partition"`
	Offset    int64           `json:"offset"`
	Timestamp time.Time       `json:"timestamp"`
	Key       []byte          `json:"key"`
	Value     []byte          `json:"value"`
	Headers   []writtenHeader `json:"headers,omitempty"`
}

type writtenHeader struct {
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
}

// WriteRecord gives a record as bytes that a ports.DeadLetter takes: the same record always
// gives the same.
func WriteRecord(r Record) ([]byte, error) {
	w := writtenRecord{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UTC(), Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		w.Headers = append(w.Headers, writtenHeader{[]byte(h.Key), h.Value})
	}
	b, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("record %s/%d/%d: %w", r.Topic, r.Partition, r.Offset, err)
	}
	return b, nil
}

// ReadRecord reads what WriteRecord wrote.
func ReadRecord(b []byte) (Record, error) {
	var w writtenRecord
	if err := json.Unmarshal(b, &w); err != nil {
		return Record{}, fmt.Errorf("a record that was parked: %w", err)
	}
	r := Record{Topic: w.Topic, Partition: w.Partition, Offset: w.Offset, Timestamp: w.Timestamp, Key: w.Key, Value: w.Value}
	for _, h := range w.Headers {
		r.Headers = append(r.Headers, Header{string(h.Key), h.Value})
	}
	return r, nil
}

// letter makes the record of a dead letter: the first of its forms that a broker takes.
func (p *Publisher) letter(e ports.DeadLetter) (*sarama.ProducerMessage, error) {
	r, err := ReadRecord(e.Letter)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrPermanent, err)
	}
	l := Letter{Record: r, Code: e.Code, Err: errors.New(e.Detail), Attempts: 1, FirstFailure: e.Since, LastFailure: e.OccurredAt}
	var m *sarama.ProducerMessage
	for _, r := range p.stamp.records(l) {
		if m = producerMessage(r); m.ByteSize(recordVersion) <= p.cfg.MaxMessageBytes {
			break
		}
	}
	return m, nil
}

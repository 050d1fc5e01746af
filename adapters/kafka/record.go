package kafka

import (
	"bytes"
	"context"
	"time"

	"github.com/IBM/sarama"
)

// Record is a record as it lies in the log.
type Record struct {
	Topic     string // with the deployment's prefix
	Partition int32
	Offset    int64
	Timestamp time.Time
	Key       []byte // nil: none
	Value     []byte // nil: none
	Headers   []Header
}

// Header is one of a record's headers, which keep their order and may repeat.
type Header struct {
	Key   string
	Value []byte
}

// Header returns the value of the first header with a key, and whether there is one.
func (r Record) Header(key string) ([]byte, bool) {
	for _, h := range r.Headers {
		if h.Key == key {
			return h.Value, true
		}
	}
	return nil, false
}

func recordOf(m *sarama.ConsumerMessage) Record {
	r := Record{
		Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Timestamp: m.Timestamp,
		Key: m.Key, Value: m.Value,
	}
	if len(m.Headers) > 0 {
		r.Headers = make([]Header, len(m.Headers))
	}
	for i, h := range m.Headers {
		r.Headers[i] = Header{Key: string(h.Key), Value: h.Value}
	}
	return r
}

// producerMessage makes what the client sends of a record's topic, key, value and headers;
// its partition follows from the key.
func producerMessage(r Record) *sarama.ProducerMessage {
	m := &sarama.ProducerMessage{Topic: r.Topic}
	if r.Key != nil {
		m.Key = sarama.ByteEncoder(r.Key)
	}
	if r.Value != nil {
		m.Value = sarama.ByteEncoder(r.Value)
	}
	if len(r.Headers) > 0 {
		m.Headers = make([]sarama.RecordHeader, len(r.Headers))
	}
	for i, h := range r.Headers {
		m.Headers[i] = sarama.RecordHeader{Key: []byte(h.Key), Value: h.Value}
	}
	return m
}

// size is about what a consumed record keeps in memory, in bytes.
func size(m *sarama.ConsumerMessage) int {
	n := len(m.Key) + len(m.Value)
	for _, h := range m.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// messageContext is the context of a message that is made of a record.
type messageContext struct {
	context.Context
	record   *Record
	stopping <-chan struct{}
}

type (
	recordKey   struct{}
	stoppingKey struct{}
)

// Value implements context.Context.
func (c messageContext) Value(key any) any {
	switch key.(type) {
	case recordKey:
		return c.record
	case stoppingKey:
		return c.stopping
	}
	return c.Context.Value(key)
}

// RecordOf returns the record that a message was made of, from the message's context. False
// where the context is of no message of a Subscriber.
func RecordOf(ctx context.Context) (Record, bool) {
	r, ok := ctx.Value(recordKey{}).(*Record)
	if !ok {
		return Record{}, false
	}
	return *r, true
}

// stoppingOf returns what is closed when the partition of a message goes to another member,
// or the subscriber closes: nothing should be tried again from then on. It is nil, and blocks
// for ever, where the context is of no message.
func stoppingOf(ctx context.Context) <-chan struct{} {
	stopping, _ := ctx.Value(stoppingKey{}).(<-chan struct{})
	return stopping
}

// The header of a W3C traceparent, and its length in bytes.
const (
	traceLength = 55
	traceHeader = "traceparent"
)

// TraceOf returns the W3C traceparent of a record, or "" where it has none, several, or one
// that is not valid.
func TraceOf(r Record) string {
	var trace []byte
	for _, h := range r.Headers {
		if h.Key != traceHeader {
			continue
		}
		if trace != nil {
			return ""
		}
		trace = h.Value
	}
	if !isTrace(trace) {
		return ""
	}
	return string(trace)
}

// isTrace checks version-traceid-parentid-flags in lower-case hexadecimal digits.
func isTrace(b []byte) bool {
	if len(b) != traceLength || b[2] != '-' || b[35] != '-' || b[52] != '-' {
		return false
	}
	version, id, parent, flags := b[:2], b[3:35], b[36:52], b[53:]
	for _, part := range [][]byte{version, id, parent, flags} {
		if len(bytes.Trim(part, "0123456789abcdef")) > 0 {
			return false
		}
	}
	return string(version) != "ff" && !allZeros(id) && !allZeros(parent)
}

func allZeros(b []byte) bool { return len(bytes.Trim(b, "0")) == 0 }

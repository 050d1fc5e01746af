package kafka_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"inventory/adapters/kafka"
	"inventory/domain/ledger"
)

func deadLetters(t *testing.T, cfg kafka.Config) *kafka.DeadLetters {
	t.Helper()
	d, err := kafka.NewDeadLetters(cfg, "v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	closeAtEnd(t, d)
	return d
}

func someLetter(value []byte) kafka.Letter {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	return kafka.Letter{
		Record: kafka.Record{
			Topic: "test.t", Partition: 3, Offset: 42, Timestamp: at, Key: []byte("k"), Value: value,
			Headers: []kafka.Header{{Key: "b", Value: []byte{0, 255}}, {Key: "a", Value: nil}, {Key: "b", Value: []byte("2")}},
		},
		Code: "UNREADABLE", Err: errors.New(strings.Repeat("é", 2000)), Attempts: 3, FirstFailure: at.Add(time.Second), LastFailure: at.Add(time.Minute),
	}
}

// split returns a dead letter's headers that came with the record, and ours.
func split(m *sarama.ConsumerMessage) (theirs []string, ours map[string]string) {
	ours = map[string]string{}
	for _, h := range m.Headers {
		if strings.HasPrefix(string(h.Key), "dlq_") {
			ours[string(h.Key)] = string(h.Value)
			continue
		}
		theirs = append(theirs, string(h.Key)+"="+string(h.Value))
	}
	return theirs, ours
}

func TestALetterIsTheRecordAsItCameAndWhy(t *testing.T) {
	cfg := topics(t, 1, "t.dlq")
	value := make([]byte, 900<<10) // zeros
	if err := deadLetters(t, cfg).Write(t.Context(), someLetter(value)); err != nil {
		t.Fatal(err)
	}
	m := consume(t, cfg, "test.t.dlq", 1)[0]
	if string(m.Key) != "k" || !bytes.Equal(m.Value, value) {
		t.Errorf("key %q, %d bytes", m.Key, len(m.Value))
	}
	theirs, ours := split(m)
	if strings.Join(theirs, " ") != "b=\x00\xff a= b=2" {
		t.Errorf("headers that came with it: %q", theirs)
	}
	for name, want := range map[string]string{
		"dlq_topic": "test.t", "dlq_partition": "3", "dlq_offset": "42", "dlq_timestamp": "2026-01-02T03:04:05.678Z",
		"dlq_group": "inventory", "dlq_code": "UNREADABLE", "dlq_attempts": "3", "dlq_version": "v1.2.3", "dlq_handler": "t",
		"dlq_first_failure": "2026-01-02T03:04:06.678Z", "dlq_last_failure": "2026-01-02T03:05:05.678Z",
		"dlq_letter_id": ledger.NewUUIDv5(ledger.Namespace, "letter:test.t:3:42:inventory").String(),
	} {
		if ours[name] != want {
			t.Errorf("%s: got %q, want %q", name, ours[name], want)
		}
	}
	if text := ours["dlq_error"]; len(text) > 1024 || len(text) < 1000 || !strings.HasSuffix(text, "é…") {
		t.Errorf("error text of %d bytes: …%q", len(text), text[len(text)-10:])
	}
}

// A topic that others made takes a record of 1,048,588 bytes with all that belongs to it.
func TestALetterThatIsAlmostTooLargeHasFewerHeaders(t *testing.T) {
	const most = 1_048_588
	for _, tt := range []struct {
		name string
		room int // that the record leaves
		want string
		not  string
	}{
		{"room for all", 3000, "dlq_version", ""},
		{"room for a short text", 700, "dlq_error", "dlq_version"},
		{"room for where it came from", 300, "dlq_letter_id", "dlq_error"},
		{"no room", 130, "", "dlq_letter_id"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := topics(t, 1, "t.dlq")
			value := make([]byte, most-tt.room)
			if err := deadLetters(t, cfg).Write(t.Context(), someLetter(value)); err != nil {
				t.Fatal(err)
			}
			m := consume(t, cfg, "test.t.dlq", 1)[0]
			theirs, ours := split(m)
			if len(m.Value) != len(value) || len(theirs) != 3 {
				t.Errorf("%d bytes, headers %v", len(m.Value), theirs)
			}
			if _, ok := ours[tt.want]; !ok && tt.want != "" {
				t.Errorf("no %s in %v", tt.want, ours)
			}
			if _, ok := ours[tt.not]; ok {
				t.Errorf("%s in %v", tt.not, ours)
			}
		})
	}
}

func TestOurOwnTopicsTakeTheLargestLetterWithAllHeaders(t *testing.T) {
	cfg := topics(t, 1, "other")
	if err := kafka.CreateTopics(t.Context(), cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	l := someLetter(make([]byte, 1_048_588-130))
	l.Record.Topic = "test.order.created.v1"
	if err := deadLetters(t, cfg).Write(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if _, ours := split(consume(t, cfg, l.Record.Topic+".dlq", 1)[0]); ours["dlq_version"] == "" {
		t.Errorf("headers: %v", ours)
	}
}

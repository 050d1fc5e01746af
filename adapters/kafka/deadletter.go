package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"inventory/domain/ledger"
	"inventory/ports"
)

// DeadLetterSuffix is ports.DeadLetterSuffix.
const DeadLetterSuffix = ports.DeadLetterSuffix

// What a letter's headers keep of an error's text, in bytes; less where it has no room.
const (
	maxErrorText   = 1024
	shortErrorText = 128
)

// Letter is a record that can't be handled, and why.
type Letter struct {
	Record       Record
	Code         string // of the last error
	Err          error
	Attempts     int
	FirstFailure time.Time
	LastFailure  time.Time
}

// DeadLetters writes letters to the topics of dead letters.
type DeadLetters struct {
	producer *Producer
	stamp    stamp
}

// stamp is what letters say of who wrote them.
type stamp struct{ prefix, group, version string }

func stampOf(cfg Config, version string) stamp { return stamp{cfg.Prefix, cfg.Group, version} }

// Headers of dead letters. The first comes first.
const (
	headerLetterID     = headersOfOurs + "letter_id"
	headerTopic        = headersOfOurs + "topic"
	headerPartition    = headersOfOurs + "partition"
	headerOffset       = headersOfOurs + "offset"
	headerGroup        = headersOfOurs + "group"
	headerCode         = headersOfOurs + "code"
	headerError        = headersOfOurs + "error"
	headerTimestamp    = headersOfOurs + "timestamp"
	headerAttempts     = headersOfOurs + "attempts"
	headerFirstFailure = headersOfOurs + "first_failure"
	headerLastFailure  = headersOfOurs + "last_failure"
	headerVersion      = headersOfOurs + "version"
	headerHandler      = headersOfOurs + "handler"
	headerTrace        = headersOfOurs + "trace"
	headerEditOf       = headersOfOurs + "edit_of"

	headersOfOurs = "dlq_"
)

// NewDeadLetters makes a DeadLetters; version is the service's. It does not connect.
// ErrPermanent where the configuration is not valid.
func NewDeadLetters(cfg Config, version string) (*DeadLetters, error) {
	p, err := newProducer(cfg, burying)
	if err != nil {
		return nil, err
	}
	return &DeadLetters{producer: p, stamp: stampOf(cfg, version)}, nil
}

// Write writes a letter to `<topic>.dlq`: key, value and headers as they came, in that order,
// and after them headers whose names begin with dlq_, the first of them dlq_letter_id. Durable on all in-sync replicas on nil;
// the same letter may be there several times, with the same dlq_letter_id. Where a broker
// takes no record of that size, there are fewer headers of ours: a shorter error text and no
// times, then only the id, origin and code, then none. Errors as Producer.Send's.
func (d *DeadLetters) Write(ctx context.Context, l Letter) error {
	var err error
	for _, r := range d.stamp.records(l) {
		if err = d.producer.Send(ctx, r); !isTooLarge(err) {
			return err
		}
	}
	return err
}

// Close disconnects; nobody is to write any more. Idempotent.
func (d *DeadLetters) Close() error { return d.producer.Close() }

// LetterID is the same for a record and group whenever it is written.
func (d *DeadLetters) LetterID(r Record) ledger.UUID { return d.stamp.letterID(r) }

func (s stamp) letterID(r Record) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("letter:%s:%d:%d:%s", r.Topic, r.Partition, r.Offset, s.group))
}

// records gives a letter as it is written, and with fewer and fewer headers of ours for want
// of room.
func (s stamp) records(l Letter) []Record {
	var all []Record
	for _, headers := range s.headers(l) {
		r := l.Record
		r.Topic += DeadLetterSuffix
		r.Headers = with(l.Record.Headers, headers...)
		all = append(all, r)
	}
	return all
}

func (s stamp) headers(l Letter) [][]Header {
	text := ""
	if l.Err != nil {
		text = l.Err.Error()
	}
	origin := []Header{
		{headerLetterID, []byte(s.letterID(l.Record).String())},
		{headerTopic, []byte(l.Record.Topic)},
		{headerPartition, []byte(strconv.Itoa(int(l.Record.Partition)))},
		{headerOffset, []byte(strconv.FormatInt(l.Record.Offset, 10))},
		{headerGroup, []byte(s.group)},
		{headerCode, []byte(bounded(l.Code, shortErrorText))},
	}
	short := with(origin, Header{headerError, []byte(bounded(text, shortErrorText))})
	full := with(origin,
		Header{headerError, []byte(bounded(text, maxErrorText))},
		Header{headerTimestamp, timeText(l.Record.Timestamp)},
		Header{headerAttempts, []byte(strconv.Itoa(l.Attempts))},
		Header{headerFirstFailure, timeText(l.FirstFailure)},
		Header{headerLastFailure, timeText(l.LastFailure)},
		Header{headerVersion, []byte(s.version)},
		// The router names handlers after their topics.
		Header{headerHandler, []byte(strings.TrimPrefix(l.Record.Topic, s.prefix))},
	)
	if trace := TraceOf(l.Record); trace != "" {
		full = with(full, Header{headerTrace, []byte(trace)})
	}
	return [][]Header{full, short, origin, nil}
}

func timeText(t time.Time) []byte { return []byte(t.UTC().Format(timeFormat)) }

func with(some []Header, more ...Header) []Header { return slices.Concat(some, more) }

// bounded cuts a text to at most so many bytes of valid UTF-8.
func bounded(s string, most int) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= most {
		return s
	}
	const ellipsis = "…"
	cut := most - len(ellipsis)
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + ellipsis
}

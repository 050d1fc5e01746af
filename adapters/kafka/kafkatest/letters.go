package kafkatest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
	"inventory/ports/porttest"
)

// Letters runs the suites of the logs of dead letters and of the notes about them, and tests of
// what lies there that this service has not written. config gives each test a prefix of its own.
func Letters(t *testing.T, config func() kafka.Config) {
	made := func(t *testing.T) kafka.Config {
		cfg := config()
		if err := kafka.CreateTopics(t.Context(), cfg, func(string) {}); err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	t.Run("log", func(t *testing.T) {
		porttest.Letters(t, func(t *testing.T) porttest.LetterStore { return letterStore(made(t)) })
	})
	t.Run("notes", func(t *testing.T) {
		porttest.LetterNotes(t, func(t *testing.T) porttest.NoteStore {
			cfg := made(t)
			return porttest.NoteStore{Open: func(t *testing.T) ports.LetterNotes { return OpenNotes(t, cfg) }}
		})
	})
	t.Run("records of any kind are letters", func(t *testing.T) { hostileLetters(t, made(t)) })
	t.Run("what two processes bury is one letter", func(t *testing.T) { buriedTwice(t, made(t)) })
	t.Run("what is no note is left out", func(t *testing.T) { hostileNotes(t, made(t)) })
}

func letterStore(cfg kafka.Config) porttest.LetterStore {
	return porttest.LetterStore{
		Open: func(t *testing.T) ports.LetterLog { return openLetters(t, cfg) },
		Forget: func(before letter.Place) error {
			return (Topics{cfg.Brokers}).Trim(cfg.Prefix+before.Topic+kafka.DeadLetterSuffix, before.Partition, before.Offset)
		},
	}
}

func openLetters(t *testing.T, cfg kafka.Config) *kafka.LetterLog {
	t.Helper()
	l, err := kafka.NewLetterLog(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// OpenNotes gives a reader of the notes, which is closed when the test ends.
func OpenNotes(t *testing.T, cfg kafka.Config) *kafka.LetterNotes {
	t.Helper()
	l, err := kafka.NewLetterNotes(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// put writes records as they are.
func put(t *testing.T, cfg kafka.Config, records ...kafka.Record) {
	t.Helper()
	p, err := kafka.NewProducer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, r := range records { // in this order, whatever their partitions
		if err := p.Send(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func readLetters(t *testing.T, log ports.LetterLog) []letter.Letter {
	t.Helper()
	var all []letter.Letter
	if err := log.Read(t.Context(), func(l letter.Letter) {
		l.Value = bytes.Clone(l.Value)
		all = append(all, l)
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// hostileLetters: what others put among the dead letters, and what was buried with few headers.
func hostileLetters(t *testing.T, cfg kafka.Config) {
	topic := cfg.Prefix + ports.OrderCreatedTopic + kafka.DeadLetterSuffix
	id := ledger.NewUUIDv5(ledger.Namespace, t.Name())
	text := func(name, value string) kafka.Header { return kafka.Header{Key: name, Value: []byte(value)} }
	records := []kafka.Record{
		{},
		{Value: bytes.Repeat([]byte{0xff}, 900<<10), Headers: []kafka.Header{{Key: "\xff\x00", Value: nil}, {Key: "", Value: []byte{0xc0}}}},
		{Value: []byte{}, Headers: []kafka.Header{text("dlq_letter_id", id.String()), text("dlq_code", "OLD"), text("x", "y")}},
		{Value: []byte{0, 0, 0, 1}, Headers: []kafka.Header{text("dlq_letter_id", "no id"), text("dlq_code", "OLD")}},
		{Value: []byte{0, 0xff, 0xff, 0xff, 0xff}, Headers: []kafka.Header{
			text("dlq_code", "OWN"), text("dlq_letter_id", id.String()), text("dlq_letter_id", id.String()), text("dlq_offset", "x"), text("dlq_code", "\xffNEW"), text("dlq_code", "LATER"),
			text("dlq_attempts", "-5"), text("dlq_first_failure", "yesterday"), text("dlq_what_comes_later", "1"),
		}},
	}
	want := []letter.Letter{
		{Meta: letter.Meta{Code: "UNLABELLED", Schema: letter.NoSchema}},
		{Value: records[1].Value, Meta: letter.Meta{Code: "UNLABELLED", Schema: letter.NoSchema}},
		{Value: []byte{}, Meta: letter.Meta{Code: "UNLABELLED", Schema: letter.NoSchema}},
		{Value: records[3].Value, Meta: letter.Meta{Code: "UNLABELLED", Schema: letter.NoSchema}},
		{Value: records[4].Value, Meta: letter.Meta{Code: "\uFFFDNEW", Schema: 1<<32 - 1, ID: id}},
	}
	own := []int{0, 2, 3, 2, 2} // headers
	for i := range records {
		records[i].Topic = topic
		put(t, cfg, records[i])
		got := readLetters(t, openLetters(t, cfg))
		l := got[slices.IndexFunc(got, func(l letter.Letter) bool {
			return (l.Value == nil) == (records[i].Value == nil) && bytes.Equal(l.Value, records[i].Value)
		})]
		if want[i].ID == (ledger.UUID{}) {
			want[i].ID = ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("letter:%s:%d:%d", topic, l.Partition, l.Offset))
		}
		if l.ID != want[i].ID || l.Code != want[i].Code || l.Schema != want[i].Schema || l.Origin != (letter.Origin{Offset: -1}) || l.HasKey || l.Attempts != 0 || len(l.Headers) != own[i] {
			t.Errorf("record %d: %+v of %d headers, want %+v of %d", i, l.Meta, len(l.Headers), want[i].Meta, own[i])
		}
		var fetched []byte
		err := openLetters(t, cfg).Fetch(t.Context(), []letter.Place{l.Place}, func(_ int, l letter.Letter) { fetched = l.Value })
		if err != nil || !bytes.Equal(fetched, records[i].Value) {
			t.Errorf("record %d is fetched as %d bytes, %v", i, len(fetched), err)
		}
	}
	large := letter.Letter{Value: make([]byte, 2<<20), Meta: letter.Meta{ID: id, Place: letter.Place{Topic: ports.OrderCreatedTopic}}}
	if err := openLetters(t, cfg).Append(t.Context(), []letter.Letter{large}); ports.ClassOf(err) != ports.Permanent {
		t.Errorf("a letter of 2 MiB: %v", err)
	}
}

// buriedTwice: two processes that bury one record make two records of one id.
func buriedTwice(t *testing.T, cfg kafka.Config) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	trace := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	r := kafka.Record{
		Topic: cfg.Prefix + ports.OrderCreatedTopic, Partition: 2, Offset: 42, Timestamp: at, Key: []byte("order-1"), Value: []byte{0, 0, 0, 0, 9, 1},
		Headers: []kafka.Header{{Key: "traceparent", Value: []byte(trace)}, {Key: "dlq_letter_id", Value: []byte("own")}},
	}
	for range 2 {
		d, err := kafka.NewDeadLetters(cfg, "v1")
		if err != nil {
			t.Fatal(err)
		}
		l := kafka.Letter{Record: r, Code: "NOT_HELD", Err: errors.New("why"), Attempts: 2, FirstFailure: at, LastFailure: at.Add(time.Second)}
		if err := errors.Join(d.Write(t.Context(), l), d.Close()); err != nil {
			t.Fatal(err)
		}
	}
	got := readLetters(t, openLetters(t, cfg))
	if len(got) != 2 || got[0].ID != got[1].ID || got[0].Place == got[1].Place {
		t.Fatalf("buried as %+v", got)
	}
	for _, l := range got {
		if d := time.Since(l.BuriedAt); d < -time.Minute || d > 10*time.Minute {
			t.Errorf("buried at %v", l.BuriedAt)
		}
		want := letter.Meta{
			ID: l.ID, Place: l.Place, BuriedAt: l.BuriedAt, Key: "order-1", Size: 6, Code: "NOT_HELD", Error: "why", Attempts: 2,
			Origin:       letter.Origin{Partition: 2, Offset: 42, Timestamp: at, Group: cfg.Group, Handler: ports.OrderCreatedTopic},
			FirstFailure: at, LastFailure: at.Add(time.Second), Trace: trace, Version: "v1", Schema: 9,
		}
		if l.Meta != want || len(l.Headers) != 2 || string(l.Headers[1].Value) != "own" {
			t.Errorf("got %+v with headers %q, want %+v", l.Meta, l.Headers, want)
		}
	}
}

func hostileNotes(t *testing.T, cfg kafka.Config) {
	log := OpenNotes(t, cfg)
	topic := cfg.Prefix + ports.LetterNotesTopic
	for i, value := range [][]byte{nil, {}, []byte("{"), []byte("null"), []byte(`{"type":"of later"}`), []byte(`{"type":"fate","letter":"x"}`), []byte(`{"type":7}`), bytes.Repeat([]byte("["), 900<<10)} {
		put(t, cfg, kafka.Record{Topic: topic, Key: fmt.Append(nil, i), Value: value})
	}
	note := letter.Fate{Letter: ledger.NewUUIDv5(ledger.Namespace, "a"), Outcome: letter.Applied}
	if err := log.Append(t.Context(), []letter.Note{note}); err != nil {
		t.Fatal(err)
	}
	var got []letter.Note
	if err := log.Read(t.Context(), func(n letter.Note) { got = append(got, n) }); err != nil || !slices.Equal(got, []letter.Note{note}) {
		t.Errorf("got %+v, %v", got, err)
	}
	large := letter.Audit{What: string(make([]byte, 2<<20))}
	never := letter.Audit{At: time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	for _, n := range []letter.Note{large, never} {
		if err := log.Append(context.WithoutCancel(t.Context()), []letter.Note{note, n}); ports.ClassOf(err) != ports.Permanent {
			t.Errorf("a note that can't be written: %v", err)
		}
	}
}

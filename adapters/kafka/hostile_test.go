package kafka

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/IBM/sarama"
)

// lean fails the test where reading so many bytes takes memory out of proportion, in all that
// was ever allocated.
func lean(t *testing.T, size int, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if took, most := after.TotalAlloc-before.TotalAlloc, uint64(1<<16+256*size); took > most {
		t.Errorf("reading %d bytes takes %d bytes of memory, at most %d are justified", size, took, most)
	}
}

// consumed makes a record of bytes: headers are key, "=" and value, with a zero byte between
// them; what has no "=" has no value.
func consumed(key, value, headers []byte) *sarama.ConsumerMessage {
	m := &sarama.ConsumerMessage{Topic: "order.created.v1", Partition: 3, Offset: 1 << 40, Key: key, Value: value}
	m.Timestamp = time.UnixMilli(1).UTC()
	if len(headers) == 0 {
		return m
	}
	for part := range bytes.SplitSeq(headers, []byte{0}) {
		h := &sarama.RecordHeader{Key: part}
		if k, v, ok := bytes.Cut(part, []byte("=")); ok {
			h = &sarama.RecordHeader{Key: k, Value: v}
		}
		m.Headers = append(m.Headers, h)
	}
	return m
}

const someTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

// FuzzRecord takes a record of any bytes the ways that records go: to a message, to a trace,
// to where parked ones wait and back, to a dead letter.
func FuzzRecord(f *testing.F) {
	f.Add([]byte("o-1"), []byte("value"), []byte("traceparent="+someTrace))
	f.Add([]byte(nil), []byte(nil), []byte("traceparent="+someTrace+"\x00traceparent="+someTrace))
	f.Add([]byte("\xff"), []byte{0}, []byte("\xff\xfe=\xc0\x80\x00_watermill_message_uuid=\xff\x00dlq_topic=x"))
	f.Add([]byte{}, []byte{}, bytes.Repeat([]byte{0}, 5000))
	f.Add([]byte{}, []byte{}, []byte("traceparent="+strings.ToUpper(someTrace)))
	f.Fuzz(func(t *testing.T, key, value, headers []byte) {
		m := consumed(key, value, headers)
		lean(t, len(key)+len(value)+len(headers)+16*len(m.Headers), func() {
			r := recordOf(m)
			checkMessage(t, r)
			checkTrace(t, r)
			checkParked(t, r)
			checkLetter(t, r)
		})
	})
}

func checkMessage(t *testing.T, r Record) {
	m := newMessage(context.Background(), &r)
	if !bytes.Equal(m.Payload, r.Value) || len(m.Metadata) > len(r.Headers) {
		t.Errorf("%+v becomes %+v", r, m)
	}
}

func checkTrace(t *testing.T, r Record) {
	trace := TraceOf(r)
	if trace == "" {
		return
	}
	if v, _ := r.Header(traceHeader); string(v) != trace || len(trace) != len(someTrace) || strings.Trim(trace, "0123456789abcdef-") != "" {
		t.Errorf("trace %q", trace)
	}
}

func checkParked(t *testing.T, r Record) {
	written, err := WriteRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadRecord(written)
	if err != nil || !sameRecord(r, back) {
		t.Errorf("%+v comes back as %+v, %v", r, back, err)
	}
}

func sameRecord(a, b Record) bool {
	return a.Topic == b.Topic && a.Partition == b.Partition && a.Offset == b.Offset && a.Timestamp.Equal(b.Timestamp) &&
		sameBytes(a.Key, b.Key) && sameBytes(a.Value, b.Value) &&
		slices.EqualFunc(a.Headers, b.Headers, func(a, b Header) bool { return a.Key == b.Key && sameBytes(a.Value, b.Value) })
}

// sameBytes tells nothing from what is empty: a tombstone is not an empty value.
func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

// checkLetter looks for what came, in front and untouched, and for text that is text.
func checkLetter(t *testing.T, r Record) {
	s := stamp{group: "g", version: "v"}
	for _, letter := range s.records(Letter{Record: r, Code: string(r.Key), Err: errors.New(string(r.Value))}) {
		n := len(r.Headers)
		if !sameBytes(letter.Key, r.Key) || !sameBytes(letter.Value, r.Value) || !sameRecord(Record{Headers: letter.Headers[:n]}, Record{Headers: r.Headers}) {
			t.Errorf("%+v becomes the letter %+v", r, letter)
		}
		for _, h := range letter.Headers[n:] {
			if !utf8.Valid(h.Value) || len(h.Value) > maxErrorText {
				t.Errorf("%s is %q", h.Key, h.Value)
			}
		}
	}
}

// FuzzReadRecord reads any bytes as a record that was parked.
func FuzzReadRecord(f *testing.F) {
	whole, err := WriteRecord(recordOf(consumed([]byte("k"), []byte("v"), []byte("a=b\x00\xff"))))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte(`{"key":"!","partition":1e99}`))
	f.Add([]byte(`{"headers":[` + strings.Repeat(`{},`, 2000) + `{}]}`))
	f.Add(bytes.Repeat([]byte(`{"headers":[`), 6000))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Record
		var err error
		lean(t, len(b), func() { r, err = ReadRecord(b) })
		if err != nil {
			return
		}
		written, err := WriteRecord(r)
		if err != nil { // a time of a year that JSON has not
			return
		}
		if back, err := ReadRecord(written); err != nil || !sameRecord(r, back) {
			t.Errorf("%+v comes back as %+v, %v", r, back, err)
		}
	})
}

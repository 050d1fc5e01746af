package kafka

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

const (
	someTopic  = "order.created.v1"
	someLetter = "5f0f4dd0-8f5c-5c9f-9b6b-6ed1f3f7a3b0"
)

// FuzzLetter reads records of any bytes as dead letters: as they are, and as buried by us.
func FuzzLetter(f *testing.F) {
	ours := "dlq_letter_id=" + someLetter
	f.Add([]byte("o-1"), []byte("\x00\x00\x00\x00\x07value"), []byte("traceparent="+someTrace))
	f.Add([]byte(nil), []byte(nil), []byte(ours+"\x00dlq_partition=3\x00dlq_offset=42\x00dlq_code=X\x00dlq_attempts=3\x00dlq_trace="+someTrace))
	f.Add([]byte(nil), []byte{0}, []byte(ours+"\x00a=b"))
	f.Add([]byte(nil), []byte{0}, []byte(ours+"\x00dlq_partition=99999999999\x00dlq_offset=-2\x00"+ours))
	f.Add([]byte("\xff"), []byte{}, []byte("dlq_letter_id=x\x00dlq_first_failure=0000-99-99\x00dlq_code=\xff"))
	f.Fuzz(func(t *testing.T, key, value, headers []byte) {
		m := consumed(key, value, headers)
		lean(t, len(key)+len(value)+len(headers)+64*len(m.Headers), func() {
			checkRead(t, recordOf(m))
		})
		checkBuried(t, recordOf(m))
	})
}

// checkRead: a letter is told in text, has all that came, and comes back from being appended.
func checkRead(t *testing.T, r Record) {
	l := letterOf(someTopic, r)
	if l.ID == (ledger.UUID{}) && !bytes.Contains(headerBytes(r), []byte("00000000-0000-0000-0000-000000000000")) || l.Code == "" || l.Size != len(r.Value) || l.Place.Offset != r.Offset {
		t.Errorf("%+v is read as %+v", r, l)
	}
	for _, text := range []string{l.Code, l.Error, l.Version, l.Trace, l.Origin.Group, l.Origin.Handler} {
		if !utf8.ValidString(text) || len(text) > maxErrorText {
			t.Errorf("%+v is read as %+v", r, l.Meta)
		}
	}
	if !sameBytes(l.Value, r.Value) || l.HasKey != (r.Key != nil) || l.Key != string(r.Key) || len(l.Headers) > len(r.Headers) {
		t.Errorf("%+v is read as %+v", r, l)
	}
	for i, h := range l.Headers {
		if h.Key != r.Headers[i].Key || !sameBytes(h.Value, r.Headers[i].Value) {
			t.Errorf("header %d: %q becomes %q", i, r.Headers[i], h)
		}
	}
	again := recordOfLetter("", l)
	again.Partition, again.Offset, again.Timestamp = r.Partition, r.Offset, r.Timestamp
	back := letterOf(someTopic, again)
	// Times are written to the millisecond.
	back.FirstFailure, back.LastFailure, back.Origin.Timestamp = l.FirstFailure, l.LastFailure, l.Origin.Timestamp
	if back.Meta != l.Meta || !sameBytes(back.Value, l.Value) || !slices.EqualFunc(back.Headers, l.Headers, func(a, b letter.Header) bool { return a.Key == b.Key && sameBytes(a.Value, b.Value) }) {
		t.Errorf("%+v\ncomes back as\n%+v", l, back)
	}
}

func headerBytes(r Record) []byte {
	var all []byte
	for _, h := range r.Headers {
		all = append(all, h.Value...)
	}
	return all
}

// checkBuried: whatever a record brings, what it died of is what was written when it was buried,
// and what it brought is its own.
func checkBuried(t *testing.T, r Record) {
	s := stamp{group: "g", version: "v"}
	forms := s.records(Letter{Record: r, Code: "WHY", Err: errors.New("text"), Attempts: 2})
	for _, buried := range forms[:len(forms)-1] { // the last has no header of ours
		l := letterOf(someTopic, buried)
		if l.ID != s.letterID(r) || l.Code != "WHY" || l.Origin.Offset != r.Offset || l.Origin.Partition != r.Partition || l.Origin.Group != "g" || len(l.Headers) != len(r.Headers) || l.EditOf != (ledger.UUID{}) {
			t.Errorf("%+v, buried, is read as %+v", r, l)
		}
		if l.Trace != TraceOf(r) {
			t.Errorf("trace %q, want %q", l.Trace, TraceOf(r))
		}
	}
}

func TestALetterBuriedAgainTellsOfItsLastDeath(t *testing.T) {
	s := stamp{prefix: "test.", group: "g", version: "v"}
	first := s.records(Letter{Record: Record{Topic: "test.t", Offset: 1, Headers: []Header{{"a", []byte("b")}}}, Code: "FIRST", Err: errors.New("one")})[0]
	first.Topic = strings.TrimSuffix(first.Topic, DeadLetterSuffix) // somebody produced it again by hand
	first.Offset = 7
	second := s.records(Letter{Record: first, Code: "SECOND", Err: errors.New("two")})[0]
	l := letterOf("t", second)
	if l.ID != s.letterID(first) || l.Code != "SECOND" || l.Error != "two" || l.Origin.Offset != 7 || l.Origin.Handler != "t" {
		t.Errorf("read as %+v", l.Meta)
	}
	if len(l.Headers) != len(first.Headers) || l.Headers[0].Key != "a" || l.Headers[1].Key != "dlq_letter_id" {
		t.Errorf("its own headers are %q", l.Headers)
	}
}

func TestALetterWithTheOldHeadersHasTheTraceOfItsRecord(t *testing.T) {
	l := letterOf("t", Record{Headers: []Header{{"traceparent", []byte(someTrace)}, {headerLetterID, []byte(someLetter)}, {headerCode, []byte("OLD")}}})
	if l.Trace != someTrace || l.Code != "OLD" || l.ID.String() != someLetter {
		t.Errorf("read as %+v", l.Meta)
	}
}

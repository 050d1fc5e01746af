package kafka

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/letter"
)

// letterOf reads a record of the dead letters of a topic (without the deployment's prefix). It
// takes whatever there is: letters with few headers of ours, or none, for want of room, and
// records of others.
func letterOf(topic string, r Record) letter.Letter {
	own, ours := ownHeaders(r.Headers)
	l := letter.Letter{Value: r.Value, HasKey: r.Key != nil, Meta: letter.Meta{
		ID:       placeID(r),
		Place:    letter.Place{Topic: topic, Partition: r.Partition, Offset: r.Offset},
		BuriedAt: r.Timestamp,
		Origin:   letter.Origin{Offset: -1},
		Key:      string(r.Key), Size: len(r.Value),
		Code: letter.CodeUnlabelled, Trace: TraceOf(Record{Headers: own}), Schema: schemaOf(r.Value),
	}}
	for _, h := range own {
		l.Headers = append(l.Headers, letter.Header(h))
	}
	ours.tell(&l.Meta)
	return l
}

// placeID is the id of a letter that says none: it follows from where the letter lies.
func placeID(r Record) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprintf("letter:%s:%d:%d", r.Topic, r.Partition, r.Offset))
}

// ownHeaders divides what came with a record from what was written when it was buried: what is
// behind the last dlq_letter_id, if that is an id and all behind it are named dlq_ too. What a
// record brings of such names, for it was buried before, or somebody wants to deceive, lies
// before that and is the record's own. Only where there was no room for any of ours could it be
// taken for them.
func ownHeaders(all []Header) ([]Header, said) {
	for i := len(all) - 1; i >= 0 && strings.HasPrefix(all[i].Key, headersOfOurs); i-- {
		if all[i].Key != headerLetterID {
			continue
		}
		if _, err := ledger.ParseUUID(string(all[i].Value)); err != nil {
			return all, nil
		}
		return all[:i], saidBy(all[i:])
	}
	return all, nil
}

// said is what the headers say of a letter's death, by name.
type said map[string]string

// saidBy keeps the first of each name: later versions may write more of them.
func saidBy(headers []Header) said {
	s := said{}
	for _, h := range headers {
		if _, told := s[h.Key]; !told {
			s[h.Key] = string(h.Value)
		}
	}
	return s
}

// tell puts what is said, and can be read, into m.
func (s said) tell(m *letter.Meta) {
	if s == nil {
		return
	}
	s.id(headerLetterID, &m.ID)
	s.id(headerEditOf, &m.EditOf)
	s.origin(&m.Origin)
	if code := bounded(s[headerCode], shortErrorText); code != "" {
		m.Code = code
	}
	m.Error = bounded(s[headerError], maxErrorText)
	m.Version = bounded(s[headerVersion], shortErrorText)
	if n, err := strconv.ParseInt(s[headerAttempts], 10, 32); err == nil && n > 0 {
		m.Attempts = int(n)
	}
	m.FirstFailure, m.LastFailure = s.time(headerFirstFailure), s.time(headerLastFailure)
	if trace := s[headerTrace]; isTrace([]byte(trace)) {
		m.Trace = trace
	}
}

// origin reads where the record was: nowhere, unless both numbers are there.
func (s said) origin(o *letter.Origin) {
	partition, err1 := strconv.ParseInt(s[headerPartition], 10, 32)
	offset, err2 := strconv.ParseInt(s[headerOffset], 10, 64)
	if err1 == nil && err2 == nil && partition >= 0 && offset >= -1 {
		o.Partition, o.Offset = int32(partition), offset
	}
	o.Timestamp = s.time(headerTimestamp)
	o.Group, o.Handler = bounded(s[headerGroup], mostName), bounded(s[headerHandler], mostName)
}

// mostName is the length that Kafka allows a topic's name, in bytes; groups' are like it here.
const mostName = 249

func (s said) id(name string, into *ledger.UUID) {
	if id, err := ledger.ParseUUID(s[name]); err == nil {
		*into = id
	}
}

// time is zero where none is said, or one that is not a time.
func (s said) time(name string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s[name])
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// schemaOf reads the id of a value's schema: a zero byte, and four of the id.
func schemaOf(value []byte) int64 {
	if len(value) < 5 || value[0] != 0 {
		return letter.NoSchema
	}
	return int64(binary.BigEndian.Uint32(value[1:]))
}

// recordOfLetter makes the record of a letter as it is appended: the inverse of letterOf, but
// for its place and when it was buried. What isn't known is left out.
func recordOfLetter(prefix string, l letter.Letter) Record {
	topic := prefix + l.Topic
	r := Record{Topic: topic + DeadLetterSuffix, Value: l.Value}
	if l.HasKey {
		r.Key = []byte(l.Key)
	}
	for _, h := range l.Headers {
		r.Headers = append(r.Headers, Header(h))
	}
	add := func(name, text string) {
		if text != "" {
			r.Headers = append(r.Headers, Header{name, []byte(text)})
		}
	}
	addTime := func(name string, t time.Time) {
		if !t.IsZero() {
			add(name, string(timeText(t)))
		}
	}
	add(headerLetterID, l.ID.String())
	add(headerTopic, topic)
	add(headerPartition, strconv.Itoa(int(l.Origin.Partition)))
	add(headerOffset, strconv.FormatInt(l.Origin.Offset, 10))
	add(headerGroup, bounded(l.Origin.Group, mostName))
	add(headerCode, bounded(l.Code, shortErrorText))
	add(headerError, bounded(l.Error, maxErrorText))
	addTime(headerTimestamp, l.Origin.Timestamp)
	if l.Attempts > 0 {
		add(headerAttempts, strconv.Itoa(l.Attempts))
	}
	addTime(headerFirstFailure, l.FirstFailure)
	addTime(headerLastFailure, l.LastFailure)
	add(headerVersion, bounded(l.Version, shortErrorText))
	add(headerHandler, bounded(l.Origin.Handler, mostName))
	if isTrace([]byte(l.Trace)) {
		add(headerTrace, l.Trace)
	}
	if l.EditOf != (ledger.UUID{}) {
		add(headerEditOf, l.EditOf.String())
	}
	return r
}

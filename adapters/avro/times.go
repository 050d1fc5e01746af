package avro

import (
	"time"

	twmb "github.com/twmb/avro"
)

// timeUnits are what times of a schema count.
var timeUnits = map[string]time.Duration{"timestamp-millis": time.Millisecond, "timestamp-micros": time.Microsecond}

// noteTimes notes in a shape, which canonical forms know nothing of, which numbers are times.
func (s *shape) noteTimes(n *twmb.SchemaNode) {
	if s.ref != nil {
		return // noted where it was named
	}
	s.unit = timeUnits[n.LogicalType]
	switch {
	case s.kind == sequence && len(n.Fields) == len(s.of):
		for i := range s.of {
			s.of[i].noteTimes(&n.Fields[i].Type)
		}
	case s.kind == either && len(n.Branches) == len(s.of):
		for i := range s.of {
			s.of[i].noteTimes(&n.Branches[i])
		}
	case s.kind == blocks && n.Items != nil:
		s.of[0].noteTimes(n.Items)
	case s.kind == pairs && n.Values != nil:
		s.of[0].noteTimes(n.Values)
	}
}

// noteTimesOf takes a plain number for a time where the reader has one, as decoding does.
func (s *shape) noteTimesOf(reader *twmb.SchemaNode) {
	for i, name := range s.fields {
		for _, f := range reader.Fields {
			if f.Name == name && s.of[i].kind == whole64 && s.of[i].unit == 0 {
				s.of[i].unit = timeUnits[f.Type.LogicalType]
			}
		}
	}
}

// timeOf gives a time as text; not one of a year that RFC 3339 has no digits for.
func timeOf(n int64, unit time.Duration) (string, bool) {
	at, format := time.UnixMilli(n).UTC(), "2006-01-02T15:04:05.000Z07:00"
	if unit == time.Microsecond {
		at, format = time.UnixMicro(n).UTC(), "2006-01-02T15:04:05.000000Z07:00"
	}
	if unit == 0 || at.Year() < 0 || at.Year() > 9999 {
		return "", false
	}
	return at.Format(format), true
}

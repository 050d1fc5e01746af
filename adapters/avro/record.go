package avro

import (
	"fmt"
	"time"
)

// record reads the fields of a record as goavro gives it: a map by name, in which a value of
// a union that is not null is a map of its own, with the branch's name. A field that is not
// there is as good as null: the schema was checked to have all that must be. The first value
// of an unexpected type is remembered as err.
type record struct {
	fields map[string]any
	err    error
}

func newRecord(native any) *record {
	r := new(record)
	r.fields = r.asRecord("the event", native)
	return r
}

func (r *record) fail(field, expected string, found any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: expected %s, found %T", field, expected, found)
	}
}

// value gives a field without the map that a union makes.
func (r *record) value(field string) any { return branch(r.fields[field]) }

// branch takes a union's value out. Records of ours have two fields at least.
func branch(v any) any {
	if m, ok := v.(map[string]any); ok && len(m) == 1 {
		for _, inner := range m {
			return inner
		}
	}
	return v
}

func (r *record) text(field string) string {
	switch v := r.value(field).(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case nil:
		return ""
	default:
		r.fail(field, "a string", v)
		return ""
	}
}

// optional gives a whole number, or nil for null.
func (r *record) optional(field string) *int64 {
	var n int64
	switch v := r.value(field).(type) {
	case int64:
		n = v
	case int32:
		n = int64(v)
	case nil:
		return nil
	default:
		r.fail(field, "a whole number", v)
		return nil
	}
	return &n
}

func (r *record) whole(field string) int64 {
	switch v := r.value(field).(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	default:
		r.fail(field, "a whole number", v)
		return 0
	}
}

func (r *record) time(field string) time.Time { return time.UnixMilli(r.whole(field)).UTC() }

func (r *record) list(field string) []any {
	switch v := r.value(field).(type) {
	case []any:
		return v
	case nil:
		return nil
	default:
		r.fail(field, "an array", v)
		return nil
	}
}

func (r *record) asRecord(field string, v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		if inner, ok := branch(m).(map[string]any); ok {
			return inner
		}
		return m
	}
	r.fail(field, "a record", v)
	return nil
}

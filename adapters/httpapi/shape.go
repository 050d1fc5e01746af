package httpapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// shape says how a JSON object is read into a struct, by the tags that its schema in the
// OpenAPI document is made of: the two can't differ.
type shape struct {
	members  []member
	names    []string
	required uint64 // bits of members
}

// member is one key of a JSON object. Its value is a string, a number, an object, or an array
// of objects or strings; a null stands for an optional one that is absent.
type member struct {
	name     string
	optional bool
	kind     reflect.Kind // String, Int64, Float64, Bool, Struct, Slice, or Interface: an object that is kept as it is
	items    *shape       // of a Struct, or of a Slice's elements; nil: those are strings
}

var anyObject = reflect.TypeFor[json.RawMessage]()

// shapeOf reads the tags of a struct type. It panics where a request can't be read into
// such a struct, which is a fault of this package and seen at its first start.
func shapeOf(t reflect.Type) *shape {
	s := &shape{}
	if t.NumField() > 64 {
		panic(fmt.Sprintf("%s has more members than bits", t))
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		m := member{name: name, optional: strings.Contains(options, "omitempty"), kind: f.Type.Kind()}
		if f.Type.Kind() == reflect.Pointer {
			m.kind = f.Type.Elem().Kind()
		}
		switch {
		case f.Type == anyObject:
			m.kind = reflect.Interface
		case m.kind == reflect.Slice && f.Type.Elem().Kind() == reflect.String:
		case m.kind == reflect.Slice:
			m.items = shapeOf(f.Type.Elem())
		case m.kind == reflect.Struct:
			m.items = shapeOf(f.Type)
		case m.kind != reflect.Float64 && m.kind != reflect.String && m.kind != reflect.Int64 && m.kind != reflect.Bool:
			panic(fmt.Sprintf("%s.%s: can't read a %s", t, f.Name, f.Type))
		}
		if !m.optional {
			s.required |= 1 << i
		}
		s.members, s.names = append(s.members, m), append(s.names, name)
	}
	return s
}

// find gives the member of a name as it is written in JSON without its quotes, or -1.
// Letter case counts.
func (s *shape) find(name []byte) int {
	for i := range s.members {
		if s.members[i].name == string(name) {
			return i
		}
	}
	return -1
}

// expected says what a member's value is to be.
func (m member) expected() string {
	if m.kind == reflect.Slice && m.items == nil {
		return "an array of strings"
	}
	return map[reflect.Kind]string{
		reflect.String: "a string", reflect.Int64: "a whole number", reflect.Float64: "a number", reflect.Bool: "true or false",
		reflect.Struct: "an object", reflect.Interface: "an object", reflect.Slice: "an array of objects",
	}[m.kind]
}

package contract

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatIsNoSchemaIsRefusedWithItsLineAndWhy(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "line 1: not JSON: the file ends early"},
		{"{\"type\":\n\"int\"", "line 2: not JSON: the file ends early"},
		{"{\"type\":\n\n+}", "line 3: not JSON: invalid character '+'"},
		{`"int" "int"`, "line 1: not JSON: expected the end of the file"},
		{`{"type": "int", "type": "int"}`, `line 1: not JSON: "type" is there twice`},
		{`7`, "line 1: expected a schema: the name of a type, an object or an array, found a number"},
		{`{}`, `line 1: expected "type"`},
		{`"Nobody"`, "line 1: unknown type Nobody"},
		{`"record"`, "line 1: record needs an object"},
		{`{"type": "array"}`, `line 1: expected "items"`},
		{`["int", "int"]`, "line 1: int is there twice in one union"},
		{`["int", ["string"]]`, "line 1: a union directly within a union"},
		{`{"type": "fixed", "name": "F"}`, `line 1: fixed F: expected a "size"`},
		{`{"type": "fixed", "name": "F", "size": -1}`, "line 1: fixed F: size -1"},
		{`{"type": "fixed", "name": "int", "size": 1}`, "line 1: fixed int: a type of Avro's own"},
		{`{"type": "fixed", "name": "a-b", "size": 1}`, `line 1: fixed "a-b": expected letters`},
		{`{"type": "enum", "name": "E", "symbols": ["A", "A"]}`, "line 1: enum E: symbol A is there twice"},
		{`{"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}`, "line 1: enum E: its default B is none of its symbols"},
		{`{"type": "record", "name": "R"}`, `line 1: record R: expected "fields"`},
		{"{\"type\": \"record\", \"name\": \"R\", \"fields\": [\n" + fld("a", `"int"`) + ",\n" + fld("a", `"int"`) + "]}", "line 3: record R: field a is there twice"},
		{rec(fld("a", rec())), "line 1: record R is defined twice"},
		{rec(fld("1a", `"int"`)), `line 1: record R: field "1a": expected letters`},
		{rec(`{"name": "a", "type": "int", "default": 1.5}`), "line 1: field R.a: its default 1.5 does not fit its type: expected one of int"},
		{rec(`{"name": "a", "type": "int", "default": 3000000000}`), "line 1: field R.a: its default 3000000000"},
		{rec(`{"name": "a", "type": {"type": "array", "items": "int"}, "default": ["x"]}`), `line 1: field R.a: its default ["x"]`},
		{rec(`{"name": "a", "type": {"type": "record", "name": "I", "fields": [` + fld("b", `"int"`) + `]}, "default": {}}`), "line 1: field R.a: its default {} does not fit its type: field b is missing"},
		{rec(`{"name": "a", "type": "R", "default": {}}`), "line 1: field R.a: its default {} does not fit its type: it has a record R within that record itself"},
		{rec(`{"name": "a", "type": "int", "order": "up"}`), "line 1: record R: field a: order up"},
		{strings.Repeat(`[`, 100000), "line 1: not JSON: nested deeper than"},
	} {
		_, err := Parse(Source{Text: c.text})
		var invalid *InvalidError
		if !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.200s\nfound %v\nexpected %s", c.text, err, c.want)
		}
	}
}

func TestNamesAreMeantInTheNameSpaceAroundThem(t *testing.T) {
	s := parse(t, `{"type": "record", "name": "a.b.R", "namespace": "ignored", "aliases": ["Old", "x.Older"], "fields": [
		{"name": "one", "type": {"type": "enum", "name": "E", "symbols": []}},
		{"name": "two", "type": {"type": "fixed", "name": "F", "namespace": "", "size": 1}},
		{"name": "three", "type": ["E", "a.b.R", "F"]},
		{"name": "four", "type": {"type": "E"}}]}`)
	if got := s.fields[2].schema.String(); got != "[enum a.b.E, record a.b.R, fixed F(1)]" {
		t.Errorf("three is %s", got)
	}
	if s.fields[3].schema != s.fields[0].schema || strings.Join(s.aliases, " ") != "a.b.Old x.Older" {
		t.Errorf("four is %s, aliases %v", s.fields[3].schema, s.aliases)
	}
}

func TestTypesOfOtherSchemasCanBeNamed(t *testing.T) {
	other := parse(t, `{"type": "enum", "name": "x.E", "symbols": ["A"]}`)
	known := func(name string) *Schema {
		if name == "x.E" {
			return other
		}
		return nil
	}
	s, err := Parse(Source{Text: `{"type": "array", "items": "x.E"}`, Known: known})
	if err != nil || s.items != other {
		t.Fatalf("%v %v", s, err)
	}
	_, err = Parse(Source{Text: `{"type": "array", "items": "x.F"}`, Known: known})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Unknown != "x.F" {
		t.Errorf("found %v", err)
	}
}

// Whatever comes, it is a schema or refused, and a schema is compatible with itself.
func FuzzAnyTextIsASchemaOrRefused(f *testing.F) {
	for _, text := range []string{`"int"`, colours, rec(opt("a", colours)), `["null", {"type": "map", "values": "string"}]`, `{"type": "record", "name": "T", "fields": [{"name": "t", "type": ["null", "T"], "default": null}]}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, err := Parse(Source{Text: text})
		if err != nil {
			return
		}
		two := parse(t, text)
		for _, found := range Leaves(Incompatibilities(one, two)) {
			if found.Rule != AmbiguousAlias {
				t.Errorf("not compatible with itself: %s %s %s", found.Rule, found.Path, found.Why())
			}
		}
		regrets(Version{Schema: one, New: true}, two)
	})
}

package contract

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

func (p *parser) checkDefault(name string, s *Schema, fallback *value) {
	var f fitting
	why := f.misfit(s, fallback)
	if f.within != "" {
		why = fmt.Sprintf("it has a record %s within that record itself, which Java cannot read", f.within)
	}
	if why != "" {
		p.refuse(fallback, "field %s: its default %s does not fit its type: %s", name, fallback, why)
	}
}

// fitting compares a default with a schema.
type fitting struct {
	// within is a record that was needed and is not complete: Java's parser looks at defaults as soon as they come, and fails.
	within string
}

// misfit says why a default is none of the schema's; "" if it is. As Avro 1.12 has it, it may be of any branch of a union.
func (f *fitting) misfit(s *Schema, v *value) string {
	fits := true
	switch s.kind {
	case kindNull:
		fits = v.is == jsonNull
	case kindBoolean:
		fits = v.is == jsonBoolean
	case kindInt:
		fits = isWhole(v, 32)
	case kindLong:
		fits = isWhole(v, 64)
	case kindFloat, kindDouble:
		fits = v.is == jsonNumber || v.is == jsonString && isFloatWord(v.text)
	case kindBytes, kindString:
		fits = v.is == jsonString
	case kindFixed:
		fits = v.is == jsonString && utf8.RuneCountInString(v.text) == s.size
	case kindEnum:
		fits = v.is == jsonString && s.known[v.text]
	case kindArray, kindMap:
		return f.misfitInside(s, v)
	case kindRecord:
		return f.misfitRecord(s, v)
	case kindUnion:
		fits = f.matching(s, v) >= 0
	}
	if fits {
		return ""
	}
	return fmt.Sprintf("expected one of %s", s)
}

func (f *fitting) misfitInside(s *Schema, v *value) string {
	inside, want := v.items, jsonArray
	if s.kind == kindMap {
		want = jsonObject
		for _, m := range v.members {
			inside = append(inside, m.value)
		}
	}
	if v.is != want {
		return fmt.Sprintf("expected %s, found %s", want, v.is)
	}
	for _, item := range inside {
		if why := f.misfit(s.items, item); why != "" {
			return why
		}
	}
	return ""
}

// misfitRecord leaves defaults of the record's own fields to the look at those.
func (f *fitting) misfitRecord(s *Schema, v *value) string {
	if v.is != jsonObject {
		return fmt.Sprintf("expected an object, found %s", v.is)
	}
	if s.fields == nil {
		f.within = s.name
		return "it is not complete"
	}
	for _, in := range s.fields {
		given := v.get(in.name)
		if given == nil && in.fallback == nil {
			return fmt.Sprintf("field %s is missing, which has no default of its own", in.name)
		}
		if given == nil {
			continue
		}
		if why := f.misfit(in.schema, given); why != "" {
			return in.name + ": " + why
		}
	}
	return ""
}

// matching gives the first branch of a union that a default is of; -1: none.
func (f *fitting) matching(s *Schema, v *value) int {
	for i, b := range s.branches {
		if f.misfit(b, v) == "" {
			return i
		}
	}
	return -1
}

func isWhole(v *value, bits int) bool {
	if v.is != jsonNumber || strings.ContainsAny(v.text, ".eE") {
		return false
	}
	_, err := strconv.ParseInt(v.text, 10, bits)
	return err == nil
}

func isFloatWord(text string) bool {
	return text == "NaN" || text == "Infinity" || text == "-Infinity" || text == "INF" || text == "-INF"
}

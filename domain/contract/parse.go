package contract

import (
	"fmt"
	"strings"
)

// Source is the text of a schema.
type Source struct {
	File string // for messages
	Text string
	// Known gives types of other schemas by their full names, nil for those it doesn't know; it may be nil itself.
	Known func(name string) *Schema
}

// InvalidError says what is wrong with a schema's text.
type InvalidError struct {
	Line    int // from 1
	Reason  string
	Unknown string // the name, where what is wrong is that nobody has defined it
}

func (e *InvalidError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Parse reads a schema. Its error is an *InvalidError.
func Parse(from Source) (*Schema, error) {
	s, _, err := ParseTypes(from)
	return s, err
}

// ParseTypes reads a schema and gives the types that it defines by their full names, too.
func ParseTypes(from Source) (*Schema, map[string]*Schema, error) {
	tree, fault := readJSON([]byte(from.Text))
	if fault != nil {
		return nil, nil, fault
	}
	p := parser{source: from, types: map[string]*Schema{}}
	s := p.schema(tree, "")
	if p.fault != nil {
		return nil, nil, p.fault
	}
	return s, p.types, nil
}

// parser reads one text. The first fault ends it: what comes after may only follow from it.
type parser struct {
	source Source
	types  map[string]*Schema // by full name, as soon as they begin
	fault  *InvalidError
}

func (p *parser) refuse(at *value, format string, args ...any) *Schema {
	if p.fault == nil {
		p.fault = &InvalidError{Line: at.line, Reason: fmt.Sprintf(format, args...)}
	}
	return nil
}

func (p *parser) at(v *value) place { return place{p.source.File, v.line} }

// schema reads a schema among names that belong to a name space. It gives nil once there is a fault.
func (p *parser) schema(v *value, namespace string) *Schema {
	switch {
	case p.fault != nil:
		return nil
	case v.is == jsonString:
		return p.reference(v, namespace)
	case v.is == jsonArray:
		return p.union(v, namespace)
	case v.is == jsonObject:
		return p.object(v, namespace)
	}
	return p.refuse(v, "expected a schema: the name of a type, an object or an array, found %s", v.is)
}

func (p *parser) reference(v *value, namespace string) *Schema {
	if k, ok := kinds[v.text]; ok {
		if !k.primitive() {
			return p.refuse(v, "%s needs an object: {\"type\": %q, …}", v.text, v.text)
		}
		return &Schema{kind: k, at: p.at(v)}
	}
	names := []string{fullName(v.text, namespace)}
	if names[0] != v.text {
		names = append(names, v.text) // as Java does: a type without name space can be named from within one
	}
	for _, name := range names {
		if known := p.types[name]; known != nil {
			return known
		}
	}
	for _, name := range names {
		if p.source.Known == nil {
			break
		}
		if known := p.source.Known(name); known != nil {
			return known
		}
	}
	p.refuse(v, "unknown type %s: a type is defined before it is named", names[0])
	if p.fault.Unknown == "" {
		p.fault.Unknown = names[0]
	}
	return nil
}

func (p *parser) union(v *value, namespace string) *Schema {
	s := &Schema{kind: kindUnion, at: p.at(v)}
	seen := map[string]bool{}
	for _, item := range v.items {
		b := p.schema(item, namespace)
		if b == nil {
			return nil
		}
		if b.kind == kindUnion {
			return p.refuse(item, "a union directly within a union")
		}
		key := b.kind.String()
		if b.kind.named() {
			key = b.name
		}
		if seen[key] {
			return p.refuse(item, "%s is there twice in one union", key)
		}
		seen[key] = true
		s.branches = append(s.branches, b)
	}
	return s
}

func (p *parser) object(v *value, namespace string) *Schema {
	typ := v.get("type")
	if typ == nil {
		return p.refuse(v, `expected "type"`)
	}
	if typ.is != jsonString {
		return p.schema(typ, namespace)
	}
	k, ok := kinds[typ.text]
	if !ok {
		return p.reference(typ, namespace)
	}
	s := &Schema{kind: k, at: p.at(v), doc: p.text(v, "doc"), logical: logicalOf(v)}
	switch {
	case k == kindArray:
		s.items = p.inner(v, "items", namespace)
	case k == kindMap:
		s.items = p.inner(v, "values", namespace)
	case k.named():
		p.named(s, v, namespace)
	}
	if p.fault != nil {
		return nil
	}
	return s
}

func (p *parser) inner(v *value, key, namespace string) *Schema {
	in := v.get(key)
	if in == nil {
		return p.refuse(v, "expected %q", key)
	}
	return p.schema(in, namespace)
}

// text gives a member that is a string; "" where there is none.
func (p *parser) text(v *value, key string) string {
	m := v.get(key)
	if m == nil {
		return ""
	}
	if m.is != jsonString {
		p.refuse(m, "%q: expected a string, found %s", key, m.is)
	}
	return m.text
}

// texts gives a member that is an array of strings.
func (p *parser) texts(v *value, key string) []string {
	m := v.get(key)
	if m == nil {
		return nil
	}
	if m.is != jsonArray {
		p.refuse(m, "%q: expected an array of strings, found %s", key, m.is)
	}
	all := make([]string, len(m.items))
	for i, item := range m.items {
		if item.is != jsonString {
			p.refuse(item, "%q: expected an array of strings, found %s in it", key, item.is)
		}
		all[i] = item.text
	}
	return all
}

// logicalOf gives a logical type with what it depends on.
func logicalOf(v *value) string {
	logical := v.get("logicalType")
	if logical == nil || logical.is != jsonString {
		return "" // ignored, as Avro says
	}
	if precision := v.get("precision"); precision != nil {
		scale := "0"
		if given := v.get("scale"); given != nil {
			scale = given.text
		}
		return logical.text + "(" + precision.text + "," + scale + ")"
	}
	return logical.text
}

// fullName is a name as it is meant in a name space.
func fullName(name, namespace string) string {
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}

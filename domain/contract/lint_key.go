package contract

import (
	"fmt"
	"slices"
	"strings"
)

// key compares the fields that make the messages' key, which decide what stays in order and what is compacted.
func (l *linter) key(now, was *Schema) {
	if now.kind != kindRecord {
		return
	}
	warn := func(at place, path, format string, args ...any) {
		l.warn(KeyFieldMoved, path, at, fmt.Sprintf(format, args...),
			"Leave the key's fields where they are, always there and of their type: messages are ordered and compacted by them.")
	}
	if was != nil && was.kind == kindRecord && was.key != nil {
		if now.key != nil && !slices.Equal(now.key, was.key) {
			warn(now.at, "", "the key changes from %s to %s", strings.Join(was.key, ":"), strings.Join(now.key, ":"))
		}
		for _, name := range was.key {
			l.keyField(name, now, was, warn)
		}
		return
	}
	for _, name := range now.key {
		if now.field(name) == nil {
			warn(now.at, name, "the key names the field %s, which the record has not", name)
		}
	}
}

func (l *linter) keyField(name string, now, was *Schema, warn func(at place, path, format string, args ...any)) {
	old, f := was.field(name), now.field(name)
	switch {
	case old == nil:
	case f == nil:
		if elsewhere := find(name, "", now, map[*Schema]bool{}); elsewhere != "" {
			warn(now.at, name, "%s, a field of the key, moves to %s", name, elsewhere)
			return
		}
		warn(now.at, name, "%s, a field of the key, is gone", name)
	case f.schema.nullable() && !old.schema.nullable():
		warn(f.at, name, "%s, a field of the key, may be null from now on", name)
	}
}

// find looks for a field further inside, and gives its path; "" if there is none.
func find(name, path string, in *Schema, met map[*Schema]bool) string {
	if met[in] {
		return ""
	}
	met[in] = true
	inner := func(path string, s *Schema) string { return find(name, path, s, met) }
	switch {
	case in.kind == kindArray:
		return inner(path+"[]", in.items)
	case in.kind == kindMap:
		return inner(path+"{}", in.items)
	case in.kind == kindUnion:
		for i, b := range in.branches {
			if found := inner(under(path).branch(in, i).path(), b); found != "" {
				return found
			}
		}
	case in.kind == kindRecord:
		for i := range in.fields {
			f := &in.fields[i]
			at := under(path).fieldOf(f.name, i).path()
			if f.name == name {
				return at
			}
			if found := inner(at, f.schema); found != "" {
				return found
			}
		}
	}
	return ""
}

package contract

import (
	"fmt"
	"slices"
	"strings"
)

// regrets finds what Avro allows in a new version and people regret; was is the version right before it, nil: none.
func regrets(v Version, was *Schema) []Finding {
	l := linter{version: v, met: map[pair]bool{}}
	l.schema("", v.Schema, was)
	l.key(v.Schema, was)
	return l.found
}

// linter walks through a schema and the one before it side by side.
type linter struct {
	version Version
	met     map[pair]bool
	found   []Finding
}

func (l *linter) warn(rule Rule, path string, at place, message, fix string) {
	f := l.version.finding(Warning, rule, path, at)
	f.Message, f.Fix = message, fix
	l.found = append(l.found, f)
}

// schema compares a schema with what was in its place, nil: nothing was.
func (l *linter) schema(path string, now, was *Schema) {
	p := pair{now, was}
	if l.met[p] {
		return
	}
	if now.kind.named() {
		l.met[p] = true
	}
	if was != nil && was.kind != kindUnion && now.kind != kindUnion && was.logical != now.logical {
		l.warn(LogicalTypeChanged, path, now.at, fmt.Sprintf("the meaning of the %s changes from %s to %s; readers get the same bytes and take them for something else", now.kind, orPlain(was.logical), orPlain(now.logical)),
			"Leave the logical type as it was, and add an optional field of another name.")
	}
	switch {
	case now.kind == kindArray:
		l.schema(path+"[]", now.items, inside(was, kindArray))
	case now.kind == kindMap:
		l.schema(path+"{}", now.items, inside(was, kindMap))
	case now.kind == kindUnion:
		for i, b := range now.branches {
			l.schema(under(path).branch(now, i).path(), b, counterpart(b, was))
		}
	case now.kind == kindEnum:
		l.enum(path, now, counterpart(now, was))
	case now.kind == kindRecord:
		l.record(path, now, counterpart(now, was))
	}
}

func orPlain(logical string) string {
	if logical == "" {
		return "no logical type"
	}
	return logical
}

func inside(was *Schema, k kind) *Schema {
	if was = counterpart(&Schema{kind: k}, was); was == nil {
		return nil
	}
	return was.items
}

// counterpart finds what a schema was before: the schema itself, or the branch of a union that has its kind and name.
func counterpart(now, was *Schema) *Schema {
	if was == nil {
		return nil
	}
	candidates := []*Schema{was}
	if was.kind == kindUnion {
		candidates = was.branches
	}
	for _, c := range candidates {
		if c.kind == now.kind && (!c.kind.named() || called(now, c)) {
			return c
		}
	}
	return nil
}

func (l *linter) enum(path string, now, was *Schema) {
	switch {
	case now.fallback == "" && was == nil:
		l.warn(EnumWithoutDefault, path, now.at, fmt.Sprintf("%s has no default: its symbols can never change, for readers with this version fail at one they don't know", describe(now)),
			fmt.Sprintf("Give it a default, such as a symbol UNKNOWN, or make the field a string. Symbols now: %s.", strings.Join(now.symbols, ", ")))
	case now.fallback == "" && was.fallback != "":
		l.warn(EnumWithoutDefault, path, now.at, fmt.Sprintf("%s loses its default %s: readers with this version fail at symbols they don't know", describe(now), was.fallback),
			fmt.Sprintf("Put \"default\": %q back.", was.fallback))
	case was != nil && was.fallback != "" && now.fallback != was.fallback:
		l.warn(DefaultChanged, path, now.at, fmt.Sprintf("the default of %s changes from %s to %s: readers of the two versions take an unknown symbol for different ones", describe(now), was.fallback, now.fallback),
			fmt.Sprintf("Leave the default at %s.", was.fallback))
	}
}

func (l *linter) record(path string, now, was *Schema) {
	for i := range now.fields {
		f := &now.fields[i]
		at := under(path).fieldOf(f.name, i).path()
		old := origin(f, was)
		l.fallback(at, f, old)
		if old == nil {
			l.schema(at, f.schema, nil)
			continue
		}
		l.unit(at, f, old)
		l.schema(at, f.schema, old.schema)
	}
	if was != nil {
		l.renamed(path, now, was)
	}
}

// origin finds what a field was, by its name or an alias.
func origin(f *field, was *Schema) *field {
	if was == nil {
		return nil
	}
	if found := sources(f, was); len(found) > 0 {
		return found[0]
	}
	return nil
}

func (l *linter) fallback(path string, f, old *field) {
	if f.fallback != nil && f.schema.kind == kindUnion && new(fitting).matching(f.schema, f.fallback) > 0 {
		l.warn(DefaultOfLaterType, path, f.at, fmt.Sprintf("its default %s is not of the first type of its union: libraries older than Avro 1.12 refuse the schema", f.fallback),
			"Put the default's type first in the union.")
	}
	if old == nil || old.fallback == nil {
		return
	}
	switch {
	case f.fallback == nil:
		l.warn(DefaultChanged, path, f.at, fmt.Sprintf("its default %s goes: from now on no version can do without the field", old.fallback),
			fmt.Sprintf("Put \"default\": %s back.", old.fallback))
	case f.fallback.String() != old.fallback.String():
		l.warn(DefaultChanged, path, f.at, fmt.Sprintf("its default changes from %s to %s: readers of the two versions see different values in the same message", old.fallback, f.fallback),
			fmt.Sprintf("Leave the default at %s.", old.fallback))
	}
}

// renamed looks for a field that went and one of the same type that came in about the same place.
func (l *linter) renamed(path string, now, was *Schema) {
	for i := range was.fields {
		gone := &was.fields[i]
		if slices.ContainsFunc(now.fields, func(f field) bool { return f.name == gone.name || slices.Contains(f.aliases, gone.name) }) {
			continue
		}
		for j := range now.fields {
			came := &now.fields[j]
			if origin(came, was) != nil || i-j > 1 || j-i > 1 || came.schema.String() != gone.schema.String() {
				continue
			}
			at := under(path).fieldOf(came.name, j).path()
			l.warn(FieldRenamed, at, came.at, fmt.Sprintf("%s goes and %s, of the same type, comes in its place: if that is a new name, readers get the default instead of the value", gone.name, came.name),
				fmt.Sprintf("Keep the name %s. New readers could use \"aliases\": [%q], old ones know no alias.", gone.name, gone.name))
			break
		}
	}
}

// under is a place whose path is known.
func under(path string) *spot { return &spot{text: path} }

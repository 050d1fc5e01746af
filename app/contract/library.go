package contract

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"inventory/domain/contract"
)

// library parses the files of a tree. A name that a schema doesn't define is looked for in the newest schemas of the other
// subjects, as registries do with references.
type library struct {
	tree   Tree
	shown  func(file string) string // the file's name in messages
	types  map[string]*contract.Schema
	twice  map[string]bool     // names that several subjects define
	used   map[string][]string // names of other subjects that a file uses
	parsed map[string]parsed
}

type parsed struct {
	schema *contract.Schema
	err    *contract.InvalidError
}

func newLibrary(tree Tree, dir string) *library {
	l := &library{
		tree: tree, types: map[string]*contract.Schema{}, twice: map[string]bool{}, used: map[string][]string{}, parsed: map[string]parsed{},
		shown: func(file string) string { return path.Join(dir, file) },
	}
	l.shelve()
	return l
}

// shelve parses the newest schema of each subject, those that name types of others after these.
func (l *library) shelve() {
	subjects := l.tree.subjects()
	waiting := make([]string, 0, len(subjects))
	for _, name := range slices.Sorted(maps.Keys(subjects)) {
		s := subjects[name]
		if s.file != "" {
			waiting = append(waiting, s.file)
		} else if n := len(s.versions); n > 0 {
			waiting = append(waiting, s.path(s.versions[n-1]))
		}
	}
	for progress := true; progress && len(waiting) > 0; {
		left := waiting[:0]
		for _, file := range waiting {
			schema, types, err := contract.ParseTypes(l.source(file))
			if invalid, ok := errors.AsType[*contract.InvalidError](err); ok && invalid.Unknown != "" {
				left = append(left, file)
				continue
			}
			l.keep(file, schema, err)
			l.offer(types)
		}
		progress = len(left) < len(waiting)
		waiting = left
	}
}

func (l *library) source(file string) contract.Source {
	return contract.Source{File: l.shown(file), Text: l.tree[file], Known: func(name string) *contract.Schema {
		l.used[file] = append(l.used[file], name)
		return l.types[name]
	}}
}

// offer lets other schemas name these types.
func (l *library) offer(types map[string]*contract.Schema) {
	for name, schema := range types {
		l.twice[name] = l.types[name] != nil
		l.types[name] = schema
	}
}

func (l *library) keep(file string, schema *contract.Schema, err error) {
	found := parsed{schema: schema}
	found.err, _ = errors.AsType[*contract.InvalidError](err)
	l.parsed[file] = found
}

// schema gives a file's schema, if it is clear what it means: a type that several subjects define is nobody's.
func (l *library) schema(file string) parsed {
	if _, ok := l.parsed[file]; !ok {
		schema, err := contract.Parse(l.source(file))
		l.keep(file, schema, err)
	}
	for _, name := range l.used[file] {
		if l.twice[name] {
			return parsed{err: &contract.InvalidError{Line: 1, Reason: fmt.Sprintf("type %s: several other subjects define it", name)}}
		}
	}
	return l.parsed[file]
}

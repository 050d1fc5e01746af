package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Consumer is a program that reads messages, and what of them: so a change names whom it hurts.
type Consumer struct {
	Name  string              `json:"consumer"`
	Owner string              `json:"owner"` // whom to talk to
	Reads map[string][]string `json:"reads"` // by subject: fields, by the paths of findings (items[].quantity)
	File  string              `json:"-"`     // in messages
}

// ParseConsumer reads a consumer's file, named file in messages.
func ParseConsumer(file string, text []byte) (Consumer, error) {
	c := Consumer{File: file}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if err == nil && d.Decode(&struct{}{}) != io.EOF {
		err = errors.New("there is something behind it")
	}
	if err == nil && (c.Name == "" || c.Owner == "" || len(c.Reads) == 0) {
		err = errors.New("something is missing")
	}
	if err != nil {
		return c, fmt.Errorf(`%s: expected {"consumer": its name, "owner": whom to talk to, "reads": {subject: [fields]}}: %w`, file, err)
	}
	return c, nil
}

func (c Consumer) String() string { return fmt.Sprintf("%s (%s)", c.Name, c.Owner) }

// tellHurt adds to each finding of a subject which consumers read what it is about.
func tellHurt(found []Finding, subject string, consumers []Consumer) {
	for i := range found {
		f := &found[i]
		for _, c := range consumers {
			if slices.ContainsFunc(c.Reads[subject], func(read string) bool { return touches(read, f.Path) }) {
				f.Consumers = append(f.Consumers, c.String())
			}
		}
		if len(f.Consumers) > 0 {
			f.Message += "; it hurts " + list(f.Consumers)
		}
	}
}

// touches tells whether one of two fields is the other, or within it.
func touches(a, b string) bool { return within(a, b) || within(b, a) }

func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (outer == "" || rest == "" || strings.ContainsRune(".[{<", rune(rest[0])))
}

// missing finds what consumers read of a subject and its newest version has not.
func missing(subject string, versions []Version, consumers []Consumer) []Finding {
	if len(versions) == 0 {
		return nil
	}
	newest, older := versions[len(versions)-1], versions[:len(versions)-1]
	var found []Finding
	for _, path := range pathsRead(subject, consumers) {
		if newest.Schema.has(path) {
			continue
		}
		readers := readersOf(subject, path, consumers)
		if !slices.ContainsFunc(older, func(v Version) bool { return v.Schema.has(path) }) {
			for _, c := range readers {
				found = append(found, Finding{
					Severity: Error, Rule: ConsumerFieldUnknown, Subject: subject, File: c.File, Path: path, Consumers: []string{c.String()},
					Message: fmt.Sprintf("%s reads a field that no version has", c),
					Fix:     "Name fields as findings do: items[].quantity of an array, totals{} of a map.",
				})
			}
			continue
		}
		f := newest.finding(Error, ConsumerFieldGone, path, newest.Schema.at)
		for _, c := range readers {
			f.Consumers = append(f.Consumers, c.String())
		}
		f.Message = fmt.Sprintf("%s has no such field any more, and %s read it: they get its default, or nothing", newest.Name, list(f.Consumers))
		f.Fix = "Keep the field until they read it no more and their files say so."
		found = append(found, f)
	}
	return found
}

// pathsRead gives the fields of a subject that anybody reads, in order.
func pathsRead(subject string, consumers []Consumer) []string {
	read := map[string]bool{}
	for _, c := range consumers {
		for _, path := range c.Reads[subject] {
			read[path] = true
		}
	}
	return slices.Sorted(maps.Keys(read))
}

func readersOf(subject, path string, consumers []Consumer) (readers []Consumer) {
	for _, c := range consumers {
		if slices.Contains(c.Reads[subject], path) {
			readers = append(readers, c)
		}
	}
	return readers
}

// Unheard finds subjects that consumers read and nobody has.
func Unheard(consumers []Consumer, known func(subject string) bool) []Finding {
	var found []Finding
	for _, c := range consumers {
		for _, subject := range slices.Sorted(maps.Keys(c.Reads)) {
			if !known(subject) {
				found = append(found, Finding{
					Severity: Error, Rule: ConsumerSubjectUnknown, Subject: subject, File: c.File, Consumers: []string{c.String()},
					Message: fmt.Sprintf("%s reads a subject that is not there", c), Fix: "Correct the subject's name, or take it out.",
				})
			}
		}
	}
	return found
}

// has tells whether a schema has a field, by the path that findings give it.
func (s *Schema) has(path string) bool {
	s = s.only()
	if path == "" {
		return true
	}
	if rest, ok := strings.CutPrefix(path, "[]"); ok {
		return s.kind == kindArray && s.items.has(rest)
	}
	if rest, ok := strings.CutPrefix(path, "{}"); ok {
		return s.kind == kindMap && s.items.has(rest)
	}
	if label, rest, ok := strings.Cut(strings.TrimPrefix(path, "<"), ">"); ok && path[0] == '<' {
		return s.kind == kindUnion && slices.ContainsFunc(s.branches, func(b *Schema) bool { return b.label() == label && b.has(rest) })
	}
	name := strings.TrimPrefix(path, ".")
	rest := ""
	if end := strings.IndexAny(name, ".[{<"); end >= 0 {
		name, rest = name[:end], name[end:]
	}
	f := s.field(name)
	return s.kind == kindRecord && f != nil && f.schema.has(rest)
}

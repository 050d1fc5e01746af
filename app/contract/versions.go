package contract

import (
	"fmt"
	"path"
	"slices"

	"inventory/domain/contract"
)

// line is the history of a subject as it is put together.
type line struct {
	*check
	subject  string
	versions []contract.Version
}

// versions puts a subject's history together, the oldest first: what the base has, then what is new.
func (c *check) versions(now, was *subject) []contract.Version {
	l := &line{check: c, subject: now.name}
	if was != nil && was.file != "" {
		l.add(c.old, was.file, c.base.Name, false)
	}
	l.numbered(now, was)
	if now.file != "" {
		l.inPlace(now, was)
	}
	if c.base == nil {
		for i := range len(l.versions) - 1 {
			l.versions[i].Past = true
		}
	}
	return l.versions
}

// numbered adds the versions that have numbers.
func (l *line) numbered(now, was *subject) {
	next := 1
	for _, v := range now.versions {
		if v != next && l.published(was, next) == "" {
			l.fault(contract.Layout, now.path(v), 0, fmt.Sprintf("version %d comes after version %d", v, next-1),
				fmt.Sprintf("Number versions from 1 without gaps: name it %d%s.", next, Extension))
		}
		next = v + 1
		l.version(now, was, v)
	}
	if was == nil {
		return
	}
	for _, v := range was.versions {
		if !slices.Contains(now.versions, v) {
			l.vanished(was, v)
		}
	}
}

// version adds one, as the base has it where it does.
func (l *line) version(now, was *subject, v int) {
	file := now.path(v)
	text := l.published(was, v)
	if text == "" {
		moved := was != nil && was.file != "" && l.base.Tree[was.file] == l.now[file]
		l.add(l.library, file, contract.VersionName(v), !moved)
		return
	}
	l.add(l.old, file, contract.VersionName(v), false)
	if text == l.now[file] {
		return
	}
	newest := max(now.versions[len(now.versions)-1], was.versions[len(was.versions)-1])
	l.fault(contract.PublishedChanged, file, v, fmt.Sprintf("version %d is not what %s has: published versions are immutable", v, l.base.Name),
		fmt.Sprintf("Put it back as it was, and what is new into %d%s.", newest+1, Extension))
}

// published gives the base's text of a version; "" if it has none.
func (l *line) published(was *subject, v int) string {
	if was == nil || !slices.Contains(was.versions, v) {
		return ""
	}
	return l.base.Tree[was.path(v)]
}

func (c *check) vanished(was *subject, v int) {
	c.find(contract.Finding{
		Severity: contract.Error, Rule: contract.PublishedRemoved, Subject: was.name, Version: contract.VersionName(v), File: path.Join(c.dir, was.path(v)),
		Message: fmt.Sprintf("version %d is at %s and not here: published versions are immutable", v, c.base.Name),
		Fix:     fmt.Sprintf("Put the file back; if it is newer than this branch, bring the branch up to date with %s.", c.base.Name),
	})
}

// newSchema names, in findings, a file that has no versions of its own.
const newSchema = "the new schema"

// inPlace adds a file that has no versions of its own: it is new where it is not as the base has it.
func (l *line) inPlace(now, was *subject) {
	if len(now.versions) > 0 {
		l.fault(contract.Layout, now.file, 0, fmt.Sprintf("there is %s, and there are versions in %s/", now.file, now.name),
			fmt.Sprintf("Keep all versions in %s/, or one file.", now.name))
		return
	}
	if was != nil && was.file != "" && l.base.Tree[was.file] == l.now[now.file] {
		return
	}
	l.add(l.library, now.file, newSchema, true)
}

// add parses a version. One that is no schema is left out: nobody knows what it means. Where it is published already
// nothing can be done about it any more.
func (l *line) add(from *library, file, name string, isNew bool) {
	found := from.schema(file)
	if found.err == nil {
		l.versions = append(l.versions, contract.Version{Name: name, File: path.Join(l.dir, file), Schema: found.schema, New: isNew})
		return
	}
	f := contract.Finding{
		Severity: contract.Error, Rule: contract.InvalidSchema, Subject: l.subject, Version: name, File: path.Join(l.dir, file), Line: found.err.Line,
		Message: found.err.Reason, Fix: "Correct the schema: libraries of Avro refuse it.",
	}
	if !isNew {
		f.Severity, f.Line = contract.Warning, 0
		f.Message = fmt.Sprintf("%s is published and no schema, so nothing is held against it: %s", name, found.err)
		f.Fix = "See that nobody reads or writes with it."
	}
	l.find(f)
}

// fault tells of a file as a whole.
func (l *line) fault(rule contract.Rule, file string, version int, message, fix string) {
	f := contract.Finding{Severity: contract.Error, Rule: rule, Subject: l.subject, File: path.Join(l.dir, file), Message: message, Fix: fix}
	if version > 0 {
		f.Version = contract.VersionName(version)
	}
	l.find(f)
}

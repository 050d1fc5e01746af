package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"inventory/domain/contract"
	"inventory/ports"
)

// Published is a registry, and what its subjects' names begin with that a folder's don't.
type Published struct {
	Name    string // in messages: its URL
	Prefix  string
	History ports.SchemaHistory
	Rules   ports.SchemaRules
}

// Standing says what a registry had to hold a folder against.
type Standing struct {
	Versions int      // of the folder's subjects, that the registry has
	Missing  []string // subjects of the folder that the registry has not got, by their names there
}

// CheckRegistry judges the versions of a tree: each against every version that a registry has of its subject, and against the
// tree's before it. A published version never changes. Where the registry's own level would let pass what is found, that is
// said. The error is of a registry that can't be asked.
func CheckRegistry(ctx context.Context, now Tree, dir string, there Published, consumers ...contract.Consumer) (*Report, Standing, error) {
	c, err := holdAll(ctx, now, dir, there, consumers...)
	if err != nil {
		return nil, Standing{}, err
	}
	return c.report, c.standing, nil
}

func holdAll(ctx context.Context, now Tree, dir string, there Published, consumers ...contract.Consumer) (*held, error) {
	c := &held{
		check: &check{now: now, dir: dir, consumers: consumers, library: newLibrary(now, dir), report: &Report{}}, there: there, reader: newReader(there.History), same: identities{},
	}
	subjects := now.subjects()
	names := slices.Sorted(maps.Keys(subjects))
	var err error
	if c.has, err = Fetch(ctx, there.History, prefixed(there.Prefix, names)); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := c.hold(ctx, subjects[name]); err != nil {
			return nil, err
		}
	}
	c.find(contract.Unheard(consumers, func(subject string) bool { return subjects[subject] != nil })...)
	return c, nil
}

func prefixed(prefix string, names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = prefix + name
	}
	return all
}

// held is a check against a registry.
type held struct {
	*check
	there    Published
	reader   *reader
	has      map[string][]ports.RegisteredSchema
	standing Standing
	same     identities
}

// hold judges one subject.
func (c *held) hold(ctx context.Context, s *subject) error {
	has := c.has[c.there.Prefix+s.name]
	c.standing.Versions += len(has)
	if len(has) == 0 {
		c.standing.Missing = append(c.standing.Missing, c.there.Prefix+s.name)
	}
	l := &line{check: c.check, subject: s.name}
	if err := c.theirs(ctx, l, s, has); err != nil {
		return err
	}
	published := len(l.versions)
	c.ours(l, s, has)
	c.changed(l, s, has)
	for i := published; i < len(l.versions); i++ {
		l.versions[i].Past = i < len(l.versions)-1 || newer(has, s)
	}
	c.report.Subjects = append(c.report.Subjects, s.name)
	c.report.Versions += len(l.versions)
	c.report.Judged += len(l.versions) - published
	found := contract.Check(s.name, l.versions, c.consumers...)
	if len(has) > 0 {
		level, err := c.there.Rules.Level(ctx, c.there.Prefix+s.name)
		if err != nil {
			return err
		}
		found = c.weaker(s, level, c.order(s, has), found)
	}
	c.report.Findings = append(c.report.Findings, found...)
	return nil
}

// theirs adds what only the registry has: it comes first, since order says nothing about who can read whom.
func (c *held) theirs(ctx context.Context, l *line, s *subject, has []ports.RegisteredSchema) error {
	for _, r := range has {
		if c.ourNumber(s, r.Text) != 0 {
			continue
		}
		schema, invalid, err := c.reader.parse(ctx, r)
		if err != nil {
			return err
		}
		name := theirName(r.Version)
		if invalid != nil {
			l.find(contract.Finding{
				Severity: contract.Warning, Rule: contract.InvalidSchema, Subject: s.name, Version: name, File: path.Join(c.dir, s.newest()),
				Message: fmt.Sprintf("%s is published and no schema to this check, so nothing is held against it: %s", name, reason(invalid)),
				Fix:     "See that nobody reads or writes with it.",
			})
			continue
		}
		l.versions = append(l.versions, contract.Version{Name: name, Schema: schema})
	}
	return nil
}

func reason(err error) string {
	if invalid, ok := errors.AsType[*contract.InvalidError](err); ok {
		return invalid.Reason
	}
	return err.Error()
}

func theirName(version int) string { return contract.VersionName(version) + " (registry)" }

// ours adds the folder's versions, all of which are judged.
func (c *held) ours(l *line, s *subject, has []ports.RegisteredSchema) {
	next := 1
	for _, v := range s.versions {
		published := slices.ContainsFunc(has, func(r ports.RegisteredSchema) bool { return r.Version == next || r.Version == v })
		if v != next && !published {
			l.fault(contract.Layout, s.path(v), 0, fmt.Sprintf("version %d comes after version %d", v, next-1),
				fmt.Sprintf("Number versions from 1 without gaps: name it %d%s.", next, Extension))
		}
		next = v + 1
		l.add(c.library, s.path(v), contract.VersionName(v), true)
	}
	if s.file != "" {
		l.inPlace(s, nil)
	}
}

// changed tells of published versions that the folder has otherwise, unless it has them under another number.
func (c *held) changed(l *line, s *subject, has []ports.RegisteredSchema) {
	for _, r := range has {
		if !slices.Contains(s.versions, r.Version) || c.ourNumber(s, r.Text) != 0 || c.isTheirs(has, c.now[s.path(r.Version)]) {
			continue
		}
		next := max(has[len(has)-1].Version, s.versions[len(s.versions)-1]) + 1
		l.fault(contract.PublishedChanged, s.path(r.Version), r.Version,
			fmt.Sprintf("version %d is not what %s has: published versions are immutable", r.Version, c.there.Name),
			fmt.Sprintf("Put it back as it was (`inventory schemas pull` gets it), and what is new into %d%s.", next, Extension))
	}
}

// inFile stands for the number of a version that is a file without one.
const inFile = -1

// ourNumber finds a schema among the folder's: 0 if it is not there.
func (c *held) ourNumber(s *subject, text string) int { return c.same.numberIn(c.now, s, text) }

func (c *held) isTheirs(has []ports.RegisteredSchema, text string) bool {
	return slices.ContainsFunc(has, func(r ports.RegisteredSchema) bool { return c.same.schema(r.Text, text) })
}

// newest is the file of the newest version.
func (s *subject) newest() string {
	if n := len(s.versions); n > 0 {
		return s.path(s.versions[n-1])
	}
	return s.file
}

// newer tells that the registry's newest version is after the folder's.
func newer(has []ports.RegisteredSchema, s *subject) bool {
	n := len(s.versions)
	return n > 0 && len(has) > 0 && has[len(has)-1].Version > s.versions[n-1]
}

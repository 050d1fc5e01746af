package contract

import (
	"maps"
	"path"
	"slices"

	"inventory/domain/contract"
)

// Base is what was published before the change that is judged.
type Base struct {
	Name string // in messages: main
	Tree Tree
}

// Report is what was found.
type Report struct {
	Subjects []string // all that were looked at, by name
	Versions int      // how many
	Judged   int      // how many of them are new
	Alone    int      // subjects of one version, which nothing can be held against without a base
	Findings []contract.Finding
}

// Count gives how many findings there are of a severity.
func (r *Report) Count(s contract.Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Check judges the schemas of a tree; dir is its name in messages. With a base, what the base has is published: it never
// changes, and all else is held against it and what comes between. Without one, each version is held against all before it, and
// the newest is looked at for what people regret. Consumers are those of whom something is known.
func Check(now Tree, dir string, base *Base, consumers ...contract.Consumer) *Report {
	c := &check{now: now, dir: dir, base: base, consumers: consumers, library: newLibrary(now, dir), report: &Report{}}
	names := now.subjects()
	var gone map[string]*subject
	if base != nil {
		c.old = newLibrary(base.Tree, dir)
		gone = base.Tree.subjects()
	}
	all := maps.Clone(gone)
	if all == nil {
		all = map[string]*subject{}
	}
	maps.Copy(all, names)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c.subject(names[name], gone[name])
	}
	c.find(contract.Unheard(consumers, func(subject string) bool { return all[subject] != nil })...)
	return c.report
}

type check struct {
	now       Tree
	dir       string
	base      *Base
	consumers []contract.Consumer
	library   *library // of what there is now
	old       *library // of the base
	report    *Report
}

// subject judges one; of what there is now or was at the base either may be nil.
func (c *check) subject(now, was *subject) {
	if now == nil {
		c.removed(was)
		return
	}
	c.report.Subjects = append(c.report.Subjects, now.name)
	versions := c.versions(now, was)
	c.report.Versions += len(versions)
	if c.base == nil && len(versions) == 1 {
		c.report.Alone++
	}
	for _, v := range versions {
		if v.New {
			c.report.Judged++
		}
	}
	c.report.Findings = append(c.report.Findings, contract.Check(now.name, versions, c.consumers...)...)
}

// removed tells of a subject that is gone as a whole.
func (c *check) removed(was *subject) {
	for _, v := range was.versions {
		c.vanished(was, v)
	}
	if was.file == "" {
		return
	}
	c.find(contract.Finding{
		Severity: contract.Warning, Rule: contract.SubjectRemoved, Subject: was.name, Version: c.base.Name, File: path.Join(c.dir, was.file),
		Message: "the subject is gone: messages of it that are still kept can no longer be looked up here",
		Fix:     "Keep the file until its last message is gone; one that got another name is another subject.",
	})
}

func (c *check) find(found ...contract.Finding) {
	c.report.Findings = append(c.report.Findings, found...)
}

// DropWarnings leaves what breaks.
func (r *Report) DropWarnings() {
	r.Findings = slices.DeleteFunc(r.Findings, func(f contract.Finding) bool { return f.Severity == contract.Warning })
}

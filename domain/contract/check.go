package contract

import "slices"

// Version is one schema of a subject, the older ones first.
type Version struct {
	Name   string // in messages: version 2, or where it is from
	File   string
	Schema *Schema
	// New tells that it is to be judged: against all that come before it. What is published already was judged.
	New bool
	// Past tells that it is not the newest any more: what may be regretted of it can't be helped.
	Past bool
}

// Check holds each new version of a subject against each earlier one, as reader and as writer (FULL_TRANSITIVE), and against
// the one right before it for what people regret. Findings name the consumers that they hurt.
func Check(subject string, versions []Version, consumers ...Consumer) []Finding {
	var all []Finding
	for i, v := range versions {
		if !v.New {
			continue
		}
		found := breaks(v, versions[:i])
		if !v.Past {
			found = append(found, regrets(v, before(versions, i))...)
		}
		for _, f := range found {
			f.Subject = subject
			all = append(all, f)
		}
	}
	tellHurt(all, subject, consumers)
	return append(all, missing(subject, versions, consumers)...)
}

// before gives the schema of the version right before one, nil for the first.
func before(versions []Version, i int) *Schema {
	if i == 0 {
		return nil
	}
	return versions[i-1].Schema
}

// breaks finds what no longer goes together with earlier versions.
func breaks(v Version, earlier []Version) []Finding {
	var found []breakFinding
	for _, old := range earlier {
		if old.Schema == v.Schema {
			continue
		}
		for _, f := range Leaves(Incompatibilities(v.Schema, old.Schema)) {
			found = gather(found, v.tell(f, true), old.Name)
		}
		for _, f := range Leaves(Incompatibilities(old.Schema, v.Schema)) {
			found = gather(found, v.tell(f, false), old.Name)
		}
	}
	all := make([]Finding, len(found))
	for i, f := range found {
		all[i] = f.finish()
	}
	slices.SortStableFunc(all, func(a, b Finding) int { return a.Line - b.Line })
	return all
}

// tell makes a finding of a fault, at the place of the new version's file that has to do with it.
func (v Version) tell(f *Fault, reads bool) breakFinding {
	at := f.writer.at
	switch {
	case reads && f.field != nil:
		at = f.field.at
	case reads:
		at = f.reader.at
	}
	b := breakFinding{why: f.Why(), reads: reads}
	b.Finding = v.finding(Error, f.Rule, f.Path, at)
	b.Fix = f.fix(reads)
	return b
}

func (v Version) finding(s Severity, rule Rule, path string, at place) Finding {
	f := Finding{Severity: s, Rule: rule, Version: v.Name, File: v.File, Line: at.line, Path: path}
	if at.file != "" {
		f.File = at.file
	}
	return f
}

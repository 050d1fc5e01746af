package contract

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"inventory/domain/contract"
	"inventory/ports"
)

// DifferenceKind says where a version is, and where not.
type DifferenceKind string

// The kinds.
const (
	OnlyHere    DifferenceKind = "ONLY_HERE"
	OnlyThere   DifferenceKind = "ONLY_IN_REGISTRY"
	OtherSchema DifferenceKind = "OTHER_SCHEMA" // the same number, and another schema
	OtherNumber DifferenceKind = "OTHER_NUMBER" // the same schema, and another number
)

// Difference is between a folder and a registry.
type Difference struct {
	Kind    DifferenceKind
	Subject string // by the folder's name
	Here    int    // the folder's version; 0: none, or a file without number
	There   int    // the registry's version; 0: none
	File    string // the folder's; "": none
	Detail  string // what is other in the schemas
}

// Comparison is what a folder and a registry have in common, and what not.
type Comparison struct {
	Subjects    int      // of either
	Same        int      // versions that both have
	Form        int      // how many of these are written otherwise: white space, the order of keys, names in full or not
	Other       []string // subjects that aren't Avro's, which are left out
	Differences []Difference
}

// Compare tells what a tree has and a registry has not, and the other way, of the subjects whose names have the prefix. It is
// about schemas: how they are written is no difference.
func Compare(ctx context.Context, now Tree, dir string, there Published) (*Comparison, error) {
	subjects := now.subjects()
	names, err := namesThere(ctx, there)
	if err != nil {
		return nil, err
	}
	for name := range subjects {
		names = append(names, name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	has, err := Fetch(ctx, there.History, prefixed(there.Prefix, names))
	if err != nil {
		return nil, err
	}
	c := &comparing{Comparison: &Comparison{Subjects: len(names)}, now: now, dir: dir, same: identities{}}
	for _, name := range names {
		s := subjects[name]
		if s == nil {
			s = &subject{name: name}
		}
		c.subject(s, has[there.Prefix+name])
	}
	return c.Comparison, nil
}

// namesThere gives a registry's subjects by the names that a folder has them by.
func namesThere(ctx context.Context, there Published) ([]string, error) {
	all, err := there.History.Subjects(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, full := range all {
		if name, ok := strings.CutPrefix(full, there.Prefix); ok && name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

type comparing struct {
	*Comparison
	now  Tree
	dir  string
	same identities
}

func (c *comparing) subject(s *subject, has []ports.RegisteredSchema) {
	if len(s.versions) == 0 && s.file == "" && slices.ContainsFunc(has, func(r ports.RegisteredSchema) bool { return r.Type != ports.SchemaTypeAvro }) {
		c.Other = append(c.Other, s.name)
		return
	}
	if s.file != "" && len(s.versions) == 0 {
		c.inPlace(s, has)
		return
	}
	told := map[int]bool{} // of the registry's
	for _, v := range s.versions {
		if at := c.version(s, v, has); at != 0 {
			told[at] = true
		}
	}
	for _, r := range has {
		if !told[r.Version] {
			c.differ(Difference{Kind: OnlyThere, Subject: s.name, There: r.Version})
		}
	}
}

// version tells of one of the folder's, and gives the registry's that it is to be told with; 0 for none.
func (c *comparing) version(s *subject, v int, has []ports.RegisteredSchema) int {
	file := s.path(v)
	d := Difference{Kind: OnlyHere, Subject: s.name, Here: v, File: path.Join(c.dir, file)}
	number := func(r ports.RegisteredSchema) bool { return r.Version == v }
	if i := slices.IndexFunc(has, number); i >= 0 && c.both(file, has[i]) {
		return v
	}
	if i := slices.IndexFunc(has, func(r ports.RegisteredSchema) bool { return c.same.schema(c.now[file], r.Text) }); i >= 0 {
		d.Kind, d.There = OtherNumber, has[i].Version
	} else if i := slices.IndexFunc(has, number); i >= 0 && c.same.numberIn(c.now, s, has[i].Text) == 0 {
		d.Kind, d.There, d.Detail = OtherSchema, v, contract.Unlike(c.now[file], has[i].Text)
	}
	c.differ(d)
	return d.There
}

// both counts a version that is the same on both sides.
func (c *comparing) both(file string, r ports.RegisteredSchema) bool {
	if !c.same.schema(c.now[file], r.Text) {
		return false
	}
	c.Same++
	if strings.TrimSpace(c.now[file]) != strings.TrimSpace(r.Text) {
		c.Form++
	}
	return true
}

// inPlace tells of a file that is changed in place: the registry has its earlier versions, and ought to have no later ones.
func (c *comparing) inPlace(s *subject, has []ports.RegisteredSchema) {
	for i := len(has) - 1; i >= 0; i-- {
		if !c.both(s.file, has[i]) {
			continue
		}
		for _, later := range has[i+1:] {
			c.differ(Difference{Kind: OnlyThere, Subject: s.name, There: later.Version})
		}
		return
	}
	d := Difference{Kind: OnlyHere, Subject: s.name, File: path.Join(c.dir, s.file)}
	if n := len(has); n > 0 {
		d.Kind, d.There, d.Detail = OtherSchema, has[n-1].Version, contract.Unlike(c.now[s.file], has[n-1].Text)
	}
	c.differ(d)
}

func (c *comparing) differ(d Difference) { c.Differences = append(c.Differences, d) }

// Subjects gives a registry's subjects, by the names that a folder has them by, and of given names those of them that it has
// not got.
func Subjects(ctx context.Context, there Published, given []string) (names, unknown []string, err error) {
	all, err := namesThere(ctx, there)
	if err != nil || len(given) == 0 {
		return all, nil, err
	}
	has := map[string]bool{}
	for _, name := range all {
		has[name] = true
	}
	wanted := map[string]bool{}
	for _, name := range given {
		switch short := strings.TrimPrefix(name, there.Prefix); {
		case has[name]:
			wanted[name] = true
		case has[short]:
			wanted[short] = true
		default:
			unknown = append(unknown, name)
		}
	}
	return slices.Sorted(maps.Keys(wanted)), unknown, nil
}

// String is for people.
func (d Difference) String() string {
	switch d.Kind {
	case OnlyThere:
		return fmt.Sprintf("version %d is only in the registry", d.There)
	case OtherNumber:
		return fmt.Sprintf("version %d is version %d in the registry: %s", d.Here, d.There, d.File)
	case OtherSchema:
		if d.Here == 0 {
			return fmt.Sprintf("it is none of the registry's, whose newest is version %d: %s\n    %s", d.There, d.File, d.Detail)
		}
		return fmt.Sprintf("version %d is another schema in the registry: %s\n    %s", d.Here, d.File, d.Detail)
	case OnlyHere:
	}
	if d.Here == 0 {
		return "it is only here: " + d.File
	}
	return fmt.Sprintf("version %d is only here: %s", d.Here, d.File)
}

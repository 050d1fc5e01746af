package contract

import (
	"fmt"
	"path"
	"slices"

	"inventory/domain/contract"
	"inventory/ports"
)

// order names all versions of a subject as findings do, in the order in which the registry has got, or would get, them.
func (c *held) order(s *subject, has []ports.RegisteredSchema) []string {
	var all []string
	for _, r := range has {
		name := theirName(r.Version)
		if n := c.ourNumber(s, r.Text); n != 0 {
			name = ourName(n)
		}
		all = append(all, name)
	}
	for _, v := range s.versions {
		if !slices.Contains(all, ourName(v)) {
			all = append(all, ourName(v))
		}
	}
	if s.file != "" && !slices.Contains(all, ourName(inFile)) {
		all = append(all, ourName(inFile))
	}
	return all
}

func ourName(version int) string {
	if version == inFile {
		return newSchema
	}
	return contract.VersionName(version)
}

// weaker says of each break whether the registry finds it at its level, and warns of a level that leaves out what this
// check looks at.
func (c *held) weaker(s *subject, level string, order []string, found []contract.Finding) []contract.Finding {
	l := contract.Level(level)
	if l == contract.FullTransitive {
		return found
	}
	missed := 0
	for i := range found {
		f := &found[i]
		if len(f.Readers) == 0 || caught(l, order, f) {
			continue
		}
		missed++
		f.Message += fmt.Sprintf("; the registry, at %s, does not find that", l)
	}
	lets := "nothing of this folder that breaks"
	if missed == 1 {
		lets = "1 error of this folder"
	} else if missed > 1 {
		lets = fmt.Sprintf("%d errors of this folder", missed)
	}
	return append(found, contract.Finding{
		Severity: contract.Warning, Rule: contract.RegistryWeaker, Subject: s.name, File: path.Join(c.dir, s.newest()),
		Message: fmt.Sprintf("the compatibility level of %s at %s is %s, weaker than FULL_TRANSITIVE: it %s. It lets %s pass",
			c.there.Prefix+s.name, c.there.Name, l, l.Means(), lets),
		Fix: fmt.Sprintf(`Set it, with PUT /config/%s and {"compatibility": "FULL_TRANSITIVE"}.`, c.there.Prefix+s.name),
	})
}

// caught tells whether the registry finds a break in any of the pairs that have it.
func caught(l contract.Level, order []string, f *contract.Finding) bool {
	for _, reader := range f.Readers {
		for _, writer := range f.Writers {
			if l.Catches(slices.Index(order, reader), slices.Index(order, writer)) {
				return true
			}
		}
	}
	return false
}

package contract

import (
	"context"
	"errors"
	"maps"
	"slices"

	"inventory/domain/contract"
	"inventory/ports"
)

// Rehearsal is what registering a folder's versions would do. Nothing is written for it.
type Rehearsal struct {
	Steps []Step
	// Findings are this program's own, of the whole folder; what breaks among them would be refused by a registry that is
	// FULL_TRANSITIVE, as registering makes it first.
	Findings []contract.Finding
}

// Step is what would be done with one version.
type Step struct {
	Subject string // by the registry's name
	Version int    // the folder's
	ID      int    // that the registry has it under already; 0: it would be registered
	// Level is what the registry holds new versions of the subject by now; "" where it has none of the subject.
	Level string
	// Refusals are the registry's own, at that level, in its words. It is asked of each version as if it were the next.
	Refusals []string
}

// Rehearse asks the registry's own checker and this program's of all versions in numbered files that the registry has not got.
func Rehearse(ctx context.Context, now Tree, dir string, there Published) (*Rehearsal, error) {
	c, err := holdAll(ctx, now, dir, there)
	if err != nil {
		return nil, err
	}
	found := &Rehearsal{Findings: c.report.Findings}
	subjects := now.subjects()
	for _, name := range slices.Sorted(maps.Keys(subjects)) {
		s := subjects[name]
		for _, v := range s.versions {
			step, err := c.step(ctx, s, v)
			if err != nil {
				return nil, err
			}
			found.Steps = append(found.Steps, step)
		}
	}
	return found, nil
}

func (c *held) step(ctx context.Context, s *subject, v int) (Step, error) {
	step := Step{Subject: c.there.Prefix + s.name, Version: v}
	text, has := c.now[s.path(v)], c.has[step.Subject]
	for _, r := range has {
		if c.same.schema(r.Text, text) {
			step.ID = r.ID
			return step, nil
		}
	}
	if len(has) == 0 {
		return step, nil
	}
	var err error
	if step.Level, err = c.there.Rules.Level(ctx, step.Subject); err != nil {
		return step, err
	}
	step.Refusals, err = c.there.Rules.Refusals(ctx, step.Subject, text)
	if errors.Is(err, ports.ErrIncompatibleSchema) {
		step.Refusals, err = []string{err.Error()}, nil
	}
	return step, err
}

package embedded

import (
	"fmt"

	"inventory/domain/contract"
)

// level is what a subject's new schema must be able to do.
type level string

// The levels. Backward: it reads what earlier ones wrote. Forward: earlier ones read what
// it writes. Full: both. Transitive: with all earlier ones, not just the newest.
const (
	levelNone               level = "NONE"
	levelBackward           level = "BACKWARD"
	levelBackwardTransitive level = "BACKWARD_TRANSITIVE"
	levelForward            level = "FORWARD"
	levelForwardTransitive  level = "FORWARD_TRANSITIVE"
	levelFull               level = "FULL"
	levelFullTransitive     level = "FULL_TRANSITIVE"
)

// defaultLevel is Confluent's.
const defaultLevel = levelBackward

// requirement is what a level asks for.
type requirement struct{ backward, forward, transitive bool }

var requirements = map[level]requirement{
	levelNone:               {},
	levelBackward:           {backward: true},
	levelBackwardTransitive: {backward: true, transitive: true},
	levelForward:            {forward: true},
	levelForwardTransitive:  {forward: true, transitive: true},
	levelFull:               {backward: true, forward: true},
	levelFullTransitive:     {backward: true, forward: true, transitive: true},
}

func parseLevel(text string) (level, error) {
	l := level(text)
	if _, ok := requirements[l]; !ok {
		return "", refuse(codeInvalidLevel, "compatibility level %q: expected NONE, BACKWARD, FORWARD or FULL, the latter three with or without _TRANSITIVE", text)
	}
	return l, nil
}

// earlier is a version that a new schema is held against.
type earlier struct {
	version int
	schema  *contract.Schema // nil: nothing can be held against it
}

// incompatibilities says what of a level candidate breaks with these versions, the newest
// last; one line for each fault.
func incompatibilities(l level, candidate *contract.Schema, versions []earlier) []string {
	need := requirements[l]
	if !need.transitive && len(versions) > 1 {
		versions = versions[len(versions)-1:]
	}
	var broken []string
	tell := func(who string, reader, writer *contract.Schema) {
		for _, f := range contract.Leaves(contract.Incompatibilities(reader, writer)) {
			broken = append(broken, fmt.Sprintf("%s: %s: %s at %s: %s", l, who, f.Rule, place(f), f.Why()))
		}
	}
	for _, old := range versions {
		if old.schema == nil {
			continue
		}
		if need.backward {
			tell(fmt.Sprintf("the new schema cannot read what version %d wrote", old.version), candidate, old.schema)
		}
		if need.forward {
			tell(fmt.Sprintf("version %d cannot read what the new schema writes", old.version), old.schema, candidate)
		}
	}
	return broken
}

// place names the field, as people and as Avro's own checker name it.
func place(f *contract.Fault) string {
	if f.Path == "" {
		return f.Pointer
	}
	return "field " + f.Path + " (" + f.Pointer + ")"
}

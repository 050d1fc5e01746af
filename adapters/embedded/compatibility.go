package embedded

import (
	"errors"
	"fmt"

	"github.com/twmb/avro"
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
	schema  *avro.Schema
}

// incompatibilities says what of a level candidate breaks with these versions, the newest
// last; one line for each version and direction.
func incompatibilities(l level, candidate *avro.Schema, versions []earlier) []string {
	need := requirements[l]
	if !need.transitive && len(versions) > 1 {
		versions = versions[len(versions)-1:]
	}
	var broken []string
	for _, old := range versions {
		if err := avro.CheckCompatibility(old.schema, candidate); need.backward && err != nil {
			broken = append(broken, fmt.Sprintf("%s: the new schema cannot read what version %d wrote: %s", l, old.version, explain(err)))
		}
		if err := avro.CheckCompatibility(candidate, old.schema); need.forward && err != nil {
			broken = append(broken, fmt.Sprintf("%s: version %d cannot read what the new schema writes: %s", l, old.version, explain(err)))
		}
	}
	return broken
}

// explain names the place and the rule.
func explain(err error) string {
	var fault *avro.CompatibilityError
	if !errors.As(err, &fault) {
		return err.Error()
	}
	switch {
	case fault.WriterType == "":
		return fmt.Sprintf("field %s (%s): %s", fault.Path, fault.ReaderType, fault.Detail)
	case fault.ReaderType == fault.WriterType:
		return fmt.Sprintf("field %s (%s): %s", fault.Path, fault.ReaderType, fault.Detail)
	}
	return fmt.Sprintf("field %s: %s (reader has %s, writer has %s)", fault.Path, fault.Detail, fault.ReaderType, fault.WriterType)
}

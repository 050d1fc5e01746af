package contract

import (
	"fmt"
	"strings"
)

// fix says in a sentence what to do about a fault of a new version; reads: the new version is the reader.
func (f *Fault) fix(reads bool) string { return fixes[f.Rule](f, reads) }

var fixes = map[Rule]func(f *Fault, reads bool) string{
	NameMismatch: func(f *Fault, reads bool) string {
		return fmt.Sprintf("Keep the name %s: an alias would help new readers only.", shortName(f.was(reads).name))
	},
	FixedSizeMismatch: func(f *Fault, reads bool) string {
		return fmt.Sprintf("Keep the size of %d bytes, and put what is longer or shorter into an optional field of another name.", f.was(reads).size)
	},
	MissingEnumSymbols: func(f *Fault, reads bool) string {
		symbols := strings.Join(f.names, ", ")
		if reads {
			return fmt.Sprintf("Put %s back, or give the enum a default.", symbols)
		}
		return fmt.Sprintf("Take %s out again: earlier readers have no default for it. What has to grow is a string in an optional field of another name.", symbols)
	},
	ReaderFieldMissingDefaultValue: func(f *Fault, reads bool) string {
		if reads {
			return "Make it optional: " + optional(f.field.schema) + "."
		}
		return fmt.Sprintf("Put %s back and go on writing it: readers that need it are out there.", f.field.name)
	},
	TypeMismatch: func(f *Fault, reads bool) string {
		return fmt.Sprintf("Leave the type as it was, %s, and add an optional field of another name for the new one.", f.was(reads))
	},
	MissingUnionBranch: func(f *Fault, reads bool) string {
		if reads {
			return fmt.Sprintf("Put %s back into the union.", f.writer)
		}
		return fmt.Sprintf("Take %s out again, and add an optional field of another name for it.", f.writer)
	},
	AmbiguousAlias: func(*Fault, bool) string {
		return "Leave one of these names in the field's name and aliases, once."
	},
}

// was gives what the older version has.
func (f *Fault) was(reads bool) *Schema {
	switch {
	case !reads:
		return f.reader
	case f.union != nil:
		return f.union
	}
	return f.writer
}

// optional gives the declaration that makes a field of a type optional.
func optional(s *Schema) string {
	switch {
	case s.kind == kindUnion && s.branches != nil && s.branches[0].kind == kindNull:
		return `"default": null`
	case s.kind == kindUnion && s.nullable():
		return `move "null" to the front of its union, with "default": null`
	case s.kind == kindUnion:
		return `put "null" at the front of its union, with "default": null`
	case s.kind.primitive() && s.logical == "":
		return fmt.Sprintf(`"type": ["null", %q], "default": null`, s.kind)
	}
	return `"type": ["null", …], "default": null`
}

package contract

import (
	"fmt"
	"strings"
)

// Rule names what is wrong. The first six are Apache Avro's SchemaIncompatibilityType.
type Rule string

// The rules by which a reader can't read what a writer writes.
const (
	NameMismatch                   Rule = "NAME_MISMATCH"
	FixedSizeMismatch              Rule = "FIXED_SIZE_MISMATCH"
	MissingEnumSymbols             Rule = "MISSING_ENUM_SYMBOLS"
	ReaderFieldMissingDefaultValue Rule = "READER_FIELD_MISSING_DEFAULT_VALUE"
	TypeMismatch                   Rule = "TYPE_MISMATCH"
	MissingUnionBranch             Rule = "MISSING_UNION_BRANCH"
	AmbiguousAlias                 Rule = "AMBIGUOUS_ALIAS" // Java's checker throws an exception
)

// Fault is a place in a reader's schema that can't take what the writer's has there.
type Fault struct {
	Rule    Rule
	Path    string // for people, by the reader's names: items[].quantity
	Pointer string // for programs: where Apache Avro's checker finds it
	// Causes say why the branch of a union that should have fitted does not: they are what to mend. None: there is no such branch.
	Causes []*Fault

	reader, writer *Schema  // what is on both sides: of a field that is missing, its record
	union          *Schema  // of the writer, where writer is a branch of it and the reader has no union
	field          *field   // of the reader, for READER_FIELD_MISSING_DEFAULT_VALUE and AMBIGUOUS_ALIAS
	names          []string // symbols that are missing, or fields that one field may be
}

// Why says what is wrong in a clause about the reader and the writer.
func (f *Fault) Why() string { return reasons[f.Rule](f) }

var reasons = map[Rule]func(f *Fault) string{
	NameMismatch: func(f *Fault) string {
		return fmt.Sprintf("the writer's %s is not called %s, and that is none of its aliases", describe(f.writer), f.reader.name)
	},
	FixedSizeMismatch: func(f *Fault) string {
		return fmt.Sprintf("the writer's has %d bytes, the reader's %d", f.writer.size, f.reader.size)
	},
	MissingEnumSymbols: func(f *Fault) string {
		return fmt.Sprintf("the writer may write %s, which the reader's %s has not, and it has no default", strings.Join(f.names, ", "), describe(f.reader))
	},
	ReaderFieldMissingDefaultValue: func(*Fault) string {
		return "the reader needs the field, for it has no default, and the writer doesn't write it"
	},
	TypeMismatch: func(f *Fault) string {
		if f.union != nil {
			return fmt.Sprintf("the writer may write %s, for it has %s, and the reader has %s", f.writer, f.union, f.reader)
		}
		return fmt.Sprintf("the writer has %s, the reader has %s", f.writer, f.reader)
	},
	MissingUnionBranch: func(f *Fault) string {
		return fmt.Sprintf("the writer may write %s, and the reader's %s has no such branch", f.writer, f.reader)
	},
	AmbiguousAlias: func(f *Fault) string {
		return fmt.Sprintf("the reader's field is each of the writer's %s by its name and aliases", strings.Join(f.names, ", "))
	},
}

// Leaves gives the faults to mend: those that have causes stand for these. Each is there once.
func Leaves(faults []*Fault) []*Fault {
	var all []*Fault
	met := map[*Fault]bool{}
	told := map[string]bool{}
	var collect func(faults []*Fault)
	collect = func(faults []*Fault) {
		for _, f := range faults {
			text := string(f.Rule) + f.Pointer + f.Why()
			if met[f] || len(f.Causes) == 0 && told[text] {
				continue
			}
			met[f] = true
			if len(f.Causes) > 0 {
				collect(f.Causes)
				continue
			}
			told[text] = true
			all = append(all, f)
		}
	}
	collect(faults)
	return all
}

func describe(s *Schema) string {
	if s.kind.named() {
		return s.kind.String() + " " + s.name
	}
	return s.String()
}

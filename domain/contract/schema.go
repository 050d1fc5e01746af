package contract

import (
	"fmt"
	"strconv"
	"strings"
)

// kind is one of Avro's types; an error record is a record.
type kind uint8

const (
	kindNull kind = iota + 1
	kindBoolean
	kindInt
	kindLong
	kindFloat
	kindDouble
	kindBytes
	kindString
	kindArray
	kindMap
	kindRecord
	kindEnum
	kindFixed
	kindUnion
)

var kinds = map[string]kind{
	"null": kindNull, "boolean": kindBoolean, "int": kindInt, "long": kindLong, "float": kindFloat, "double": kindDouble,
	"bytes": kindBytes, "string": kindString, "array": kindArray, "map": kindMap, "record": kindRecord, "error": kindRecord,
	"enum": kindEnum, "fixed": kindFixed,
}

var kindNames = [...]string{
	kindNull: "null", kindBoolean: "boolean", kindInt: "int", kindLong: "long", kindFloat: "float", kindDouble: "double",
	kindBytes: "bytes", kindString: "string", kindArray: "array", kindMap: "map", kindRecord: "record", kindEnum: "enum",
	kindFixed: "fixed", kindUnion: "union",
}

func (k kind) String() string  { return kindNames[k] }
func (k kind) primitive() bool { return k <= kindString }
func (k kind) named() bool     { return k == kindRecord || k == kindEnum || k == kindFixed }

// Schema is a valid Avro schema, or a part of one. It may contain itself. Parse makes it, and nothing changes it after.
type Schema struct {
	kind     kind
	name     string   // full name of a record, enum or fixed
	aliases  []string // full names
	doc      string
	logical  string // with its parameters: decimal(10,2)
	key      []string
	fields   []field
	named    map[string]int // the fields' numbers
	symbols  []string
	known    map[string]bool // the symbols
	fallback string          // of an enum: its default, "" for none
	size     int             // of a fixed, in bytes
	items    *Schema
	branches []*Schema
	at       place
}

type field struct {
	name     string
	aliases  []string
	doc      string
	schema   *Schema
	fallback *value // the default; nil: none
	at       place
}

// place is a line of a file, from 1.
type place struct {
	file string
	line int
}

func (s *Schema) field(name string) *field {
	if i, ok := s.named[name]; ok {
		return &s.fields[i]
	}
	return nil
}

// only gives the one type that a nullable union has beside null; of other schemas themselves.
func (s *Schema) only() *Schema {
	if s.kind != kindUnion || len(s.branches) != 2 {
		return s
	}
	switch {
	case s.branches[0].kind == kindNull:
		return s.branches[1]
	case s.branches[1].kind == kindNull:
		return s.branches[0]
	}
	return s
}

func (s *Schema) nullable() bool {
	if s.kind != kindUnion {
		return s.kind == kindNull
	}
	for _, b := range s.branches {
		if b.kind == kindNull {
			return true
		}
	}
	return false
}

// String describes the schema in a few words, as people say it: array of record Item.
func (s *Schema) String() string {
	text := s.kind.String()
	switch {
	case s.kind == kindArray || s.kind == kindMap:
		return text + " of " + s.items.String()
	case s.kind == kindUnion:
		all := make([]string, len(s.branches))
		for i, b := range s.branches {
			all[i] = b.String()
		}
		return "[" + strings.Join(all, ", ") + "]"
	case s.kind.named():
		text += " " + s.name
	}
	if s.kind == kindFixed {
		text += fmt.Sprintf("(%d)", s.size)
	}
	if s.logical != "" {
		text += " as " + s.logical
	}
	return text
}

// label names a branch of a union in a path.
func (s *Schema) label() string {
	if s.kind.named() {
		return shortName(s.name)
	}
	return s.kind.String()
}

func shortName(full string) string { return full[strings.LastIndexByte(full, '.')+1:] }

func quote(text string) string { return strconv.Quote(text) }

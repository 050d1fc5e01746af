package avro

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// kind is what a shape is on the wire.
type kind int

const (
	nothing kind = iota // null: no bytes
	truth
	whole32
	whole64
	constant // so many bytes: float, double, fixed
	counted  // a length, then so many bytes: bytes, string
	choice   // an index: enum
	sequence // fields, one after the other
	blocks   // array
	pairs    // map
	either   // union
)

// shape is how a schema's data lie on the wire: enough to check a datum without making
// anything of it.
type shape struct {
	kind   kind
	name   string  // for messages
	size   int     // constant: bytes; choice: number of symbols
	of     []shape // fields, items, values or branches
	ref    *shape  // not nil: this is that shape, a type that was named before
	fields []string
	// Of text alone.
	symbols []string
	unit    time.Duration // of a number that is a time
}

// namesOfKinds has the primitive types.
var namesOfKinds = map[string]shape{
	"null": {kind: nothing}, "boolean": {kind: truth}, "int": {kind: whole32}, "long": {kind: whole64},
	"float": {kind: constant, size: 4}, "double": {kind: constant, size: 8}, "bytes": {kind: counted}, "string": {kind: counted},
}

// newShape reads a schema's Parsing Canonical Form, in which all names are full.
func newShape(canonical []byte) (*shape, error) {
	var schema any
	if err := json.Unmarshal(canonical, &schema); err != nil {
		return nil, err
	}
	s := new(shape)
	return s, shapes{}.read(schema, s)
}

// shapes has the types that were named so far.
type shapes map[string]*shape

func (named shapes) read(schema any, into *shape) error {
	switch s := schema.(type) {
	case string:
		return named.refer(s, into)
	case []any:
		into.kind = either
		return named.readAll(s, into)
	case map[string]any:
		return named.readComplex(s, into)
	}
	return fmt.Errorf("a schema is a name, a list or an object, not %T", schema)
}

func (named shapes) refer(name string, into *shape) error {
	if known, ok := named[name]; ok {
		into.ref = known
		return nil
	}
	primitive, ok := namesOfKinds[name]
	if !ok {
		return fmt.Errorf("type %.100q is not known", name)
	}
	into.kind, into.size, into.name = primitive.kind, primitive.size, name
	return nil
}

func (named shapes) readAll(schemas []any, into *shape) error {
	into.of = make([]shape, len(schemas))
	for i, s := range schemas {
		if err := named.read(s, &into.of[i]); err != nil {
			return err
		}
	}
	return nil
}

func (named shapes) readComplex(s map[string]any, into *shape) error {
	if name, ok := s["name"].(string); ok {
		named[name], into.name = into, name
	}
	switch s["type"] {
	case "record", "error":
		into.kind = sequence
		return named.readFields(s["fields"], into)
	case "array":
		into.kind = blocks
		return named.readAll([]any{s["items"]}, into)
	case "map":
		into.kind = pairs
		return named.readAll([]any{s["values"]}, into)
	case "enum":
		symbols, _ := s["symbols"].([]any)
		into.kind, into.size = choice, len(symbols)
		into.symbols = make([]string, len(symbols))
		for i, symbol := range symbols {
			into.symbols[i], _ = symbol.(string)
		}
		return nil
	case "fixed":
		size, _ := s["size"].(float64)
		into.kind, into.size = constant, int(size)
		return nil
	}
	return named.read(s["type"], into)
}

func (named shapes) readFields(list any, into *shape) error {
	fields, ok := list.([]any)
	if !ok {
		return errors.New("a record without fields")
	}
	types := make([]any, len(fields))
	into.fields = make([]string, len(fields))
	for i, f := range fields {
		field, _ := f.(map[string]any)
		types[i] = field["type"]
		into.fields[i], _ = field["name"].(string)
	}
	return named.readAll(types, into)
}

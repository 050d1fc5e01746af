package embedded

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/twmb/avro"

	"inventory/domain/contract"
	"inventory/schemas"
)

// schema is one that is valid.
type schema struct {
	text     string // as it was given, without insignificant white space
	identity string // equal for schemas that differ only in how they are written
	contract *contract.Schema
	unsound  error // why it has no contract, and nothing can be held against it
}

// parseSchema reads a schema that the codec can read. One that is unsound by stricter rules may have been registered before
// there were these.
func parseSchema(text string) (schema, error) {
	if _, err := avro.Parse(text); err != nil {
		return schema{}, err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return schema{}, err
	}
	identity, err := contract.Identity(text)
	if err != nil {
		return schema{}, err
	}
	parsed, unsound := contract.Parse(contract.Source{Text: text})
	return schema{text: compact.String(), identity: identity, contract: parsed, unsound: unsound}, nil
}

// schema is what a request holds, unless it is something a registry of Avro schemas can't take.
func (b *schemaBody) schema() (schema, error) {
	if b.SchemaType != "" && b.SchemaType != "AVRO" {
		return schema{}, refuse(codeInvalidSchema, "schema type %q: this registry has Avro schemas only", b.SchemaType)
	}
	if len(b.References) > 0 {
		return schema{}, refuse(codeInvalidSchema, "this registry has no schema references: write the referenced types into the schema")
	}
	if b.ID > 0 {
		return schema{}, refuse(codeNotImporting, "this registry gives ids itself: leave id out")
	}
	if strings.TrimSpace(b.Schema) == "" {
		return schema{}, refuse(codeInvalidSchema, "the schema is empty")
	}
	if err := schemas.CheckBounds(b.Schema); err != nil {
		return schema{}, refuse(codeInvalidSchema, "the schema is not read: %v", err)
	}
	s, err := parseSchema(b.Schema)
	if err = cmp.Or(err, s.unsound); err != nil {
		return schema{}, refuse(codeInvalidSchema, "not a valid Avro schema: %s", fmt.Sprint(err))
	}
	return s, nil
}

package embedded

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
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
	identity, err := identityOf(text)
	if err != nil {
		return schema{}, err
	}
	parsed, unsound := contract.Parse(contract.Source{Text: text})
	return schema{text: compact.String(), identity: identity, contract: parsed, unsound: unsound}, nil
}

// identityOf writes a schema in one way: keys in order, names in full, and "string" for
// {"type": "string"}. Avro's own canonical form won't do: it drops defaults and aliases,
// which decide what is compatible.
func identityOf(text string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return "", err
	}
	raw, err := json.Marshal(naming{}.normalized(tree, ""))
	return string(raw), err
}

// naming has the full names that were defined so far.
type naming map[string]bool

func (n naming) normalized(tree any, namespace string) any {
	switch t := tree.(type) {
	case string:
		return n.mention(t, namespace)
	case []any:
		branches := make([]any, len(t))
		for i, branch := range t {
			branches[i] = n.normalized(branch, namespace)
		}
		return branches
	case map[string]any:
		return n.normalizedObject(t, namespace)
	}
	return tree
}

func (n naming) normalizedObject(object map[string]any, namespace string) any {
	if len(object) == 1 && object["type"] != nil {
		return n.normalized(object["type"], namespace)
	}
	object = maps.Clone(object)
	outer := namespace
	switch kind := object["type"].(type) {
	case string:
		if name, ok := object["name"].(string); ok && isNamed(kind) {
			if own, ok := object["namespace"].(string); ok {
				namespace = own
			}
			name = n.define(object, fullName(name, namespace), outer)
			namespace = namespaceOf(name)
		}
		object["type"] = n.mention(kind, namespace)
	default:
		object["type"] = n.normalized(kind, namespace)
	}
	for _, inner := range []string{"items", "values"} {
		if object[inner] != nil {
			object[inner] = n.normalized(object[inner], namespace)
		}
	}
	if fields, ok := object["fields"].([]any); ok {
		object["fields"] = n.normalizedFields(fields, namespace)
	}
	return object
}

func (n naming) normalizedFields(fields []any, namespace string) []any {
	all := make([]any, len(fields))
	for i, field := range fields {
		all[i] = field
		if f, ok := field.(map[string]any); ok {
			f = maps.Clone(f)
			f["type"] = n.normalized(f["type"], namespace)
			all[i] = f
		}
	}
	return all
}

// define names a type in full. One without a namespace, within one that has, says so.
func (n naming) define(object map[string]any, name, outer string) string {
	n[name] = true
	object["name"] = name
	delete(object, "namespace")
	if outer != "" && namespaceOf(name) == "" {
		object["namespace"] = ""
	}
	return name
}

// mention names a type in full where it is used: one of the namespace, or else one without.
func (n naming) mention(name, namespace string) string {
	if full := fullName(name, namespace); n[full] || !n[name] {
		return full
	}
	return name
}

// fullName leaves names of Avro's own types alone.
func fullName(name, namespace string) string {
	switch name {
	case "null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "error", "enum", "array", "map", "fixed":
		return name
	}
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}

func namespaceOf(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

func isNamed(kind string) bool {
	return kind == "record" || kind == "error" || kind == "enum" || kind == "fixed"
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

package contract

import (
	"encoding/json"
	"maps"
	"strings"
)

// Identity writes a schema's text in one way: keys in order, names in full, and "string" for {"type": "string"}. Texts of one
// identity are one schema, written otherwise. Avro's own canonical form won't do: it drops defaults and aliases, which decide
// what is compatible. The error is JSON's; that it is a schema is not looked at.
func Identity(text string) (string, error) {
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
			name = n.define(object, wholeName(name, namespace), outer)
			namespace = spaceOf(name)
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
	if outer != "" && spaceOf(name) == "" {
		object["namespace"] = ""
	}
	return name
}

// mention names a type in full where it is used: one of the namespace, or else one without.
func (n naming) mention(name, namespace string) string {
	if full := wholeName(name, namespace); n[full] || !n[name] {
		return full
	}
	return name
}

// wholeName leaves names of Avro's own types alone.
func wholeName(name, namespace string) string {
	switch name {
	case "null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "error", "enum", "array", "map", "fixed":
		return name
	}
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}

func spaceOf(name string) string {
	return name[:max(strings.LastIndexByte(name, '.'), 0)]
}

func isNamed(kind string) bool {
	return kind == "record" || kind == "error" || kind == "enum" || kind == "fixed"
}

package avro

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"inventory/domain/contract"
	"inventory/schemas"
)

// What the file of this service says that it reads is what its handlers do read: whatever
// changes the event that they get, and nothing else.
func TestTheFieldsOfOurConsumersFileAreThoseThatAreRead(t *testing.T) {
	text, err := os.ReadFile("../../schemas/consumers/inventory.json")
	if err != nil {
		t.Fatal(err)
	}
	said, err := contract.ParseConsumer("inventory.json", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(said.Reads) != len(orderEvents) {
		t.Errorf("the file names %v", slices.Sorted(maps.Keys(said.Reads)))
	}
	for topic, make := range orderEvents {
		subject := schemas.Avro()[topic]
		_, text := subject.Newest()
		var schema any
		if err := json.Unmarshal([]byte(text), &schema); err != nil {
			t.Fatal(err)
		}
		before := make(newRecord(sample(schema, "", "")))
		var read []string
		for _, path := range leaves(schema, "") {
			r := newRecord(sample(schema, "", path))
			if after := make(r); r.err != nil || !reflect.DeepEqual(before, after) {
				read = append(read, path)
			}
		}
		want := slices.Sorted(slices.Values(said.Reads[subject.Name("")]))
		if slices.Sort(read); !slices.Equal(read, want) {
			t.Errorf("%s: read are %q, the file says %q", topic, read, want)
		}
	}
}

// leaves gives the paths of the fields that have no fields of their own.
func leaves(schema any, path string) (all []string) {
	switch s := schema.(type) {
	case []any:
		return leaves(s[1], path) // of null and a type
	case map[string]any:
		switch s["type"] {
		case "array":
			return leaves(s["items"], path+"[]")
		case "record":
			if path != "" {
				path += "."
			}
			for _, f := range s["fields"].([]any) {
				f := f.(map[string]any)
				all = append(all, leaves(f["type"], path+f["name"].(string))...)
			}
			return all
		}
	}
	return []string{path}
}

// sample makes a value as goavro gives it; the field at other has another one than else.
func sample(schema any, path, other string) any {
	switch s := schema.(type) {
	case []any:
		name, _ := s[1].(string)
		if inner, ok := s[1].(map[string]any); ok {
			name = inner["type"].(string)
		}
		return map[string]any{name: sample(s[1], path, other)}
	case map[string]any:
		switch s["type"] {
		case "array":
			return []any{sample(s["items"], path+"[]", other)}
		case "record":
			if path != "" {
				path += "."
			}
			fields := map[string]any{}
			for _, f := range s["fields"].([]any) {
				f := f.(map[string]any)
				name := f["name"].(string)
				fields[name] = sample(f["type"], path+name, other)
			}
			return fields
		}
		return sample(s["type"], path, other)
	}
	number := int64(1)
	if path == other {
		number = 2
	}
	if schema == "string" {
		return string(rune('a' + number))
	}
	return number
}

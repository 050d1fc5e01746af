package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxUnlike bounds the places that are named.
const maxUnlike = 4

// Unlike says, for people, where two texts are not of the same schema: what the first has there, and what the other. "" for
// texts of the same.
func Unlike(a, b string) string {
	here, errA := treeOf(a)
	there, errB := treeOf(b)
	switch {
	case errA != nil:
		return "here it is not JSON: " + errA.Error()
	case errB != nil:
		return "there it is not JSON: " + errB.Error()
	}
	var all []string
	unlike("", here, there, func(path, what string) {
		if path == "" {
			path = "the schema"
		}
		all = append(all, path+": "+what)
	})
	if more := len(all) - maxUnlike; more > 0 {
		all = append(all[:maxUnlike], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, "; ")
}

// treeOf is a text's identity as JSON's values.
func treeOf(text string) (tree any, err error) {
	id, err := Identity(text)
	if err == nil {
		decoder := json.NewDecoder(strings.NewReader(id))
		decoder.UseNumber()
		err = decoder.Decode(&tree)
	}
	return tree, err
}

func unlike(path string, a, b any, tell func(path, what string)) {
	switch here := a.(type) {
	case map[string]any:
		if there, ok := b.(map[string]any); ok {
			unlikeObjects(path, here, there, tell)
			return
		}
	case []any:
		if there, ok := b.([]any); ok {
			unlikeArrays(path, here, there, tell)
			return
		}
	default:
		if a == b {
			return
		}
	}
	tell(path, fmt.Sprintf("%s here, %s there", brief(a), brief(b)))
}

func unlikeObjects(path string, a, b map[string]any, tell func(path, what string)) {
	keys := map[string]bool{}
	for key := range a {
		keys[key] = true
	}
	for key := range b {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		at := key
		if path != "" {
			at = path + "." + key
		}
		here, isHere := a[key]
		there, isThere := b[key]
		switch {
		case !isHere:
			tell(at, fmt.Sprintf("nothing here, %s there", brief(there)))
		case !isThere:
			tell(at, brief(here)+" here, nothing there")
		default:
			unlike(at, here, there, tell)
		}
	}
}

// unlikeArrays takes things with names by these, and others by their order.
func unlikeArrays(path string, a, b []any, tell func(path, what string)) {
	namesA, namesB := byName(a), byName(b)
	if len(namesA) != len(a) || len(namesB) != len(b) {
		if !slices.Equal(texts(a), texts(b)) {
			tell(path, fmt.Sprintf("%s here, %s there", brief(a), brief(b)))
		}
		return
	}
	for _, item := range a {
		name := nameOf(item)
		if other, ok := namesB[name]; ok {
			unlike(path+"["+name+"]", item, other, tell)
		} else {
			tell(path+"["+name+"]", "only here")
		}
	}
	for _, item := range b {
		if name := nameOf(item); namesA[name] == nil {
			tell(path+"["+name+"]", "only there")
		}
	}
	if len(a) == len(b) && !slices.EqualFunc(a, b, func(x, y any) bool { return nameOf(x) == nameOf(y) }) {
		tell(path, "in another order there")
	}
}

func byName(items []any) map[string]any {
	all := map[string]any{}
	for _, item := range items {
		if name := nameOf(item); name != "" {
			all[name] = item
		}
	}
	return all
}

func nameOf(item any) string {
	object, _ := item.(map[string]any)
	name, _ := object["name"].(string)
	return name
}

func texts(items []any) []string {
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = jsonOf(item)
	}
	return all
}

func brief(v any) string {
	text := []rune(jsonOf(v))
	if len(text) > 80 {
		return string(text[:79]) + "…"
	}
	return string(text)
}

func jsonOf(v any) string {
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(out.String())
}

package avro

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// object is a JSON object: its names in their order.
type object struct {
	names  []string
	values map[string]any
}

// readTree reads one JSON value strictly: UTF-8, no name twice in an object, at most
// mostDepth deep. Objects are *object, numbers json.Number.
func readTree(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the text is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		var wrong *json.SyntaxError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("the text is not JSON: after byte %d of %d: %w", wrong.Offset, len(text), err)
		}
		return nil, fmt.Errorf("the text is not JSON: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(whole))
	d.UseNumber()
	return (&treeReader{d}).value("", 0)
}

type treeReader struct{ *json.Decoder }

func (r *treeReader) value(path string, depth int) (any, error) {
	if depth > mostDepth {
		return nil, fmt.Errorf("values lie more than %d deep in each other", mostDepth)
	}
	token, err := r.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return r.object(path, depth)
	case json.Delim('['):
		return r.array(path, depth)
	}
	return token, nil
}

func (r *treeReader) object(path string, depth int) (any, error) {
	o := &object{values: map[string]any{}}
	for r.More() {
		token, err := r.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		at := within(path, name)
		if _, twice := o.values[name]; twice {
			return nil, fmt.Errorf("%s: it is there twice", at)
		}
		v, err := r.value(at, depth+1)
		if err != nil {
			return nil, err
		}
		o.names = append(o.names, name)
		o.values[name] = v
	}
	_, err := r.Token()
	return o, err
}

func (r *treeReader) array(path string, depth int) (any, error) {
	list := []any{}
	for r.More() {
		v, err := r.value(element(path, len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := r.Token()
	return list, err
}

// within is the path of a field.
func within(path, name string) string {
	name = fmt.Sprintf("%.100s", name)
	if path == "" {
		return name
	}
	return path + "." + name
}

// element is the path of an item.
func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

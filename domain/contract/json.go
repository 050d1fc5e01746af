package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// maxDepth bounds how deep JSON is nested: far beyond any schema of use, far below the end of the stack.
const maxDepth = 400

// maxMembers bounds the members of an object, which are looked for one by one.
const maxMembers = 1000

// value is JSON with the lines that it is on.
type value struct {
	is      jsonType
	line    int
	text    string // of a string, decoded; of a number as it is written; of a boolean true or false
	items   []*value
	members []member
}

type jsonType uint8

const (
	jsonNull jsonType = iota + 1
	jsonBoolean
	jsonNumber
	jsonString
	jsonArray
	jsonObject
)

func (t jsonType) String() string {
	return [...]string{jsonNull: "null", jsonBoolean: "a boolean", jsonNumber: "a number", jsonString: "a string", jsonArray: "an array", jsonObject: "an object"}[t]
}

type member struct {
	key   string
	value *value
}

// get finds a member of an object; nil: it has none of that name.
func (v *value) get(key string) *value {
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].value
		}
	}
	return nil
}

// String writes the value in one way: no white space, members by name.
func (v *value) String() string {
	var out strings.Builder
	v.write(&out)
	return out.String()
}

func (v *value) write(out *strings.Builder) {
	switch v.is {
	case jsonNull:
		out.WriteString("null")
	case jsonBoolean, jsonNumber:
		out.WriteString(v.text)
	case jsonString:
		out.WriteString(quote(v.text))
	case jsonArray:
		out.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				out.WriteByte(',')
			}
			item.write(out)
		}
		out.WriteByte(']')
	case jsonObject:
		sorted := append([]member(nil), v.members...)
		sort.Slice(sorted, func(i, j int) bool { return sorted[i].key < sorted[j].key })
		out.WriteByte('{')
		for i, m := range sorted {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(quote(m.key) + ":")
			m.value.write(out)
		}
		out.WriteByte('}')
	}
}

// jsonReader reads a text with the decoder's tokens, which know where they end.
type jsonReader struct {
	text    []byte
	decoder *json.Decoder
	counted int64 // bytes of which the lines are counted
	line    int
}

// readJSON reads a text that is one value.
func readJSON(text []byte) (*value, *InvalidError) {
	r := &jsonReader{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	r.decoder.UseNumber()
	token, err := r.decoder.Token()
	if err != nil {
		return nil, r.fault(err)
	}
	v, err := r.value(token, 0)
	if err != nil {
		return nil, r.fault(err)
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, r.fault(errors.New("expected the end of the file after the schema"))
	}
	return v, nil
}

// here is the line of the token that was just read: none goes over the end of a line.
func (r *jsonReader) here() int {
	end := r.decoder.InputOffset()
	r.line += bytes.Count(r.text[r.counted:end], []byte{'\n'})
	r.counted = end
	return r.line
}

func (r *jsonReader) fault(err error) *InvalidError {
	line := r.here()
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		// What can't be read comes after the last token.
		rest := r.text[r.counted:]
		line += bytes.Count(rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n,:"))], []byte{'\n'})
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends early")
	}
	return &InvalidError{Line: line, Reason: "not JSON: " + err.Error()}
}

func (r *jsonReader) value(token json.Token, depth int) (*value, error) {
	v := &value{line: r.here()}
	switch t := token.(type) {
	case nil:
		v.is = jsonNull
	case bool:
		v.is, v.text = jsonBoolean, fmt.Sprint(t)
	case json.Number:
		v.is, v.text = jsonNumber, t.String()
	case string:
		v.is, v.text = jsonString, t
	case json.Delim:
		if depth > maxDepth {
			return nil, fmt.Errorf("nested deeper than %d", maxDepth)
		}
		if t == '[' {
			v.is = jsonArray
			return v, r.array(v, depth)
		}
		v.is = jsonObject
		return v, r.object(v, depth)
	}
	return v, nil
}

func (r *jsonReader) array(v *value, depth int) error {
	for {
		token, err := r.decoder.Token()
		if err != nil || token == json.Delim(']') {
			return err
		}
		item, err := r.value(token, depth+1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
}

func (r *jsonReader) object(v *value, depth int) error {
	for {
		token, err := r.decoder.Token()
		if err != nil || token == json.Delim('}') {
			return err
		}
		if len(v.members) == maxMembers {
			return fmt.Errorf("an object of more than %d members", maxMembers)
		}
		key, _ := token.(string) // the decoder has seen to it
		if v.get(key) != nil {
			return fmt.Errorf("%q is there twice in one object", key)
		}
		if token, err = r.decoder.Token(); err != nil {
			return err
		}
		inner, err := r.value(token, depth+1)
		if err != nil {
			return err
		}
		v.members = append(v.members, member{key, inner})
	}
}

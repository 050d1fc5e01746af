package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads one body. It goes on after a fault, so that all are named; only text that
// is not JSON ends it.
type decoder struct {
	text   bytes.Buffer
	json   jsontext.Decoder
	faults *faults
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// maxKeptBody bounds what a decoder keeps of its buffer for the next body, in bytes.
const maxKeptBody = 64 << 10

func (d *decoder) giveBack() {
	if d.text.Cap() > maxKeptBody {
		return
	}
	d.text.Reset()
	d.faults = nil
	decoders.Put(d)
}

// decode reads the text into a struct of the shape: the one object that it must be, with
// known keys only, each once, in valid UTF-8.
func (d *decoder) decode(s *shape, into reflect.Value, f *faults) {
	d.faults = f
	if bytes.HasPrefix(d.text.Bytes(), []byte("\ufeff")) {
		f.add("body", "begins with a byte order mark, expected JSON without one")
		return
	}
	// Keys that come twice are found here, with all other faults, rather than there.
	d.json.Reset(&d.text, jsontext.AllowDuplicateNames(true))
	err := d.whole(s, into)
	switch syntax, is := errors.AsType[*jsontext.SyntacticError](err); {
	case is:
		f.add("body", "not JSON: "+strings.TrimPrefix(syntax.Error(), "jsontext: "))
	case errors.Is(err, io.EOF):
		f.add("body", "empty, expected a JSON object")
	case err != nil:
		f.add("body", err.Error())
	}
}

func (d *decoder) whole(s *shape, into reflect.Value) error {
	if kind := d.json.PeekKind(); kind != jsontext.KindBeginObject {
		if err := d.json.SkipValue(); err != nil {
			return err
		}
		d.faults.add("body", "expected an object, found "+kindName(kind))
	} else if err := d.object(s, into, place{}); err != nil {
		return err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the object after byte %d, expected nothing", d.json.InputOffset())
	}
	return nil
}

// place is where an object is: the body itself, one that is a member of it, or one in an array.
type place struct {
	member string // of the body; empty: the body itself
	array  bool
	index  int
}

func (p place) of(name string) string {
	switch {
	case p.member == "":
		return "body." + clip(name)
	case !p.array:
		return "body." + p.member + "." + clip(name)
	}
	return fmt.Sprintf("body.%s[%d].%s", p.member, p.index, clip(name))
}

// object reads the members of an object. An error is one of the JSON text.
func (d *decoder) object(s *shape, into reflect.Value, at place) error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	var seen uint64
	for d.json.PeekKind() != jsontext.KindEndObject {
		n, name, err := d.key(s)
		if err != nil {
			return err
		}
		switch {
		case n < 0:
			d.faults.add(at.of(name), "unknown key, expected "+oneOf(s.names))
			err = d.json.SkipValue()
		case seen&(1<<n) != 0:
			d.faults.add(at.of(name), "given twice")
			err = d.json.SkipValue()
		default:
			err = d.value(&s.members[n], into.Field(n), at)
		}
		if err != nil {
			return err
		}
		if n >= 0 {
			seen |= 1 << n
		}
	}
	for n, m := range s.members {
		if s.required&^seen&(1<<n) != 0 {
			d.faults.add(at.of(m.name), "missing")
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// key reads a key, and finds its member, or -1.
func (d *decoder) key(s *shape) (n int, name string, err error) {
	quoted, err := d.json.ReadValue()
	if err != nil {
		return -1, "", err
	}
	plain := []byte(quoted[1 : len(quoted)-1])
	if bytes.IndexByte(plain, '\\') >= 0 {
		if plain, err = jsontext.AppendUnquote(nil, quoted); err != nil {
			return -1, "", err
		}
	}
	if n = s.find(plain); n >= 0 {
		return n, s.members[n].name, nil
	}
	return -1, string(plain), nil
}

// value reads a member's value.
func (d *decoder) value(m *member, into reflect.Value, at place) error {
	kind := d.json.PeekKind()
	switch {
	case kind == jsontext.KindString && m.kind == reflect.String:
		token, err := d.json.ReadToken()
		if err == nil {
			target(into).SetString(token.String())
		}
		return err
	case (kind == jsontext.KindTrue || kind == jsontext.KindFalse) && m.kind == reflect.Bool:
		_, err := d.json.ReadToken()
		target(into).SetBool(kind == jsontext.KindTrue)
		return err
	case kind == jsontext.KindNumber && m.kind == reflect.Int64:
		return d.number(m, into, at)
	case kind == jsontext.KindNumber && m.kind == reflect.Float64:
		return d.float(m, into, at)
	case kind == jsontext.KindBeginArray && m.kind == reflect.Slice:
		return d.array(m, into, at)
	case kind == jsontext.KindBeginObject && m.kind == reflect.Struct:
		return d.object(m.items, into, place{member: m.name})
	case kind == jsontext.KindBeginObject && m.kind == reflect.Interface:
		text, err := d.json.ReadValue()
		into.SetBytes(bytes.Clone(text))
		return err
	}
	if err := d.json.SkipValue(); err != nil {
		return err
	}
	if kind != jsontext.KindNull || !m.optional {
		d.faults.add(at.of(m.name), "expected "+m.expected()+", found "+kindName(kind))
	}
	return nil
}

// target is what a value is stored in; an optional one is made.
func target(into reflect.Value) reflect.Value {
	if into.Kind() != reflect.Pointer {
		return into
	}
	into.Set(reflect.New(into.Type().Elem()))
	return into.Elem()
}

// number reads a whole number, written as digits: 1.0 and 1e3 are not.
func (d *decoder) number(m *member, into reflect.Value, at place) error {
	text, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		d.faults.add(at.of(m.name), clip(string(text))+" is out of range")
	case err != nil:
		d.faults.add(at.of(m.name), "expected a whole number without fraction or exponent, found "+clip(string(text)))
	default:
		target(into).SetInt(n)
	}
	return nil
}

// float reads a number of any kind.
func (d *decoder) float(m *member, into reflect.Value, at place) error {
	text, err := d.json.ReadValue()
	if err != nil {
		return err
	}
	n, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		d.faults.add(at.of(m.name), clip(string(text))+" is out of range")
		return nil
	}
	target(into).SetFloat(n)
	return nil
}

// maxElements bounds an array of a request, in elements.
const maxElements = 1000

// element makes room for the element i of an array, next after those there are.
func element(into reflect.Value, i int) reflect.Value {
	into.Grow(1)
	into.SetLen(i + 1)
	return into.Index(i)
}

// array reads objects, or strings.
func (d *decoder) array(m *member, into reflect.Value, at place) error {
	if _, err := d.json.ReadToken(); err != nil {
		return err
	}
	into.Set(reflect.MakeSlice(into.Type(), 0, 4)) // given, even where it is empty
	for i := 0; d.json.PeekKind() != jsontext.KindEndArray; i++ {
		if err := d.element(m, into, at, i); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// element reads one of an array.
func (d *decoder) element(m *member, into reflect.Value, at place, i int) error {
	kind, wanted := d.json.PeekKind(), jsontext.KindBeginObject
	if m.items == nil {
		wanted = jsontext.KindString
	}
	switch {
	case i < maxElements && kind == wanted && m.items == nil:
		token, err := d.json.ReadToken()
		if err == nil {
			element(into, i).SetString(token.String())
		}
		return err
	case i < maxElements && kind == wanted:
		return d.object(m.items, element(into, i), place{m.name, true, i})
	}
	if err := d.json.SkipValue(); err != nil {
		return err
	}
	switch {
	case i == maxElements:
		d.faults.add(at.of(m.name), fmt.Sprintf("expected at most %d, before any are merged", maxElements))
	case i < maxElements:
		element(into, i)
		d.faults.add(fmt.Sprintf("%s[%d]", at.of(m.name), i), "expected "+kindName(wanted)+", found "+kindName(kind))
	}
	return nil
}

func kindName(k jsontext.Kind) string {
	switch k {
	case jsontext.KindNull:
		return "null"
	case jsontext.KindFalse, jsontext.KindTrue:
		return "a boolean"
	case jsontext.KindString:
		return "a string"
	case jsontext.KindNumber:
		return "a number"
	case jsontext.KindBeginObject:
		return "an object"
	case jsontext.KindBeginArray:
		return "an array"
	case jsontext.KindInvalid, jsontext.KindEndObject, jsontext.KindEndArray:
	}
	return "something else"
}

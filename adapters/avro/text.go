package avro

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"inventory/ports"
)

var _ ports.OrderEventText = (*Codec)(nil)

// Text implements ports.OrderEventText: fields in the order of the schema, a union's value
// without its branch, times as RFC 3339 in UTC, bytes in hexadecimal. Bytes in a string that
// are no UTF-8 are shown as U+FFFD.
func (c *Codec) Text(ctx context.Context, topic string, value []byte) ([]byte, error) {
	r, err := c.open(ctx, topic, value)
	if err != nil {
		return nil, err
	}
	if _, err := r.event(); err != nil {
		return nil, err
	}
	t := teller{checker: checker{rest: r.datum}}
	if err := t.value(r.shape); err != nil {
		return nil, fmt.Errorf("%w: schema %d of %s: %w", ports.ErrUnreadable, r.id, r.subject, err)
	}
	return t.text, nil
}

// teller writes a datum that was checked as JSON.
type teller struct {
	checker
	text []byte
}

func (t *teller) value(s *shape) error {
	if s.ref != nil {
		s = s.ref
	}
	switch s.kind {
	case nothing:
		t.text = append(t.text, "null"...)
		return nil
	case truth:
		bits, err := t.take(1)
		if err != nil {
			return err
		}
		return t.json(bits[0] == 1)
	case whole32, whole64:
		return t.number(s)
	case constant:
		return t.constant(s)
	case counted:
		return t.bytes(s)
	case choice:
		i, err := t.index(s)
		if err != nil {
			return err
		}
		return t.json(s.symbols[i])
	case sequence:
		return t.record(s)
	case blocks, pairs:
		return t.items(s)
	case either:
		i, err := t.index(s)
		if err != nil {
			return err
		}
		return t.value(&s.of[i])
	}
	return fmt.Errorf("a value of unknown kind %d", s.kind)
}

// take takes bytes off the datum.
func (t *teller) take(n int64) ([]byte, error) {
	all := t.rest
	if err := t.skip(n); err != nil {
		return nil, err
	}
	return all[:n], nil
}

// json writes a value as people read it: < stays <.
func (t *teller) json(v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	t.text = append(t.text, bytes.TrimSuffix(text.Bytes(), []byte{'\n'})...)
	return err
}

func (t *teller) number(s *shape) error {
	n, err := t.whole()
	if err != nil {
		return err
	}
	if at, ok := timeOf(n, s.unit); ok {
		return t.json(at)
	}
	return t.json(n)
}

func (t *teller) constant(s *shape) error {
	bits, err := t.take(int64(s.size))
	switch {
	case err != nil:
		return err
	case s.name == "float":
		f := math.Float32frombits(binary.LittleEndian.Uint32(bits))
		return t.float(float64(f), f)
	case s.name == "double":
		f := math.Float64frombits(binary.LittleEndian.Uint64(bits))
		return t.float(f, f)
	}
	return t.json(hex.EncodeToString(bits))
}

// float writes a number with no more digits than it has, and what JSON has none for as text.
func (t *teller) float(f float64, number any) error {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return t.json(fmt.Sprint(f))
	}
	return t.json(number)
}

func (t *teller) bytes(s *shape) error {
	n, err := t.whole()
	if err != nil {
		return err
	}
	content, err := t.take(n)
	switch {
	case err != nil:
		return err
	case s.name == "string":
		return t.json(string(content))
	}
	return t.json(hex.EncodeToString(content))
}

func (t *teller) record(s *shape) error {
	for i := range s.of {
		t.text = append(t.text, "{,"[min(i, 1)])
		if err := t.json(s.fields[i]); err != nil {
			return err
		}
		t.text = append(t.text, ':')
		if err := t.value(&s.of[i]); err != nil {
			return err
		}
	}
	if len(s.of) == 0 {
		t.text = append(t.text, '{')
	}
	t.text = append(t.text, '}')
	return nil
}

// brackets are of arrays and maps.
var brackets = map[kind]string{blocks: "[]", pairs: "{}"}

func (t *teller) items(s *shape) error {
	t.text = append(t.text, brackets[s.kind][0])
	for first := true; ; {
		count, err := t.count()
		if err != nil {
			return err
		}
		if count == 0 {
			break
		}
		for range count {
			if !first {
				t.text = append(t.text, ',')
			}
			first = false
			if err := t.item(s); err != nil {
				return err
			}
		}
	}
	t.text = append(t.text, brackets[s.kind][1])
	return nil
}

func (t *teller) item(s *shape) error {
	if s.kind == pairs {
		if err := t.bytes(&shape{name: "string"}); err != nil {
			return err
		}
		t.text = append(t.text, ':')
	}
	return t.value(&s.of[0])
}

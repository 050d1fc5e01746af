package avro

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	twmb "github.com/twmb/avro"

	"inventory/ports"
	"inventory/schemas"
)

// The bounds of texts besides those of values.
const (
	mostTextTimes = 16 // bytes of text for one of a value
	mostFaults    = 20 // that are told of
)

// form is the newest schema of a topic of order events, to write with.
type form struct {
	*output
	shape *shape
}

func newForm(s schemas.AvroSubject, prefix string, kept *kept) (*form, error) {
	out, err := newOutput(s, prefix, kept)
	if err != nil {
		return nil, err
	}
	out.foreign = true
	schema, err := twmb.Parse(out.text)
	if err != nil {
		return nil, fmt.Errorf("avro: our own schema of %s: %w", s.Topic, err)
	}
	f := &form{output: out}
	if f.shape, err = newShape(out.canonical); err != nil {
		return nil, fmt.Errorf("avro: our own schema of %s: %w", s.Topic, err)
	}
	f.shape.noteTimes(schema.Root())
	return f, nil
}

// FromText implements ports.OrderEventText: what may be null may be left out, a time may be a
// number of the schema's units. The schema's id is asked for once, as that of public events.
func (c *Codec) FromText(ctx context.Context, topic string, text []byte) ([]byte, error) {
	f, ok := c.forms[topic]
	if !ok {
		return nil, fmt.Errorf("%w: order events come on %q, not on %q", ports.ErrUnreadable, ports.OrderEventTopics(), topic)
	}
	value, err := f.write(text, c.maxBytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	id, err := c.idOf(ctx, f.output)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(value[1:headerBytes], id)
	return value, nil
}

// write gives the value with an id of 0: one that can be read again.
func (f *form) write(text []byte, most int) ([]byte, error) {
	if len(text) > mostTextTimes*most {
		return nil, fmt.Errorf("%d bytes of text: at most %d are read", len(text), mostTextTimes*most)
	}
	tree, err := readTree(text)
	if err != nil {
		return nil, err
	}
	w := former{value: make([]byte, headerBytes, usualBytes)}
	w.put("", f.shape, tree)
	if len(w.faults) > 0 {
		return nil, errors.Join(w.faults...)
	}
	if len(w.value) > most {
		return nil, fmt.Errorf("%d bytes: at most %d are written", len(w.value), most)
	}
	return w.value, f.shape.check(w.value[headerBytes:])
}

// former makes a datum of a tree, and notes all that is wrong with it.
type former struct {
	value  []byte
	faults []error
	more   bool // faults than are told
}

func (w *former) fault(path, format string, args ...any) {
	if path == "" {
		path = "the event"
	}
	switch {
	case len(w.faults) < mostFaults:
		w.faults = append(w.faults, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	case !w.more:
		w.more = true
		w.faults = append(w.faults, errors.New("and more"))
	}
}

func (w *former) whole(n int64) { w.value = binary.AppendVarint(w.value, n) }

// put writes a value of a shape.
func (w *former) put(path string, s *shape, v any) {
	if s.ref != nil {
		s = s.ref
	}
	switch s.kind {
	case nothing:
		if v != nil {
			w.wrong(path, s, v)
		}
	case sequence:
		w.record(path, s, v)
	case blocks:
		w.array(path, s, v)
	case pairs:
		w.pairs(path, s, v)
	case either:
		w.either(path, s, v)
	case truth, whole32, whole64, constant, counted, choice:
		w.scalar(path, s, v)
	}
}

func (w *former) record(path string, s *shape, v any) {
	o, ok := v.(*object)
	if !ok {
		w.wrong(path, s, v)
		return
	}
	for i, name := range s.fields {
		field, found := o.values[name]
		if !found && s.of[i].null() < 0 {
			w.fault(within(path, name), "it is missing: expected %s", s.of[i].describe())
			continue
		}
		w.put(within(path, name), &s.of[i], field)
	}
	for _, name := range o.names {
		if !slices.Contains(s.fields, name) {
			w.fault(within(path, name), "unknown field: expected one of %q", s.fields)
		}
	}
}

func (w *former) array(path string, s *shape, v any) {
	list, ok := v.([]any)
	if !ok {
		w.wrong(path, s, v)
		return
	}
	if len(list) > 0 {
		w.whole(int64(len(list)))
	}
	for i, item := range list {
		w.put(element(path, i), &s.of[0], item)
	}
	w.whole(0)
}

func (w *former) pairs(path string, s *shape, v any) {
	o, ok := v.(*object)
	if !ok {
		w.wrong(path, s, v)
		return
	}
	if len(o.names) > 0 {
		w.whole(int64(len(o.names)))
	}
	for _, name := range o.names {
		w.text(name)
		w.put(within(path, name), &s.of[0], o.values[name])
	}
	w.whole(0)
}

// null is the branch of a union that is null; -1 where there is none.
func (s *shape) null() int {
	if s.kind != either {
		return -1
	}
	return slices.IndexFunc(s.of, func(b shape) bool { return b.kind == nothing && b.ref == nil })
}

// either writes the first branch that the value fits; the faults are those of the last one.
func (w *former) either(path string, s *shape, v any) {
	if null := s.null(); v == nil && null >= 0 {
		w.whole(int64(null))
		return
	}
	before := *w
	for i := range s.of {
		if i == s.null() {
			continue
		}
		*w = before
		w.whole(int64(i))
		w.put(path, &s.of[i], v)
		if len(w.faults) == len(before.faults) {
			return
		}
	}
}

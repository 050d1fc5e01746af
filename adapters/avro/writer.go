package avro

import (
	"errors"
	"fmt"

	"github.com/linkedin/goavro/v2"
	twmb "github.com/twmb/avro"

	"inventory/ports"
	"inventory/schemas"
)

// mostSchemaBytes is the most that a schema's text may have.
const mostSchemaBytes = 256 << 10

// input is a topic of order events: the schema that they are read by.
type input struct {
	subject  string
	reader   *twmb.Schema
	root     *twmb.SchemaNode
	read     func(*record) ports.OrderEvent
	verdicts verdicts // by schema id
}

func newInput(s schemas.AvroSubject, prefix string, read func(*record) ports.OrderEvent) (*input, error) {
	version, text := s.Newest()
	reader, err := twmb.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("avro: our own schema of %s, version %d: %w", s.Topic, version, err)
	}
	return &input{subject: s.Name(prefix), reader: reader, root: reader.Root(), read: read}, nil
}

// writer is a schema that events of a topic were written with and can be read by.
type writer struct {
	shape *shape
	codec *goavro.Codec
	read  func(*record) ports.OrderEvent
}

// newWriter prepares reading what was written with a schema, or says (as
// ports.ErrIncompatibleSchema) why that can't be read as the topic's event.
func (in *input) newWriter(text string) (w *writer, err error) {
	defer func() {
		if p := recover(); p != nil {
			w, err = nil, fmt.Errorf("%w: it can't be parsed: %v", ports.ErrIncompatibleSchema, p)
		}
		if err != nil && !errors.Is(err, ports.ErrIncompatibleSchema) {
			err = fmt.Errorf("%w: %w", ports.ErrIncompatibleSchema, err)
		}
	}()
	written, err := parseSchema(text)
	if err != nil {
		return nil, err
	}
	if err := in.resolve(written); err != nil {
		return nil, err
	}
	if w, err = in.compile(written); err != nil {
		return nil, err
	}
	w.shape.noteTimesOf(in.root)
	return w, nil
}

// parseSchema reads a schema that came from a registry.
func parseSchema(text string) (*twmb.Schema, error) {
	if len(text) > mostSchemaBytes {
		return nil, fmt.Errorf("it has %d bytes: at most %d are read", len(text), mostSchemaBytes)
	}
	if err := schemas.CheckBounds(text); err != nil {
		return nil, err
	}
	schema, err := twmb.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("it is no Avro schema: %w", err)
	}
	return schema, nil
}

// resolve checks that each value of the written schema is one of the reader's, by the rules
// of Avro's schema resolution, and that times are of one unit, which those rules leave open.
func (in *input) resolve(written *twmb.Schema) error {
	var c *twmb.CompatibilityError
	err := twmb.CheckCompatibility(written, in.reader)
	switch {
	case errors.As(err, &c) && c.WriterType == "":
		return fmt.Errorf("field %s: %s (expected %s)", c.Path, c.Detail, c.ReaderType)
	case errors.As(err, &c):
		return fmt.Errorf("field %s: %s: expected %s, found %s", c.Path, c.Detail, c.ReaderType, c.WriterType)
	case err != nil:
		return err
	}
	return sameTimes(written.Root(), in.root)
}

// sameTimes refuses a time in another unit than the reader's; a plain long is taken as of
// the reader's.
func sameTimes(written, reader *twmb.SchemaNode) error {
	units := make(map[string]string)
	for _, f := range written.Fields {
		units[f.Name] = logicalType(&f.Type)
	}
	for _, f := range reader.Fields {
		expected, found := logicalType(&f.Type), units[f.Name]
		if expected != "" && found != "" && expected != found {
			return fmt.Errorf("field %s: expected %s, found %s", f.Name, expected, found)
		}
	}
	return nil
}

// logicalType is a type's, or that of a union's branch.
func logicalType(n *twmb.SchemaNode) string {
	for i := range n.Branches {
		if t := n.Branches[i].LogicalType; t != "" {
			return t
		}
	}
	return n.LogicalType
}

// compile uses the canonical form, which has what is on the wire and nothing else: no
// defaults, and no logical types, which goavro would make other values of, at their cost.
func (in *input) compile(written *twmb.Schema) (*writer, error) {
	canonical := written.Canonical()
	s, err := newShape(canonical)
	if err != nil {
		return nil, err
	}
	codec, err := goavro.NewCodec(string(canonical))
	if err != nil {
		return nil, err
	}
	s.noteTimes(written.Root())
	return &writer{shape: s, codec: codec, read: in.read}, nil
}

// decode reads a datum: ports.ErrUnreadable where it is not what the schema says.
func (w *writer) decode(datum []byte) (event ports.OrderEvent, err error) {
	if err := w.shape.check(datum); err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	defer func() {
		if p := recover(); p != nil {
			event, err = nil, fmt.Errorf("%w: %v", ports.ErrUnreadable, p)
		}
	}()
	native, rest, err := w.codec.NativeFromBinary(datum)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, err)
	}
	r := newRecord(native)
	event = w.read(r)
	switch {
	case len(rest) > 0:
		return nil, fmt.Errorf("%w: %d bytes are left after the event", ports.ErrUnreadable, len(rest))
	case r.err != nil:
		return nil, fmt.Errorf("%w: %w", ports.ErrUnreadable, r.err)
	}
	return event, nil
}

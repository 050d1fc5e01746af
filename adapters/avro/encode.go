package avro

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"unicode/utf8"

	"github.com/linkedin/goavro/v2"
	twmb "github.com/twmb/avro"

	"inventory/ports"
	"inventory/schemas"
)

// output is a topic of public events: the schema that they are written with.
type output struct {
	subject   string
	text      string
	canonical []byte
	codec     *goavro.Codec
	id        atomic.Uint32 // 0: not known
	foreign   bool          // others write it: readiness does not hang on it
}

func newOutput(s schemas.AvroSubject, prefix string, kept *kept) (*output, error) {
	version, text := s.Newest()
	schema, err := twmb.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("avro: our own schema of %s, version %d: %w", s.Topic, version, err)
	}
	out := &output{subject: s.Name(prefix), text: text, canonical: schema.Canonical()}
	if out.codec, err = goavro.NewCodec(string(out.canonical)); err != nil {
		return nil, fmt.Errorf("avro: our own schema of %s, version %d: %w", s.Topic, version, err)
	}
	out.id.Store(kept.idOf(out.subject, text))
	return out, nil
}

// Encode implements ports.PublicEventEncoder.
func (c *Codec) Encode(ctx context.Context, e ports.PublicEvent) ([]byte, error) {
	out, native := c.outputs[e.Topic()], nativeOf(e)
	if out == nil || native == nil {
		return nil, fmt.Errorf("%w: %T on %q is no event that there is a schema for", ports.ErrPermanent, e, e.Topic())
	}
	value, err := out.encode(native)
	if err == nil && len(value) > c.maxBytes {
		err = fmt.Errorf("%d bytes: at most %d are written", len(value), c.maxBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: event %s of %s: %w", ports.ErrPermanent, e.Header().ID, e.Topic(), err)
	}
	id, err := c.idOf(ctx, out)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint32(value[1:headerBytes], id)
	return value, nil
}

// usualBytes is room for most events.
const usualBytes = 384

// encode gives the value with an id of 0.
func (out *output) encode(native map[string]any) (value []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			value, err = nil, fmt.Errorf("%v", p)
		}
	}()
	if field := notText(native); field != "" {
		return nil, fmt.Errorf("%s is not UTF-8", field)
	}
	return out.codec.BinaryFromNative(make([]byte, headerBytes, usualBytes), native)
}

// notText names a field that no reader could take for text: goavro writes any bytes.
func notText(v any) string {
	switch v := v.(type) {
	case map[string]any:
		for field, inner := range v {
			if s, ok := inner.(string); ok && !utf8.ValidString(s) {
				return field
			}
			if found := notText(inner); found != "" {
				return field + "." + found
			}
		}
	case []any:
		for _, item := range v {
			if found := notText(item); found != "" {
				return found
			}
		}
	}
	return ""
}

// idOf gives the id of a topic's schema, which never changes once it is known.
func (c *Codec) idOf(ctx context.Context, out *output) (uint32, error) {
	if id := out.id.Load(); id != 0 {
		return id, nil
	}
	return c.writing.do(ctx, out.subject, func() (uint32, error) {
		if id := out.id.Load(); id != 0 {
			return id, nil
		}
		id, err := c.askID(ctx, out)
		if err != nil {
			return 0, err
		}
		c.kept.add(out.subject, id, out.text)
		out.id.Store(uint32(id))
		return uint32(id), nil
	})
}

// askID asks the registry for the id, and whether it means the schema: all that is published
// rests on it.
func (c *Codec) askID(ctx context.Context, out *output) (int, error) {
	id, err := c.registry.IDOf(ctx, out.subject, out.text)
	if errors.Is(err, ports.ErrUnknownSchema) {
		c.health.answered()
		err = fmt.Errorf("%w: the registry does not have our schema of %s: register it: inventory schemas register (%s)", ports.ErrTransient, out.subject, err.Error())
		if !out.foreign {
			c.health.lacks(out.subject, err)
		}
		return 0, err
	}
	if err := c.note(ctx, err); err != nil {
		return 0, err
	}
	if err := means(ctx, c.registry, out.subject, id, out.canonical); err != nil {
		return 0, c.note(ctx, err)
	}
	c.health.answered()
	c.health.lacks(out.subject, nil)
	return id, nil
}

// means checks that an id is of the schema that the registry said it is of.
func means(ctx context.Context, registry ports.SchemaRegistry, subject string, id int, canonical []byte) error {
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("%w: the registry gave our schema of %s the id %d: ids are 1 to %d", ports.ErrTransient, subject, id, math.MaxInt32)
	}
	text, err := registry.ByID(ctx, subject, id)
	if errors.Is(err, ports.ErrUnknownSchema) || errors.Is(err, ports.ErrIncompatibleSchema) {
		return fmt.Errorf("%w: the registry gave our schema of %s the id %d, and then: %s", ports.ErrTransient, subject, id, err.Error())
	}
	if err != nil {
		return err
	}
	schema, err := parseSchema(text)
	if err != nil || !bytes.Equal(schema.Canonical(), canonical) {
		return fmt.Errorf("%w: the registry gave our schema of %s the id %d, which is of another schema: check the registry", ports.ErrTransient, subject, id)
	}
	return nil
}

// Warm asks for the ids of all schemas that events are written with and that are not known
// yet, so that Ready tells before the first event whether they can be. The errors are
// Encode's.
func (c *Codec) Warm(ctx context.Context) error {
	var errs []error
	for _, topic := range ports.PublicEventTopics() {
		if _, err := c.idOf(ctx, c.outputs[topic]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

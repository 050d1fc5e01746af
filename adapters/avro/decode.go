package avro

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"sync"
	"sync/atomic"

	"inventory/ports"
)

// reference names a schema that a record was written with.
type reference struct {
	subject string
	id      int
}

// verdict is what is known of a reference for good: a writer, or why there is none.
type verdict struct {
	writer *writer
	err    error
}

// verdicts are read with every record and added to once a schema.
type verdicts struct {
	mu  sync.Mutex
	now atomic.Pointer[map[int]verdict]
}

func (v *verdicts) of(id int) (verdict, bool) {
	known := v.now.Load()
	if known == nil {
		return verdict{}, false
	}
	found, ok := (*known)[id]
	return found, ok
}

func (v *verdicts) add(id int, found verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	next := make(map[int]verdict)
	if known := v.now.Load(); known != nil {
		maps.Copy(next, *known)
	}
	next[id] = found
	v.now.Store(&next)
}

// Decode implements ports.OrderEventDecoder.
func (c *Codec) Decode(ctx context.Context, topic string, value []byte) (ports.OrderEvent, error) {
	r, err := c.open(ctx, topic, value)
	if err != nil {
		return nil, err
	}
	return r.event()
}

// opened is the value of a record, and what reads it.
type opened struct {
	*writer
	id      int
	subject string
	datum   []byte
}

func (c *Codec) open(ctx context.Context, topic string, value []byte) (opened, error) {
	in, ok := c.inputs[topic]
	if !ok {
		return opened{}, fmt.Errorf("%w: order events come on %q, not on %q", ports.ErrUnreadable, ports.OrderEventTopics(), topic)
	}
	id, datum, err := splitValue(value, c.maxBytes)
	if err != nil {
		return opened{}, err
	}
	w, err := c.writer(ctx, in, id)
	return opened{w, id, in.subject, datum}, err
}

func (o opened) event() (ports.OrderEvent, error) {
	event, err := o.decode(o.datum)
	if err != nil {
		return nil, fmt.Errorf("schema %d of %s: %w", o.id, o.subject, err)
	}
	return event, nil
}

// writer gives what reads the records of a schema.
func (c *Codec) writer(ctx context.Context, in *input, id int) (*writer, error) {
	if known, ok := in.verdicts.of(id); ok {
		return known.writer, known.err
	}
	if id < 1 || id > math.MaxInt32 {
		return nil, fmt.Errorf("%w: %d: ids are 1 to %d", ports.ErrUnknownSchema, id, math.MaxInt32)
	}
	if text, ok := c.kept.text(in.subject, id); ok {
		return c.judge(in, id, text)
	}
	return c.reading.do(ctx, reference{in.subject, id}, func() (*writer, error) {
		// Somebody may have asked between the look and the question.
		if known, ok := in.verdicts.of(id); ok {
			return known.writer, known.err
		}
		text, err := c.ask(ctx, in.subject, id)
		if err != nil {
			return nil, err
		}
		c.kept.add(in.subject, id, text)
		return c.judge(in, id, text)
	})
}

// judge settles for good what is to be thought of a schema.
func (c *Codec) judge(in *input, id int, text string) (*writer, error) {
	w, err := in.newWriter(text)
	if err != nil {
		err = fmt.Errorf("schema %d of %s: %w", id, in.subject, err)
	}
	in.verdicts.add(id, verdict{w, err})
	return w, err
}

// ask asks the registry for a schema, and notes how it fares.
func (c *Codec) ask(ctx context.Context, subject string, id int) (string, error) {
	text, err := c.registry.ByID(ctx, subject, id)
	return text, c.note(ctx, err)
}

// note notes how the registry fares, and makes errors of none of its classes one of a
// registry that can't be asked.
func (c *Codec) note(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, ports.ErrUnknownSchema), errors.Is(err, ports.ErrIncompatibleSchema):
		c.health.answered()
		return err
	case ctx.Err() != nil:
		return err // the caller went; the registry is not to blame
	case !errors.Is(err, ports.ErrTransient):
		err = fmt.Errorf("%w: %w", ports.ErrTransient, err)
	}
	c.health.failed(err)
	return err
}

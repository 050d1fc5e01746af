package avro

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	twmb "github.com/twmb/avro"

	"inventory/ports"
	"inventory/schemas"
)

// Register gives the registry every version of every schema of this program, oldest first,
// for topics with a prefix, and tells log of each what its id is. It may be called again: ids
// stay. It ends at the first failure other than a refusal; the error has all that was
// refused (ports.ErrIncompatibleSchema). What came before a failure is registered.
func Register(ctx context.Context, registry ports.SchemaRegistry, prefix string, log func(string)) error {
	var refused []error
	for _, topic := range slices.Sorted(maps.Keys(schemas.Avro())) {
		err := registerSubject(ctx, registry, schemas.Avro()[topic], prefix, log)
		if err != nil && !errors.Is(err, ports.ErrIncompatibleSchema) {
			return errors.Join(append(refused, err)...)
		}
		if err != nil {
			refused = append(refused, err)
		}
	}
	return errors.Join(refused...)
}

// registerSubject ends at a refusal: later versions rest on the earlier ones.
func registerSubject(ctx context.Context, registry ports.SchemaRegistry, s schemas.AvroSubject, prefix string, log func(string)) error {
	subject := s.Name(prefix)
	for i, text := range s.Versions {
		schema, err := twmb.Parse(text)
		if err != nil {
			return fmt.Errorf("avro: our own schema of %s, version %d: %w", s.Topic, i+1, err)
		}
		id, err := registry.Register(ctx, subject, text)
		if err != nil {
			return fmt.Errorf("%s, version %d: %w", subject, i+1, err)
		}
		if err := means(ctx, registry, subject, id, schema.Canonical()); err != nil {
			return fmt.Errorf("%s, version %d: %w", subject, i+1, err)
		}
		log(fmt.Sprintf("%s, version %d: id %d", subject, i+1, id))
	}
	return nil
}

package contract

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"inventory/domain/contract"
	"inventory/ports"
)

// most is how many subjects a registry is asked for at once.
const most = 4

// Fetch gives all versions of some subjects of a registry, by subject; none of one that it has not got. It ends at the first
// failure.
func Fetch(ctx context.Context, r ports.SchemaHistory, subjects []string) (map[string][]ports.RegisteredSchema, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make([][]ports.RegisteredSchema, len(subjects))
	failed := make([]error, len(subjects))
	places := make(chan struct{}, most)
	var all sync.WaitGroup
	for i, subject := range subjects {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if found[i], failed[i] = history(ctx, r, subject); failed[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	if err := first(failed); err != nil {
		return nil, err
	}
	bySubject := make(map[string][]ports.RegisteredSchema, len(subjects))
	for i, subject := range subjects {
		bySubject[subject] = found[i]
	}
	return bySubject, nil
}

// first prefers what made the others end.
func first(failed []error) error {
	var ended error
	for _, err := range failed {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			ended = err
		}
	}
	return ended
}

func history(ctx context.Context, r ports.SchemaHistory, subject string) ([]ports.RegisteredSchema, error) {
	versions, err := r.Versions(ctx, subject)
	if err != nil {
		return nil, err
	}
	var all []ports.RegisteredSchema
	for _, v := range versions {
		s, err := r.Version(ctx, subject, v)
		if errors.Is(err, ports.ErrUnknownSchema) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// maxReferences bounds how long a chain of references is followed.
const maxReferences = 20

// reader parses what a registry has, with the schemas that it refers to.
type reader struct {
	registry ports.SchemaHistory
	kept     map[ports.SchemaReference]ports.RegisteredSchema
}

func newReader(r ports.SchemaHistory) *reader {
	return &reader{r, map[ports.SchemaReference]ports.RegisteredSchema{}}
}

// parse gives the schema, or why it is none. The error is of the registry that can't be asked.
func (r *reader) parse(ctx context.Context, s ports.RegisteredSchema) (schema *contract.Schema, invalid, err error) {
	if s.Type != ports.SchemaTypeAvro {
		return nil, fmt.Errorf("it is of type %s", s.Type), nil
	}
	types := map[string]*contract.Schema{}
	if invalid, err = r.refer(ctx, s, types, 0); invalid != nil || err != nil {
		return nil, invalid, err
	}
	schema, invalid = contract.Parse(sourceOf(s, types))
	return schema, invalid, nil
}

func sourceOf(s ports.RegisteredSchema, types map[string]*contract.Schema) contract.Source {
	return contract.Source{Text: s.Text, Known: func(name string) *contract.Schema { return types[name] }}
}

// refer collects the types that a schema may name.
func (r *reader) refer(ctx context.Context, s ports.RegisteredSchema, types map[string]*contract.Schema, depth int) (invalid, err error) {
	if depth > maxReferences {
		return fmt.Errorf("its references are more than %d deep", maxReferences), nil
	}
	for _, ref := range s.References {
		other, err := r.version(ctx, ref)
		if errors.Is(err, ports.ErrUnknownSchema) {
			return fmt.Errorf("it refers to version %d of %s, which the registry has not got", ref.Version, ref.Subject), nil
		}
		if err != nil {
			return nil, err
		}
		if invalid, err := r.refer(ctx, other, types, depth+1); invalid != nil || err != nil {
			return invalid, err
		}
		_, defined, invalid := contract.ParseTypes(sourceOf(other, types))
		if invalid != nil {
			return fmt.Errorf("it refers to version %d of %s: %w", ref.Version, ref.Subject, invalid), nil
		}
		for name, t := range defined {
			if types[name] == nil {
				types[name] = t
			}
		}
	}
	return nil, nil
}

func (r *reader) version(ctx context.Context, ref ports.SchemaReference) (ports.RegisteredSchema, error) {
	if s, ok := r.kept[ref]; ok {
		return s, nil
	}
	s, err := r.registry.Version(ctx, ref.Subject, ref.Version)
	if err == nil {
		r.kept[ref] = s
	}
	return s, err
}

// identities keep what schemas' texts are identified by.
type identities map[string]string

// of is equal for texts of one schema. A text that isn't JSON is only itself.
func (m identities) of(text string) string {
	id, ok := m[text]
	if !ok {
		var err error
		if id, err = contract.Identity(text); err != nil {
			id = text
		}
		m[text] = id
	}
	return id
}

// schema tells whether two texts are of one.
func (m identities) schema(a, b string) bool { return a == b || m.of(a) == m.of(b) }

// numberIn finds a schema among a subject's files: 0 if it is not there.
func (m identities) numberIn(t Tree, s *subject, text string) int {
	for _, v := range s.versions {
		if m.schema(t[s.path(v)], text) {
			return v
		}
	}
	if s.file != "" && m.schema(t[s.file], text) {
		return inFile
	}
	return 0
}

package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/riferrei/srclient"

	"inventory/ports"
)

// ByID implements ports.SchemaRegistry. The schema is whole and of Avro; the registry has
// said that it belongs to the subject, be it deleted there.
func (c *Client) ByID(ctx context.Context, subject string, id int) (string, error) {
	what := fmt.Sprintf("schema %d of %s", id, subject)
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	client := c.ask(within)
	schema, err := client.GetSchema(id)
	if err != nil {
		return "", c.explain(ctx, what, err)
	}
	// The subject first: what another subject's schema is made of is not this one's trouble.
	if err := c.belongs(client, subject, id); err != nil {
		return "", c.explain(ctx, what, err)
	}
	if err := checkSchema(schema); err != nil {
		return "", c.explain(ctx, what, err)
	}
	return schema.Schema(), nil
}

// errOtherSubject is of an id that the registry has, for others.
var errOtherSubject = errors.New("not a schema of the subject")

// belongs asks whether an id is one of a subject's.
func (c *Client) belongs(client *srclient.SchemaRegistryClient, subject string, id int) error {
	pairs, err := client.GetSubjectVersionsById(id)
	if r, ok := refusalOf(err); ok && r.noRoute() {
		return listed(client, subject, id)
	}
	if err != nil {
		return err
	}
	var others []string
	for _, p := range pairs {
		if p.Subject == subject {
			return nil
		}
		others = append(others, p.Subject)
	}
	return fmt.Errorf("%w: it is of %.300q", errOtherSubject, slices.Compact(others))
}

// mostVersions is how many of a subject's versions, the newest, are looked through for an
// id, where the registry can't be asked for the id.
const mostVersions = 100

// listed looks for an id in the subject's versions, newest first.
func listed(client *srclient.SchemaRegistryClient, subject string, id int) error {
	versions, err := client.GetSchemaVersions(subject)
	if err != nil {
		return err
	}
	slices.Sort(versions)
	slices.Reverse(versions)
	versions = versions[:min(len(versions), mostVersions)]
	for _, v := range versions {
		schema, err := client.GetSchemaByVersion(subject, v)
		if r, ok := refusalOf(err); ok && r.unknown() {
			continue // deleted
		}
		if err != nil {
			return err
		}
		if schema.ID() == id {
			return nil
		}
	}
	return fmt.Errorf("%w: none of its newest %d versions has the id", errOtherSubject, len(versions))
}

// errNonsense is of an answer in the registry's form that says nothing usable.
var errNonsense = errors.New("the registry's answer makes no sense")

// checkSchema refuses what is no Avro schema that can be read by itself.
func checkSchema(s *srclient.Schema) error {
	switch t := s.SchemaType(); {
	case t != nil && *t != "" && *t != srclient.Avro:
		return fmt.Errorf("%w: it is of type %.40q: expected AVRO", errNonsense, *t)
	case len(s.References()) > 0:
		return fmt.Errorf("%w: it refers to %d other schemas: expected one that is whole by itself", errNonsense, len(s.References()))
	case !json.Valid([]byte(s.Schema())):
		return fmt.Errorf("%w: expected an Avro schema, found %.60q", errNonsense, s.Schema())
	}
	return nil
}

// IDOf implements ports.SchemaRegistry. How the schema's text is spaced does not matter.
func (c *Client) IDOf(ctx context.Context, subject, schema string) (int, error) {
	what := "id of the schema of " + subject
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	found, err := c.ask(within).LookupSchema(subject, schema, srclient.Avro)
	if err != nil {
		return 0, settle(c.explain(ctx, what, err), ports.ErrUnknownSchema)
	}
	if err := checkID(found.ID()); err != nil {
		return 0, settle(c.explain(ctx, what, err), ports.ErrUnknownSchema)
	}
	return found.ID(), nil
}

// Register implements ports.SchemaRegistry.
func (c *Client) Register(ctx context.Context, subject, schema string) (int, error) {
	what := "registering a schema of " + subject
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	id, err := register(c.ask(within), subject, schema)
	if r, ok := refusalOf(err); ok && r.rejects() {
		return 0, fmt.Errorf("%s: %w: %w", what, ports.ErrIncompatibleSchema, r)
	}
	if err != nil {
		return 0, settle(c.explain(ctx, what, err))
	}
	return id, nil
}

// register sets the mode first, since it is what the schema is to be checked by; a registry
// that keeps no mode for a subject without schemas gets it after the first one.
func register(client *srclient.SchemaRegistryClient, subject, schema string) (int, error) {
	err := setMode(client, subject)
	r, ok := refusalOf(err)
	later := ok && r.unknown()
	if err != nil && !later {
		return 0, err
	}
	created, err := client.CreateSchema(subject, schema, srclient.Avro)
	if err != nil {
		return 0, err
	}
	if later {
		if err := setMode(client, subject); err != nil {
			return 0, err
		}
	}
	return created.ID(), checkID(created.ID())
}

// setMode makes sure of the mode: Confluent's registry repeats what was set, Apicurio says it
// in a form that srclient does not read and is asked again.
func setMode(client *srclient.SchemaRegistryClient, subject string) error {
	mode, err := client.ChangeSubjectCompatibilityLevel(subject, srclient.FullTransitive)
	if err == nil && *mode == "" {
		mode, err = client.GetCompatibilityLevel(subject, false)
	}
	if err == nil && *mode != srclient.FullTransitive {
		return fmt.Errorf("%w: asked for the compatibility %s, it has %.40q", errNonsense, srclient.FullTransitive, *mode)
	}
	return err
}

// checkID refuses what is no id: they are 1 to 2³¹-1.
func checkID(id int) error {
	if id < 1 || id > 1<<31-1 {
		return fmt.Errorf("%w: its id is %d", errNonsense, id)
	}
	return nil
}

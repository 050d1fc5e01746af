package ports

import "context"

// SchemaTypeAvro is what registries call Avro's schemas.
const SchemaTypeAvro = "AVRO"

// RegisteredSchema is a version of a subject, as a registry has it.
type RegisteredSchema struct {
	Subject    string
	Version    int    // from 1; numbers of deleted versions are missing
	ID         int    // in the registry
	Type       string // SchemaTypeAvro, or what it is instead
	Text       string
	References []SchemaReference // other schemas whose types it names
}

// SchemaReference is a version of a subject that a schema names types of.
type SchemaReference struct {
	Subject string
	Version int
}

// SchemaHistory tells what a registry has. No method changes anything. Each fails with ErrTransient
// where the registry can't be asked, or its answer makes no sense.
type SchemaHistory interface {
	// Subjects returns the names of all subjects that have versions, in order.
	Subjects(ctx context.Context) ([]string, error)
	// Versions returns the numbers of a subject's versions that are not deleted, in order; none
	// where there is no such subject.
	Versions(ctx context.Context, subject string) ([]int, error)
	// Version returns one of them. ErrUnknownSchema where the subject has not got it.
	Version(ctx context.Context, subject string, version int) (RegisteredSchema, error)
}

// SchemaRules tells what a registry would say to a new schema. No method changes anything. Each
// fails with ErrTransient where the registry can't be asked, or its answer makes no sense.
type SchemaRules interface {
	// Level returns the compatibility that new versions of a subject are checked for, the
	// registry's default where the subject has none of its own: BACKWARD, FULL_TRANSITIVE, NONE.
	Level(ctx context.Context, subject string) (string, error)
	// Refusals asks the registry's own checker whether it would take a schema as the next version,
	// and returns why not, in its words; none: it would. ErrIncompatibleSchema where it is no
	// schema to the registry.
	Refusals(ctx context.Context, subject, schema string) ([]string, error)
}

package contract

// RuleText is a rule and what it means.
type RuleText struct {
	Rule  Rule
	Means string
}

// Rules gives all rules, for tools that list them.
func Rules() []RuleText {
	return []RuleText{
		{NameMismatch, "A named type has another name, and no alias of the reader's is it."},
		{FixedSizeMismatch, "A fixed has another size."},
		{MissingEnumSymbols, "A writer's enum has symbols that the reader's has not, and that has no default."},
		{ReaderFieldMissingDefaultValue, "A reader's field has no default, and the writer does not write it."},
		{TypeMismatch, "A type is another, and there is no promotion from the writer's to the reader's."},
		{MissingUnionBranch, "A writer's type fits none of the reader's union."},
		{AmbiguousAlias, "A reader's field may be several of the writer's, by its name and aliases."},
		{InvalidSchema, "A file is no valid Avro schema."},
		{PublishedChanged, "A published version is not what it was."},
		{PublishedRemoved, "A published version is gone."},
		{Layout, "A file can't be told to be which version of which subject."},
		{EnumWithoutDefault, "An enum has no default, so that its symbols can never change."},
		{DefaultChanged, "A default is not what it was: readers see different values in one message."},
		{DefaultOfLaterType, "A default is not of the first type of its union: older libraries refuse it."},
		{UnitChanged, "The doc of a field names another unit than it did."},
		{FieldRenamed, "A field went, and one of its type came in its place, without an alias."},
		{KeyFieldMoved, "A field of the messages' key moved, went, or may be null."},
		{LogicalTypeChanged, "The same bytes mean something else."},
		{SubjectRemoved, "A subject is gone."},
		{ConsumerFieldGone, "A field is gone that a consumer reads."},
		{ConsumerFieldUnknown, "A consumer's file names a field that no version has."},
		{ConsumerSubjectUnknown, "A consumer's file names a subject that is not there."},
		{RegistryWeaker, "The registry lets versions pass that break."},
	}
}

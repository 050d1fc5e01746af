package contract

import (
	"fmt"
	"slices"
	"strings"
)

// Rules of what is wrong with files rather than with a pair of schemas.
const (
	InvalidSchema    Rule = "INVALID_SCHEMA"    // not a schema at all
	PublishedChanged Rule = "PUBLISHED_CHANGED" // a published version is no longer what it was
	PublishedRemoved Rule = "PUBLISHED_REMOVED" // a published version is gone
	Layout           Rule = "LAYOUT"            // files that can't be told to be which version
)

// Rules of what Avro allows and people regret.
const (
	EnumWithoutDefault Rule = "ENUM_WITHOUT_DEFAULT"
	DefaultChanged     Rule = "DEFAULT_CHANGED"
	DefaultOfLaterType Rule = "DEFAULT_OF_LATER_BRANCH"
	UnitChanged        Rule = "UNIT_CHANGED"
	FieldRenamed       Rule = "FIELD_RENAMED"
	KeyFieldMoved      Rule = "KEY_FIELD_MOVED"
	LogicalTypeChanged Rule = "LOGICAL_TYPE_CHANGED"
	SubjectRemoved     Rule = "SUBJECT_REMOVED"
)

// Rules of what consumers say that they read.
const (
	ConsumerFieldGone      Rule = "CONSUMER_FIELD_GONE"
	ConsumerFieldUnknown   Rule = "CONSUMER_FIELD_UNKNOWN"
	ConsumerSubjectUnknown Rule = "CONSUMER_SUBJECT_UNKNOWN"
)

// Severity tells a break from a warning.
type Severity uint8

// The severities.
const (
	Error Severity = iota + 1
	Warning
)

func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Finding is something that people should know of a subject.
type Finding struct {
	Severity Severity
	Rule     Rule
	Subject  string
	Version  string // that it is told of: the newer one
	File     string
	Line     int    // from 1; 0: of the file as a whole
	Path     string // of the field: items[].quantity; "" is the schema itself
	// Readers can't read what Writers wrote; of two versions both have one. Neither for what is no matter of a pair.
	Readers, Writers []string
	Consumers        []string // who read what it is about
	Message          string
	Fix              string
}

// breakFinding is a fault of a new version with earlier ones, which all have it in the same way.
type breakFinding struct {
	Finding
	why     string
	earlier []string
	reads   bool // the new version is the reader
}

// gather adds a fault to what is found, or one more earlier version to what is found already.
func gather(found []breakFinding, b breakFinding, earlier string) []breakFinding {
	i := slices.IndexFunc(found, func(f breakFinding) bool {
		return f.Rule == b.Rule && f.Path == b.Path && f.why == b.why && f.reads == b.reads && f.Fix == b.Fix
	})
	if i < 0 {
		found = append(found, b)
		i = len(found) - 1
	}
	found[i].earlier = append(found[i].earlier, earlier)
	return found
}

// finish words the finding, once all earlier versions are known.
func (b breakFinding) finish() Finding {
	f := b.Finding
	if b.reads {
		f.Readers, f.Writers = []string{b.Version}, b.earlier
		f.Message = fmt.Sprintf("%s cannot read what %s wrote: %s", b.Version, list(b.earlier), b.why)
	} else {
		f.Readers, f.Writers = b.earlier, []string{b.Version}
		f.Message = fmt.Sprintf("%s cannot read what %s writes: %s", list(b.earlier), b.Version, b.why)
	}
	return f
}

// list names versions: versions 1, 2 and 3.
func list(versions []string) string {
	if len(versions) == 1 {
		return versions[0]
	}
	last := len(versions) - 1
	text := strings.Join(versions[:last], ", ") + " and " + versions[last]
	if strings.Count(text, versionPrefix) == len(versions) {
		text = "versions " + strings.ReplaceAll(text, versionPrefix, "")
	}
	return text
}

const versionPrefix = "version "

// VersionName is how a version of that number is called in findings.
func VersionName(number int) string { return fmt.Sprintf("%s%d", versionPrefix, number) }
